"""The compression stage: model.ply in, scene.sog and report.json out (docs/container-contract.md)."""

import platform
import zipfile
from pathlib import Path

import faiss
import numpy as np
import PIL
from spaceport_common.errors import StageError
from spaceport_common.paths import processing_input, processing_output
from spaceport_common.progress import progress
from spaceport_common.report import Report
from spaceport_common.settings import load_settings

from .gaussians import Gaussians
from .ply import read_ply
from .settings import CompressionSettings
from .sog_decoder import decode
from .sog_encoder import Encoded, encode
from .verification import Comparison, compare

SH3_PLY_BYTES = 248  # 62 floats: what a Gaussian takes in the usual PLY
SCENE = "scene.sog"


def main() -> None:
    """Runs the stage in SageMaker's folders. Raises StageError where there is no usable output."""
    settings = load_settings(CompressionSettings, processing_input("config"))
    model = processing_input("model") / "model.ply"
    report = Report("compression", settings.model_dump(by_alias=True), _versions())
    with report.phase("read"):
        progress("read", 0, 1)
        gaussians = read_ply(model)
        ply_bytes = model.stat().st_size
        progress("read", 1, 1)
    report.inputs.update(gaussians=len(gaussians), shBands=gaussians.sh_bands, plyBytes=ply_bytes)
    gaussians = gaussians.with_bands(settings.sh_bands)
    encoded = _encode(gaussians, settings, report)
    with report.phase("verify"):
        progress("verify", 0, 1)
        comparison = _verify(gaussians, encoded)
        progress("verify", 1, 1)
    size = len(encoded.data)
    ratio_sh3 = SH3_PLY_BYTES * len(gaussians) / size
    report.metrics.update(
        gaussians=len(gaussians),
        shBands=gaussians.sh_bands,
        paletteEntries=encoded.palette_entries,
        bytes=size,
        plyBytes=ply_bytes,
        ratio=ply_bytes / size,
        ratioSh3=ratio_sh3,
        files=[{"name": name, "bytes": count} for name, count in encoded.files.items()],
        maxErrors=comparison.errors,
    )
    output = processing_output()
    if comparison.excess:
        report.reject(
            "SOG_INCOMPLETE", "the archive, read back, differs from the model: " + "; ".join(comparison.excess)
        )
    else:
        _write_atomically(output / SCENE, encoded.data)
        if ratio_sh3 < settings.min_ratio:
            report.reject(
                "SOG_TOO_LARGE", f"compressed {ratio_sh3:.2f} times, at least {settings.min_ratio:g} is asked"
            )
        else:
            report.accept()
    report.write(output)


def _versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "numpy": np.__version__,
        "faiss": faiss.__version__,
        "pillow": PIL.__version__,
        "sog": "2",
    }


def _encode(gaussians: Gaussians, settings: CompressionSettings, report: Report) -> Encoded:
    try:
        return encode(gaussians, seed=settings.seed, phase=report.phase, progress=progress)
    except ValueError as error:
        raise StageError("MODEL_INVALID", str(error)) from None


def _verify(gaussians: Gaussians, encoded: Encoded) -> Comparison:
    try:
        decoded = decode(encoded.data)
    except (zipfile.BadZipFile, OSError, KeyError, IndexError, ValueError) as error:
        return Comparison({}, [f"it cannot be decoded ({type(error).__name__}: {error})"])
    return compare(gaussians.reordered(encoded.order), decoded)


def _write_atomically(path: Path, data: bytes) -> None:
    """Leaves the whole file or none, also when a signal ends the program in between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    try:
        temporary.write_bytes(data)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
