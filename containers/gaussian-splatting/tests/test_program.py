"""The whole program as the platform runs it: a process over a folder tree."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from spaceport_common.program import run_program
from spaceport_gaussian_splatting.__main__ import main
from spaceport_gaussian_splatting.ply import read_ply
from splatting_testing.synthetic_scene import HEIGHT, SETTINGS, WIDTH, write_sfm_output

CONTAINERS = Path(__file__).parents[2]

RunHere = Callable[[Path], int]


def job(base: Path, sfm: Path, **settings: Any) -> Path:
    shutil.copytree(sfm, base / "input" / "data" / "sfm")
    configure(base, **settings)
    return base


def configure(base: Path, **settings: Any) -> None:
    folder = base / "input" / "data" / "config"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.json").write_text(json.dumps(SETTINGS | settings))


def start(base: Path) -> subprocess.Popen[str]:
    environment = os.environ | {
        "SAGEMAKER_BASE_DIR": str(base),
        "PYTHONPATH": f"{CONTAINERS / 'common'}:{CONTAINERS / 'gaussian-splatting'}",
    }
    command = [sys.executable, "-m", "spaceport_gaussian_splatting", "train"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def run(base: Path) -> tuple[int, str]:
    process = start(base)
    output, _ = process.communicate(timeout=120)
    return process.returncode, output


@pytest.fixture
def run_here(monkeypatch: pytest.MonkeyPatch) -> Iterator[RunHere]:
    """The program in this process, which has imported torch already; returns the exit status."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def run(base: Path) -> int:
        monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(base))
        return run_program(main, training=True)

    yield run
    for number, handler in handlers.items():
        signal.signal(number, handler)


def failure(base: Path) -> str:
    return (base / "output" / "failure").read_text()


def test_a_run_leaves_a_better_model_with_its_report_pictures_and_cameras(tmp_path: Path, sfm_output: Path) -> None:
    base = job(tmp_path, sfm_output)
    opening = {"position": [0.0, -3.0, -6.0], "target": [0.0, 0.0, 0.0], "fieldOfViewDeg": 60}
    (base / "input" / "data" / "sfm" / "scene.json").write_text(json.dumps({"openingView": opening}))
    status, output = run(base)
    assert status == 0, output
    model = base / "model"
    report = json.loads((model / "report.json").read_text())
    metrics = report["metrics"]
    assert report["inputs"]["sizes"] == [{"width": 96, "height": 64, "photos": 9}]
    assert report["verdict"] == {"ok": True, "code": None, "message": None}
    assert metrics["psnr"] > metrics["initialPsnr"] + 0.5 and metrics["warnings"] == []
    assert metrics["correctedPsnr"] > metrics["psnr"] and metrics["exposureSpread"] < 0.05
    assert all(photo["correctedPsnr"] >= photo["psnr"] - 0.1 for photo in metrics["heldOut"])
    assert metrics["openingView"]["covered"] > 0.2
    assert metrics["iterations"] == 60 and metrics["stopReason"] == "iterations"
    assert [photo["name"] for photo in metrics["heldOut"]] == ["photo_0.png", "photo_4.png", "photo_8.png"]
    assert metrics["modelBytes"] == (model / "model.ply").stat().st_size
    assert len(read_ply(model / "model.ply")) == metrics["gaussians"] <= 1500
    cameras = json.loads((model / "cameras.json").read_text())
    assert [camera["heldOut"] for camera in cameras] == [index % 4 == 0 for index in range(9)]
    pictures = [photo[kind] for photo in metrics["heldOut"] for kind in ("photo", "render")]
    beside = metrics["offPath"]["picture"]
    assert sorted(f"held-out/{path.name}" for path in (model / "held-out").iterdir()) == sorted({*pictures, beside})
    assert {Image.open(model / picture).size for picture in pictures} == {(96, 64)}
    posters = [f"poster.{kind}" for kind in ("jpg", "webp", "avif")]
    for picture in (*posters, beside, *pictures):
        assert Image.open(model / picture).getextrema() != ((0, 0), (0, 0), (0, 0))
    # As the page opens it, no photo's view.
    assert {Image.open(model / poster).size for poster in posters} == {(1280, 720)}
    assert Image.open(base / "checkpoints" / "previews" / "picture.jpg").size == (640, 360)
    phases = {json.loads(line)["phase"] for line in output.splitlines() if line.startswith('{"spaceport"')}
    assert metrics["refit"] is None
    assert phases == {"prepare", "train", "export", "evaluate"}


def test_sigterm_leaves_a_checkpoint_and_the_next_run_goes_on_from_it(tmp_path: Path, sfm_output: Path) -> None:
    settings: dict[str, Any] = {"maxIterations": 300, "maxGaussians": 1000}
    base = job(tmp_path, sfm_output, **settings)
    process = start(base)
    assert process.stdout is not None
    for line in process.stdout:
        if '"phase":"train"' in line and json.loads(line)["metrics"]["iteration"] >= 20:
            break
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 143
    (checkpoint,) = (base / "checkpoints").glob("*.bin")
    saved_at = int(checkpoint.stem.split("-")[1])
    assert 20 <= saved_at < 300
    assert not (base / "model" / "report.json").exists()

    status, output = run(base)
    assert status == 0, output
    assert f"resumed at iteration {saved_at}" in output
    assert json.loads((base / "model" / "report.json").read_text())["metrics"]["iterations"] <= 300


def test_t02_a_small_cap_is_kept_and_not_held_against_the_model(
    tmp_path: Path, sfm_output: Path, run_here: RunHere
) -> None:
    base = job(tmp_path, sfm_output, maxGaussians=400)
    assert run_here(base) == 0
    report = json.loads((base / "model" / "report.json").read_text())
    assert report["verdict"]["ok"]
    assert len(read_ply(base / "model" / "model.ply")) == report["metrics"]["gaussians"] <= 400


def test_photos_that_teach_nothing_end_with_a_verdict_and_what_was_found(
    tmp_path: Path, sfm_output: Path, run_here: RunHere
) -> None:
    base = job(tmp_path, sfm_output, maxIterations=200, maxGaussians=600, plateauPatience=100)
    random = np.random.default_rng(0)
    for photo in (base / "input" / "data" / "sfm" / "images").iterdir():
        Image.fromarray(random.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)).save(photo)
    assert run_here(base) == 0
    verdict = json.loads((base / "model" / "report.json").read_text())["verdict"]
    assert (verdict["ok"], verdict["code"]) == (False, "NOTHING_LEARNED")
    assert verdict["message"].startswith("in 200 iterations the likeness to photos held out went from ")


def test_no_iterations_count_as_not_trained(tmp_path: Path, sfm_output: Path, run_here: RunHere) -> None:
    base = job(tmp_path, sfm_output, maxIterations=0)
    assert run_here(base) == 0
    assert json.loads((base / "model" / "report.json").read_text())["verdict"]["code"] == "NOT_TRAINED"


@pytest.mark.parametrize(("points", "accepted"), [(999, True), (1200, False)])
def test_too_few_points_and_a_rejected_sfm_model_are_refused_before_any_work(
    tmp_path: Path, run_here: RunHere, points: int, accepted: bool
) -> None:
    sfm = tmp_path / "sfm"
    write_sfm_output(sfm, points, accepted)
    base = job(tmp_path / "job", sfm)
    assert run_here(base) == 3
    assert failure(base).startswith("TOO_FEW_POINTS: ")
    assert not (base / "model" / "model.ply").exists()


def test_a_photo_of_another_size_than_its_camera_is_named(tmp_path: Path, sfm_output: Path, run_here: RunHere) -> None:
    base = job(tmp_path, sfm_output)
    Image.new("RGB", (50, 40)).save(base / "input" / "data" / "sfm" / "images" / "photo_3.png")
    assert run_here(base) == 3
    assert failure(base).startswith("MODEL_INVALID: the prepared photo photo_3.png is 50x40, its camera says 96x64")


def test_settings_that_never_reach_full_resolution_are_refused(
    tmp_path: Path, sfm_output: Path, run_here: RunHere
) -> None:
    base = job(tmp_path, sfm_output, resolutionStages=[{"scale": 0.5, "share": 1}])
    assert run_here(base) == 3
    assert failure(base).startswith("SETTINGS_INVALID: ")
