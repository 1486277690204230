"""What more budget is worth on photos that were held out: a line of JSON for each budget.

    python -m splatting_bench.curve [--offset 2] [--preset preview] NAME=SFM_OUTPUT ITERATIONS:GAUSSIANS ...

SFM_OUTPUT: the output folder of the SfM stage, as a job keeps it below `sfm/a01/output/`. Budgets count in CPU seconds
of the whole program; both numbers are what may be set of it. At offset 0 the program holds out what it reports.
"""

import argparse
import json
from pathlib import Path

from .program_run import preset_settings, trained


def main() -> None:
    """Prints a line as soon as its training has ended."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--offset", type=int, default=0)
    parser.add_argument("--preset", default="preview")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("set", metavar="NAME=SFM_OUTPUT")
    parser.add_argument("budgets", nargs="+", metavar="ITERATIONS:GAUSSIANS")
    arguments = parser.parse_args()
    name, _, folder = arguments.set.partition("=")
    settings = preset_settings(arguments.preset) | {"iterationsPerPhoto": 0, "pixelsPerGaussian": 0}
    for budget in arguments.budgets:
        iterations, gaussians = map(int, budget.split(":"))
        asked = settings | {"maxIterations": iterations, "maxGaussians": gaussians, "seed": arguments.seed}
        run = trained(Path(folder), asked, offset=arguments.offset)
        metrics = run.report["metrics"]
        line = {
            "set": name,
            "offset": arguments.offset,
            "iterations": iterations,
            "gaussians": gaussians,
            "cpuSeconds": round(run.cpu_seconds, 1),
            "stopReason": metrics["stopReason"],
            "psnr": round(metrics["psnr"], 2),
            "ssim": round(metrics["ssim"], 4),
            "correctedPsnr": round(metrics["correctedPsnr"], 2),
            "trainPsnr": round(metrics["trainPsnr"], 2),
            "photos": [[round(each["psnr"], 2), round(each["correctedPsnr"], 2)] for each in metrics["heldOut"]],
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
