"""report.json."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path
from typing import Literal

import pytest
from pydantic import ValidationError
from spaceport_common.gpu import GpuUse
from spaceport_common.report import ACCEPTED, Recorder, Reported, StageReport, Verdict, rejected, write_json


class Inputs(Reported):
    photos: int
    gps: bool | None = None


class Report(StageReport):
    stage: Literal["sfm"]
    inputs: Inputs


def report(recorder: Recorder, verdict: Verdict) -> Report:
    facts = recorder.facts(pycolmap="4.2.1")
    return Report(stage="sfm", inputs=Inputs(photos=18), verdict=verdict, **facts)


def test_a_report_holds_what_the_run_did(tmp_path: Path) -> None:
    recorder = Recorder()
    with recorder.phase("features"):
        pass
    report(recorder, ACCEPTED).write(tmp_path)

    body = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert body["version"] == 1 and body["stage"] == "sfm"
    assert body["versions"] == {"python": platform.python_version(), "pycolmap": "4.2.1"}
    assert body["machine"].keys() == {"cpus"}
    assert body["inputs"] == {"photos": 18}
    assert [phase["name"] for phase in body["phases"]] == ["features"]
    assert body["phases"][0]["peakMb"] > 1 and body["seconds"] >= body["phases"][0]["seconds"]
    assert body["verdict"] == {"ok": True, "code": None, "message": None}


def test_a_report_says_how_a_gpu_was_used(tmp_path: Path) -> None:
    recorder, use = Recorder(), GpuUse()
    for line in ("90, 8000", "70, 6000"):
        use.add(line)
    recorder.add_gpu(use)
    report(recorder, ACCEPTED).write(tmp_path)
    machine = json.loads((tmp_path / "report.json").read_text("utf-8"))["machine"]
    assert (machine["gpuUtilization"], machine["gpuPeakMb"]) == (0.8, 8000)


def test_a_rejection_names_its_code(tmp_path: Path) -> None:
    report(Recorder(), rejected("TOO_FEW_POINTS", "only 3 points")).write(tmp_path)
    body = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert body["verdict"] == {"ok": False, "code": "TOO_FEW_POINTS", "message": "only 3 points"}


def test_a_code_of_no_table_is_a_defect() -> None:
    with pytest.raises(ValidationError):
        rejected("BECAUSE", "of this")  # type: ignore[arg-type]


def test_a_phase_that_fails_is_still_timed() -> None:
    recorder = Recorder()
    with pytest.raises(ValueError), recorder.phase("features"):
        raise ValueError
    assert recorder.phases[0].name == "features"


def test_nan_is_refused_and_the_old_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"psnr": 20.0})
    with pytest.raises(ValueError):
        write_json(path, {"psnr": float("nan")})
    assert json.loads(path.read_text("utf-8")) == {"psnr": 20.0}


def test_the_peak_of_memory_is_the_program_s_own() -> None:
    child = "from spaceport_common.report import peak_memory_mb; print(peak_memory_mb())"
    parent = (
        "import subprocess, sys; held = b'x' * (400 << 20);"
        "print(subprocess.check_output([sys.executable, '-c', sys.argv[1]], text=True))"
    )

    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    told = subprocess.check_output([sys.executable, "-c", parent, child], env=env, text=True)

    assert 10 < float(told) < 300
