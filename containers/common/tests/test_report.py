"""report.json."""

import json
from pathlib import Path

import pytest
from spaceport_common.report import Report, write_json


def test_a_report_holds_what_the_run_did(tmp_path: Path) -> None:
    report = Report("sfm", {"maxImageSize": 1600}, {"pycolmap": "4.1.1"})
    report.inputs["photos"] = 18
    with report.phase("features"):
        report.metrics["points"] = 3000
    report.accept()
    report.write(tmp_path)

    body = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert body["version"] == 1 and body["stage"] == "sfm"
    assert body["options"] == {"maxImageSize": 1600} and body["versions"] == {"pycolmap": "4.1.1"}
    assert body["inputs"] == {"photos": 18} and body["metrics"] == {"points": 3000}
    assert [phase["name"] for phase in body["phases"]] == ["features"]
    assert body["phases"][0]["peakMb"] > 1 and body["seconds"] >= body["phases"][0]["seconds"]
    assert body["verdict"] == {"ok": True, "code": None, "message": None}


def test_a_rejection_names_its_code(tmp_path: Path) -> None:
    report = Report("sfm", {}, {})
    report.reject("TOO_FEW_POINTS", "only 3 points")
    report.write(tmp_path)
    body = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert body["verdict"] == {"ok": False, "code": "TOO_FEW_POINTS", "message": "only 3 points"}


def test_a_report_without_a_verdict_is_a_defect(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        Report("sfm", {}, {}).write(tmp_path)


def test_a_phase_that_fails_is_still_timed() -> None:
    report = Report("sfm", {}, {})
    with pytest.raises(ValueError), report.phase("features"):
        raise ValueError
    assert report.body["phases"][0]["name"] == "features"


def test_nan_is_refused_and_the_old_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"psnr": 20.0})
    with pytest.raises(ValueError):
        write_json(path, {"psnr": float("nan")})
    assert json.loads(path.read_text("utf-8")) == {"psnr": 20.0}
