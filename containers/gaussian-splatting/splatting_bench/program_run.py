"""One run of the training program, as SageMaker would start it."""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
PROGRAM = [sys.executable, "-m", "spaceport_gaussian_splatting", "train"]


@dataclass(frozen=True)
class ProgramRun:
    """`report`: report.json. `seconds` and `cpu_seconds`: of the whole program, of the clock and of all cores."""

    report: dict[str, Any]
    seconds: float
    cpu_seconds: float


def preset_settings(preset: str) -> dict[str, Any]:
    """The preset's settings of training, by the compiled contracts."""
    code = (
        f"JSON.stringify(require('./dist/contracts/stages/options').stageSettings({json.dumps(preset)}, {{}}).training)"
    )
    return dict(json.loads(subprocess.check_output(["node", "-p", code], cwd=ROOT, text=True)))


def trained(sfm: Path, settings: dict[str, Any], kept: Path | None = None, offset: int = 0) -> ProgramRun:
    """Trains on the output folder of the SfM stage. `kept`: a folder that is made, for the files of the model.

    `offset`: the first photo by name that is held out (at_offset.py).
    """
    with tempfile.TemporaryDirectory() as scratch:
        base = Path(scratch)
        (base / "input/data/config").mkdir(parents=True)
        (base / "input/data/config/settings.json").write_text(json.dumps(settings))
        (base / "input/data/sfm").symlink_to(sfm.resolve())
        path = os.pathsep.join(str(ROOT / "containers" / name) for name in ("common", "gaussian-splatting"))
        environment = {**os.environ, "SAGEMAKER_BASE_DIR": scratch, "PYTHONPATH": path}
        began, before = time.monotonic(), _cpu_seconds()
        program = [sys.executable, "-m", "splatting_bench.at_offset", str(offset)] if offset else PROGRAM
        subprocess.run(program, env=environment, check=True, stdout=subprocess.DEVNULL)
        seconds, cpu_seconds = time.monotonic() - began, _cpu_seconds() - before
        report = dict(json.loads((base / "model/report.json").read_text()))
        if kept is not None:
            shutil.copytree(base / "model", kept)
        return ProgramRun(report, seconds, cpu_seconds)


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
