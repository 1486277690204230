"""`npm run bench:train`: how fast steps are, and what training comes to on sets of photos. One line of JSON.

    npm run --silent bench:train -- [--baseline CHECKOUT] [--runs 3] [--presets preview,laptop]
                                    [--target NAME=DB] [NAME=SFM_OUTPUT ...]

SFM_OUTPUT: the output folder of the SfM stage, as a job keeps it below `sfm/a01/output/`. Figures are medians of the
runs. `--baseline`: each workload runs in turns on another checkout's packages too, and `ratio` is ours over its
(iterations for a CPU second), so that both are of one machine at one time. `timeToPsnr`: the whole program's seconds
with the smallest budget of iterations for each photo that reaches the target on held-out photos.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from .program_run import ROOT, ProgramRun, preset_settings, trained

# Width, height, Gaussians, iterations.
WORKLOADS = {"400x225, 10 000": (400, 225, 10_000, 120), "800x450, 50 000": (800, 450, 50_000, 40)}
BUDGETS = (8, 16, 32, 65, 130, 260)  # iterations for each photo


def workload(checkout: Path, numbers: tuple[int, ...]) -> dict[str, Any]:
    """One run of a workload on the packages of a checkout."""
    path = os.pathsep.join(str(checkout / "containers" / name) for name in ("common", "gaussian-splatting"))
    command = [sys.executable, str(Path(__file__).with_name("workload.py")), *map(str, numbers)]
    output = subprocess.check_output(command, env={**os.environ, "PYTHONPATH": path}, text=True)
    return dict(json.loads(output.splitlines()[-1]))


def workloads(runs: int, baseline: Path | None) -> tuple[list[dict[str, Any]], int]:
    """Figures of each workload, and the number of threads."""
    rows, threads = [], 0
    for name, numbers in WORKLOADS.items():
        ours, theirs = [], []
        for _ in range(runs):
            ours.append(workload(ROOT, numbers))
            if baseline is not None:
                theirs.append(workload(baseline, numbers))
        threads = ours[0]["threads"]
        figures = {
            figure: median(run[figure] for run in ours)
            for figure in ("iterationsPerSecond", "cpuMsPerIteration", "peakMb")
        }
        ratios = [its["cpuMsPerIteration"] / our["cpuMsPerIteration"] for our, its in zip(ours, theirs, strict=False)]
        ratio = {"ratio": round(median(ratios), 3)} if ratios else {}
        rows.append({"name": name, "rasterizer": ours[0]["rasterizer"], **figures, **ratio})
    return rows, threads


def preset_row(preset: str, name: str, sfm: Path, runs: int) -> dict[str, Any]:
    """Figures of the whole program with a preset on a set."""
    settings = preset_settings(preset)
    done = [trained(sfm, settings | {"seed": seed}) for seed in range(runs)]

    def middle(metric: str) -> float:
        return round(float(median(run.report["metrics"][metric] for run in done)), 4)

    return {
        "preset": preset,
        "set": name,
        "seconds": round(median(run.seconds for run in done), 1),
        "cpuSeconds": round(median(run.cpu_seconds for run in done), 1),
        "gaussians": round(middle("gaussians")),
        "iterations": round(middle("iterations")),
        "psnr": middle("psnr"),
        "ssim": middle("ssim"),
        "colorCorrectedPsnr": middle("correctedPsnr"),
    }


def time_to_psnr(name: str, sfm: Path, target_db: float) -> dict[str, Any]:
    """The first budget that reaches `target_db`; null where none does."""
    settings = preset_settings("preview")
    reached: ProgramRun | None = None
    for iterations in BUDGETS:
        run = trained(sfm, settings | {"iterationsPerPhoto": iterations})
        if run.report["metrics"]["psnr"] >= target_db:
            reached = run
            break
    return {
        "set": name,
        "psnr": target_db,
        "seconds": None if reached is None else round(reached.seconds, 1),
        "cpuSeconds": None if reached is None else round(reached.cpu_seconds, 1),
    }


def main() -> None:
    """Prints the line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--baseline", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--presets", type=lambda text: text.split(","), default=["preview"])
    parser.add_argument("--target", action="append", default=[], metavar="NAME=DB")
    parser.add_argument("sets", nargs="*", metavar="NAME=SFM_OUTPUT")
    arguments = parser.parse_args()
    sets = {name: Path(folder) for name, _, folder in (each.partition("=") for each in arguments.sets)}
    targets = {name: float(db) for name, _, db in (each.partition("=") for each in arguments.target)}
    rows, threads = workloads(arguments.runs, arguments.baseline)
    line = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "threads": threads,
        "workloads": rows,
        "timeToPsnr": [time_to_psnr(name, sets[name], db) for name, db in targets.items()],
        "presets": [
            preset_row(preset, name, sfm, arguments.runs) for name, sfm in sets.items() for preset in arguments.presets
        ],
    }
    print(json.dumps(line))


if __name__ == "__main__":
    main()
