"""Prints what training's checks measure on real and synthetic scenes: the table of docs/checks.md.

    node scripts/spaceport.mjs exec python bench/checks/training.py [--iterations 1000 ...] NAME=SFM_OUTPUT ...

SFM_OUTPUT: the output folder of the SfM stage, as a job keeps it below `sfm/a01/output/`. The settings are those of
the preset `preview`. One training after the other, so that times mean something.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-m", "spaceport_gaussian_splatting", "train"]
SETTINGS = "JSON.stringify(require('./dist/contracts/stages/options').stageSettings('preview', {}).training)"
HEAD = (
    "scene",
    "iterations",
    "PSNR before, after",
    "SSIM before, after",
    "covered",
    "made smaller",
    "verdict",
)


def trained(sfm: Path, settings: dict[str, Any]) -> dict[str, Any]:
    """report.json of one run of the training program."""
    with tempfile.TemporaryDirectory() as scratch:
        base = Path(scratch)
        (base / "input/data/config").mkdir(parents=True)
        (base / "input/data/config/settings.json").write_text(json.dumps(settings))
        (base / "input/data/sfm").symlink_to(sfm.resolve())
        path = os.pathsep.join(str(ROOT / "containers" / name) for name in ("common", "gaussian-splatting"))
        environment = {**os.environ, "SAGEMAKER_BASE_DIR": scratch, "PYTHONPATH": path}
        subprocess.run(PROGRAM, env=environment, check=True, stdout=subprocess.DEVNULL)
        return dict(json.loads((base / "model/report.json").read_text()))


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
    settings = json.loads(subprocess.check_output(["node", "-p", SETTINGS], cwd=ROOT, text=True))
    print(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}", flush=True)
    for scene in arguments.scenes:
        name, _, folder = scene.partition("=")
        for iterations in arguments.iterations:
            report = trained(Path(folder), settings | {"maxIterations": iterations})
            print(f"| {' | '.join(row(name, report))} |", flush=True)


if __name__ == "__main__":
    main()
