"""The compression stage: model.ply in, scene.sog and report.json out (docs/container-contract.md)."""

import zipfile

import faiss
import numpy as np
import PIL
from spaceport_common.errors import StageError
from spaceport_common.paths import processing_input, processing_output
from spaceport_common.progress import progress
from spaceport_common.report import ACCEPTED, Recorder, Verdict, rejected
from spaceport_common.settings import load_settings
from spaceport_common.whole_file import whole_file

from .gaussians import Gaussians
from .palette import SH3_PLY_BYTES
from .ply import read_ply
from .report import CompressionInputs, CompressionMetrics, CompressionReport, FileSize
from .settings import CompressionSettings
from .sog_decoder import decode
from .sog_encoder import Encoded, encode
from .verification import Comparison, compare

SCENE = "scene.sog"


def main() -> None:
    """Runs the stage in SageMaker's folders. Raises StageError where there is no usable output."""
    settings = load_settings(CompressionSettings, processing_input("config"))
    model = processing_input("model") / "model.ply"
    recorder = Recorder()
    with recorder.phase("read"):
        progress("read", 0, 1)
        gaussians = read_ply(model)
        ply_bytes = model.stat().st_size
        progress("read", 1, 1)
    inputs = CompressionInputs(gaussians=len(gaussians), sh_bands=gaussians.sh_bands, ply_bytes=ply_bytes)
    gaussians = gaussians.with_bands(settings.sh_bands)
    encoded = _encode(gaussians, settings, recorder)
    with recorder.phase("verify"):
        progress("verify", 0, 1)
        comparison = _verify(gaussians, encoded)
        progress("verify", 1, 1)
    size = len(encoded.data)
    metrics = CompressionMetrics(
        gaussians=len(gaussians),
        sh_bands=gaussians.sh_bands,
        palette_entries=encoded.palette_entries,
        bytes=size,
        ply_bytes=ply_bytes,
        ratio=ply_bytes / size,
        ratio_sh3=SH3_PLY_BYTES * len(gaussians) / size,
        files=[FileSize(name=name, bytes=count) for name, count in encoded.files.items()],
        max_errors=comparison.errors,
    )
    output = processing_output()
    if not comparison.excess:
        with whole_file(output / SCENE) as file:
            file.write(encoded.data)
    CompressionReport(
        stage="compression",
        options=settings,
        inputs=inputs,
        metrics=metrics,
        verdict=_verdict(comparison, metrics.ratio_sh3, settings.min_ratio),
        **recorder.facts(numpy=np.__version__, faiss=faiss.__version__, pillow=PIL.__version__, sog="2"),
    ).write(output)


def _verdict(comparison: Comparison, ratio_sh3: float, min_ratio: float) -> Verdict:
    if comparison.excess:
        differences = "; ".join(comparison.excess)
        return rejected("SOG_INCOMPLETE", f"the archive, read back, differs from the model: {differences}")
    if ratio_sh3 < min_ratio:
        return rejected("SOG_TOO_LARGE", f"compressed {ratio_sh3:.2f} times, at least {min_ratio:g} is asked")
    return ACCEPTED


def _encode(gaussians: Gaussians, settings: CompressionSettings, recorder: Recorder) -> Encoded:
    try:
        return encode(gaussians, seed=settings.seed, phase=recorder.phase, progress=progress)
    except ValueError as error:
        raise StageError("MODEL_INVALID", str(error)) from None


def _verify(gaussians: Gaussians, encoded: Encoded) -> Comparison:
    try:
        decoded = decode(encoded.data)
    except (zipfile.BadZipFile, OSError, KeyError, IndexError, ValueError) as error:
        return Comparison({}, [f"it cannot be decoded ({type(error).__name__}: {error})"])
    return compare(gaussians.reordered(encoded.order), decoded)
