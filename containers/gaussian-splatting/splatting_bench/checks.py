"""Prints what training's checks measure on real and synthetic scenes: the table of docs/checks.md.

    python -m splatting_bench.checks [--iterations 1000 ...] NAME=SFM_OUTPUT ...

SFM_OUTPUT: the output folder of the SfM stage, as a job keeps it below `sfm/a01/output/`. The settings are those of
the preset `preview`. One training after the other, so that times mean something.
"""

import argparse
from pathlib import Path
from typing import Any

from .program_run import preset_settings, trained

HEAD = (
    "scene",
    "iterations",
    "PSNR before, after",
    "SSIM before, after",
    "covered",
    "made smaller",
    "verdict",
)


def row(name: str, report: dict[str, Any]) -> list[str]:
    """A scene's cells, in the order of HEAD."""
    metrics, verdict = report["metrics"], report["verdict"]
    return [
        name,
        str(metrics["iterations"]),
        f"{metrics['initialPsnr']:.2f}, {metrics['psnr']:.2f} dB",
        f"{metrics['initialSsim']:.3f}, {metrics['ssim']:.3f}",
        f"{100 * metrics['openingView']['covered']:.0f} %",
        f"{metrics['limitedSizes']} of {metrics['gaussians']}",
        verdict["code"] or "accepted",
    ]


def main() -> None:
    """Prints a row as soon as its training has ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--iterations", type=int, nargs="+", default=[1000])
    parser.add_argument("scenes", nargs="+", metavar="NAME=SFM_OUTPUT")
    arguments = parser.parse_args()
    settings = preset_settings("preview") | {"iterationsPerPhoto": 0}
    print(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}", flush=True)
    for scene in arguments.scenes:
        name, _, folder = scene.partition("=")
        for iterations in arguments.iterations:
            report = trained(Path(folder), settings | {"maxIterations": iterations}).report
            print(f"| {' | '.join(row(name, report))} |", flush=True)


if __name__ == "__main__":
    main()
