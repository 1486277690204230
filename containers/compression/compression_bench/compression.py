"""`npm run bench:compress`: our encoder beside splat-transform's, and the streamed scene. One line of JSON.

    npm run --silent bench:compress -- [--full] SFM_OUTPUT

SFM_OUTPUT: the output folder of the SfM stage, as a job keeps it below `sfm/a01/output/`. Models with three bands of
harmonics are trained on it first, of 20 000 Gaussians; with --full also of 100 000, which takes long. Both encoders run
as programs of their own; splat-transform decodes the files of both. `speedup` is of seconds by the clock.
"""

import argparse
import json
import math
import tempfile
import time
from pathlib import Path
from typing import Any

from spaceport_common.opening_view import read_cameras
from spaceport_compression.drawing import draw, opening_view
from spaceport_compression.gaussians import Gaussians
from spaceport_compression.merging import merge_pairs
from spaceport_compression.pictures import psnr
from spaceport_compression.ply import read_ply
from spaceport_compression.rate import HEIGHT, WIDTH, overviews
from spaceport_compression.spatial_order import spatial_order
from spaceport_compression.streamed import MERGED_BANDS, write_streamed
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
    held_out = [camera for camera in read_cameras(folder / "cameras.json") if camera.held_out]
    return Trained(ply, model, held_out)


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


def level_psnr(gaussians: Gaussians, levels: int) -> list[float]:
    """dB of each coarser level beside the finest, in pictures whose pixels are as many fewer as its Gaussians are."""
    found = []
    level = gaussians.reordered(spatial_order(gaussians.positions))
    for number in range(1, levels):
        level = merge_pairs(level).with_bands(MERGED_BANDS[min(number, len(MERGED_BANDS) - 1)])
        smaller = math.sqrt(2) ** number
        views = [opening_view(pose, round(WIDTH / smaller), round(HEIGHT / smaller)) for pose in overviews(gaussians)]
        found.append(round(min(psnr(draw(gaussians, view).rgb, draw(level, view).rgb) for view in views), 2))
    return found


def streamed_figures(gaussians: Gaussians, scratch: Path) -> dict[str, Any]:
    """The streamed scene of a model; one of 50 000 Gaussians or fewer has one level, and nothing to compare it with."""
    began = time.monotonic()
    written = write_streamed(gaussians, scratch / "streamed", 0)
    seconds = time.monotonic() - began
    return {
        "gaussians": len(gaussians),
        "seconds": round(seconds, 2),
        "levels": written.levels,
        "coarsestBytes": written.coarsest_bytes,
        "levelPsnrDb": level_psnr(gaussians, len(written.levels)),
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
        lod = streamed_figures(model.gaussians, scratch)
    print(json.dumps({"rows": rows, "lod": lod}))


if __name__ == "__main__":
    main()
