"""`npm run bench:compress`: our encoder beside splat-transform's, and the streamed scene. One line of JSON.

    npm run --silent bench:compress -- [--full] SFM_OUTPUT

SFM_OUTPUT: the output folder of the SfM stage, as a job keeps it below `sfm/a01/output/`. Models with three bands of
harmonics are trained on it first, of 20 000 Gaussians; with --full also of 100 000, which takes long. Both encoders run
as programs of their own; splat-transform decodes the files of both. `speedup` is of seconds by the clock.
"""

import argparse
import json
import os
import tempfile
import time
from pathlib import Path
from statistics import mean
from typing import Any

# As the program sets it, which says why; numpy reads it when it is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from spaceport_common.opening_view import read_cameras
from spaceport_compression.drawing.draw import draw, photo_view
from spaceport_compression.formats.ply import read_ply
from spaceport_compression.levels.levels import Levels
from spaceport_compression.levels.streamed import write_streamed
from spaceport_compression.levels.viewpoint import from_afar
from spaceport_compression.verification.pictures import psnr
from splatting_bench.program_run import preset_settings, trained

from .encoder_run import Trained, measured, ours, splat_transform

SH_BANDS = 3
COUNTS = (20_000, 100_000)
TRAINING = {"shDegree": SH_BANDS, "iterationsPerPhoto": 0, "maxIterations": 1000, "pixelsPerGaussian": 0}


def trained_model(sfm: Path, gaussians: int, folder: Path) -> Trained:
    """A model with three bands of harmonics and `gaussians` Gaussians at most. Its files are left in `folder`."""
    trained(sfm, preset_settings("preview") | TRAINING | {"maxGaussians": gaussians}, folder)
    ply = folder / "model.ply"
    model = read_ply(ply)
    if model.sh_bands != SH_BANDS:
        raise RuntimeError(f"training left {model.sh_bands} bands of harmonics")
    cameras = read_cameras(folder / "cameras.json")
    held_out, learned = ([camera for camera in cameras if camera.held_out is held] for held in (True, False))
    return Trained(ply, model, held_out, learned)


def row(model: Trained, scratch: Path) -> dict[str, Any]:
    """Both encoders on one model."""
    us = measured(ours(model.ply, scratch / "ours.sog"), scratch / "ours.sog", model)
    them = measured(splat_transform(model.ply, scratch / "theirs.sog"), scratch / "theirs.sog", model)
    return {
        "gaussians": len(model.gaussians),
        "ours": us,
        "splatTransform": them,
        "speedup": round(them["seconds"] / us["seconds"], 1),
    }


def level_psnr(model: Trained, levels: int) -> list[float]:
    """dB of each coarser level beside the finest, the mean over held-out photos, of which no level knows.

    From as far away as the scene is large, with a pixel for each Gaussian of the level that the picture shows: there
    CesiumJS takes it (tileset.py), about.
    """
    found = []
    made = Levels(model.gaussians, model.learned)
    eyes = [from_afar(camera, made[0].positions) for camera in model.held_out]
    for number in range(1, levels):
        views = [photo_view(eye.camera, eye.long_side(len(made[number]), 1)) for eye in eyes]
        found.append(round(mean(psnr(draw(made[0], view).rgb, draw(made[number], view).rgb) for view in views), 2))
    return found


def streamed_figures(model: Trained, scratch: Path) -> dict[str, Any]:
    """The streamed scene of a model; one of 65 536 Gaussians or fewer has one level, and nothing to compare it with."""
    gaussians, began, before = model.gaussians, time.monotonic(), time.process_time()
    written = write_streamed(Levels(gaussians, model.learned), scratch / "streamed", 0)
    seconds, cpu_seconds = time.monotonic() - began, time.process_time() - before
    return {
        "gaussians": len(gaussians),
        "seconds": round(seconds, 2),
        "cpuSeconds": round(cpu_seconds, 2),
        "levels": written.levels,
        "coarsestBytes": written.coarsest_bytes,
        "levelPsnrDb": level_psnr(model, len(written.levels)),
    }


def main() -> None:
    """Prints the line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true")
    parser.add_argument("sfm", type=Path, metavar="SFM_OUTPUT")
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        for count in COUNTS if arguments.full else COUNTS[:1]:
            scratch = Path(name) / str(count)
            model = trained_model(arguments.sfm, count, scratch / "model")
            rows.append(row(model, scratch))
        lod = streamed_figures(model, scratch)
    print(json.dumps({"rows": rows, "lod": lod}))


if __name__ == "__main__":
    main()
