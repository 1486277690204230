"""The compression stage: model.ply in, scene.sog and report.json out (docs/container-contract.md)."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import faiss
import numpy as np
import PIL
from spaceport_common.errors import StageError
from spaceport_common.opening_view import PhotoCamera, Pose, chosen_pose, opening_pose, read_cameras
from spaceport_common.paths import processing_input, processing_output, processing_scratch
from spaceport_common.progress import progress
from spaceport_common.report import Recorder, Verdict, rejected
from spaceport_common.settings import load_settings
from spaceport_common.sog.encoder import SceneEncoder
from spaceport_common.sog.gaussians import Gaussians
from spaceport_common.sog.palette import SH3_PLY_BYTES
from spaceport_common.whole_file import whole_file

from .deliverables import Formats, Scene, write_formats
from .formats.ply import read_header, read_ply
from .formats.splat_transform import decoder_command
from .georeferenced.place import read_place
from .memory import check_memory
from .rate import Choice, chosen_encoding
from .report import CompressionInputs, CompressionMetrics, CompressionReport, FileSize, View
from .settings import CompressionSettings
from .sfm_facts import read_attribution
from .verification.delivery import Delivery, check_delivery
from .verification.pictures import Pictures, compared_views

SCENE = "scene.sog"
OPENING_VIEW = "opening-view.jpg"
PICTURE_QUALITY = 90


def main() -> None:
    """Runs the stage in SageMaker's folders. Raises StageError where there is no usable output."""
    settings = load_settings(CompressionSettings, processing_input("config"))
    decoder_command()  # a deployment without one is found before the work
    model = processing_input("model") / "model.ply"
    recorder = Recorder()
    with recorder.phase("read"):
        progress("read", 0, 1)
        header = read_header(model)
        check_memory(header.count, len(header.names))
        gaussians = read_ply(model)
        ply_bytes = model.stat().st_size
        progress("read", 1, 1)
    inputs = CompressionInputs(gaussians=len(gaussians), sh_bands=gaussians.sh_bands, ply_bytes=ply_bytes)
    cameras = read_cameras(model.with_name("cameras.json"))
    opening = chosen_pose(model.with_name("report.json"))
    gaussians, choice = _encode(gaussians.with_bands(settings.sh_bands), settings, cameras, opening, recorder)
    encoded = choice.encoded
    delivery = check_delivery(gaussians, encoded.data, cameras, processing_scratch(), recorder, opening)
    size = len(encoded.data)
    ratio_sh3 = SH3_PLY_BYTES * len(gaussians) / size
    verdict = _verdict(delivery, ratio_sh3, settings.min_ratio)
    output = processing_output()
    formats = Formats()
    if verdict.ok:
        facts = processing_input("config")
        place, attribution = read_place(facts), read_attribution(facts)
        scene = Scene(gaussians, encoded.data, opening or opening_pose(cameras), cameras, place, attribution)
        formats = write_formats(scene, settings, output, processing_scratch(), _phase(recorder))
    metrics = CompressionMetrics(
        gaussians=len(gaussians),
        sh_bands=gaussians.sh_bands,
        palette_entries=encoded.palette_entries,
        bytes=size,
        ply_bytes=ply_bytes,
        ratio=ply_bytes / size,
        ratio_sh3=ratio_sh3,
        given_up=choice.given_up,
        below_target=choice.below_target,
        files=[FileSize(name=name, bytes=count) for name, count in encoded.files.items()],
        also=formats.files or None,
        streamed=formats.streamed,
        warnings=formats.warnings or None,
        left_out=formats.left_out or None,
        map=formats.map,
        max_errors=delivery.errors,
        **_seen(delivery.pictures),
    )
    if delivery.readable:
        with whole_file(output / SCENE) as file:
            file.write(encoded.data)
    if delivery.pictures:
        with whole_file(output / OPENING_VIEW) as file:
            delivery.pictures.beside.save(file, "JPEG", quality=PICTURE_QUALITY)
    CompressionReport(
        stage="compression",
        options=settings,
        inputs=inputs,
        metrics=metrics,
        verdict=verdict,
        **recorder.facts(numpy=np.__version__, faiss=faiss.__version__, pillow=PIL.__version__, sog="2"),
    ).write(output)


def _phase(recorder: Recorder) -> Callable[[str], AbstractContextManager[Any]]:
    """A phase that is measured, and shown as one step of progress."""

    @contextmanager
    def phase(name: str) -> Iterator[None]:
        with recorder.phase(name):
            progress(name, 0, 1)
            yield
            progress(name, 1, 1)

    return phase


def _verdict(delivery: Delivery, ratio_sh3: float, min_ratio: float) -> Verdict:
    if delivery.verdict.ok and ratio_sh3 < min_ratio:
        return rejected("SOG_TOO_LARGE", f"compressed {ratio_sh3:.2f} times, at least {min_ratio:g} is asked")
    return delivery.verdict


def _seen(pictures: Pictures | None) -> dict[str, Any]:
    """The metrics of the drawn views; they are left out where nothing was drawn."""
    if pictures is None:
        return {}
    views = [View(name=view.name, psnr=round(view.psnr, 3), covered=round(view.covered, 4)) for view in pictures.views]
    return {"decoded_psnr": pictures.psnr, "covered_share": pictures.covered, "views": views}


def _encode(
    gaussians: Gaussians,
    settings: CompressionSettings,
    cameras: list[PhotoCamera],
    opening: Pose | None,
    recorder: Recorder,
) -> tuple[Gaussians, Choice]:
    """The model as the file holds it, in its order, and the file."""
    try:
        encoder = SceneEncoder(gaussians, seed=settings.seed, phase=recorder.phase, progress=progress)
        choice = chosen_encoding(encoder, settings.target_ratio, compared_views(cameras, opening))
    except ValueError as error:
        raise StageError("MODEL_INVALID", str(error)) from None
    return encoder.model.with_bands(choice.bands), choice
