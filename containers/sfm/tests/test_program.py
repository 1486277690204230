"""The program's exits: verdicts on hopeless photos, bad settings, SIGTERM."""

import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from sfm_testing.control import control_list
from sfm_testing.job import Job
from sfm_testing.photo_files import save_photo
from sfm_testing.place import Place, survey_views

NewJob = Callable[..., Job]


def test_photos_of_a_blank_wall_end_with_too_few_points_and_the_cause(new_job: NewJob) -> None:
    job = new_job()
    for index in range(6):
        shade = np.full((480, 640, 3), 200 + index, np.uint8)
        save_photo(job.photos / f"{index}.jpg", Image.fromarray(shade))

    result = job.run()

    assert result.status == 0, result.stderr
    assert result.verdict["code"] == "TOO_FEW_POINTS"
    assert "too little texture" in result.verdict["message"]
    assert result.metrics["points"] == 0 and result.metrics["registered"] == 0
    assert len(result.metrics["unregistered"]) == 6
    assert result.metrics["shortfall"] == "texture" and result.metrics["aerial"] is False


def test_photos_from_one_place_end_with_too_few_points_and_the_cause(new_job: NewJob, place: Place) -> None:
    job = new_job()
    picture = np.asarray(place.render(survey_views()[0]), np.float64)
    for index in range(4):
        noise = np.random.default_rng(index).normal(0, 1, picture.shape)
        save_photo(job.photos / f"{index}.jpg", Image.fromarray((picture + noise).clip(0, 255).astype(np.uint8)))

    result = job.run()

    assert result.status == 0, result.stderr
    assert result.verdict["code"] == "TOO_FEW_POINTS"
    assert "nearly one place" in result.verdict["message"]


def test_photos_that_do_not_overlap_end_with_the_cause(new_job: NewJob) -> None:
    job = new_job()
    random = np.random.default_rng(3)
    for index in range(4):
        coarse = Image.fromarray((random.random((120, 160, 3)) * 255).astype(np.uint8))
        save_photo(job.photos / f"{index}.jpg", coarse.resize((640, 480), Image.Resampling.BICUBIC))

    result = job.run()

    assert result.verdict["code"] == "TOO_FEW_POINTS"
    assert "hardly overlap" in result.verdict["message"]
    assert {entry["reason"] for entry in result.metrics["unregistered"]} == {
        "no other photo was found to show the same place"
    }
    for entry in result.metrics["unregistered"]:
        assert entry["features"] > 50 and entry["partners"] == 0
    assert result.metrics["shortfall"] == "overlap"


@pytest.mark.parametrize("photos", [0, 2])
def test_fewer_than_three_photos_end_with_too_few_photos(new_job: NewJob, place: Place, photos: int) -> None:
    job = new_job()
    for view in survey_views()[:photos]:
        save_photo(job.photos / view.name, place.render(view))

    result = job.run()

    assert result.status == 0, result.stderr
    assert result.verdict["code"] == "TOO_FEW_PHOTOS"
    assert result.metrics["photos"] == photos


def test_an_unknown_setting_ends_with_settings_invalid(new_job: NewJob) -> None:
    job = new_job(maxImagesize=800)

    result = job.run()

    assert result.status == 3 and result.report is None
    message = (job.base / "output" / "message").read_text("utf-8")
    assert message.startswith("SETTINGS_INVALID: ") and "maxImagesize" in message


def test_a_position_file_that_cannot_be_honoured_ends_the_run_before_any_work(new_job: NewJob, place: Place) -> None:
    job = new_job()
    for view in survey_views()[:3]:
        save_photo(job.photos / view.name, place.render(view))
    (job.photos / "geo.txt").write_text("EPSG:4326+5773\n0-0.jpg 8 47 400\n", "utf-8")

    result = job.run()

    assert result.status == 3 and result.report is None and "{" not in result.stdout
    message = (job.base / "output" / "message").read_text("utf-8")
    assert message.startswith("POSITION_FILE_INVALID: geo.txt: ") and "us_nga_egm96_15.tif" in message


@pytest.fixture(scope="module")
def two_places(place: Place) -> dict[str, Image.Image]:
    """Six photos each of two places that have nothing in common, so that mapping tries on after its first run."""
    beside = [replace(view, center=view.center + np.array([45, 45, 0])) for view in survey_views()[:6]]
    pictures = {view.name: place.render(view) for view in survey_views()[:6]}
    return pictures | {view.name.replace("grid/", "beside/b"): place.render(view) for view in beside}


@pytest.mark.parametrize(
    "begins",
    ["prepare", "features", "matching", "mapping", "mapping: continued", "export", "adjustment to 3 ground points"],
)
def test_sigterm_ends_any_phase_and_leaves_nothing_behind(
    new_job: NewJob, place: Place, two_places: dict[str, Image.Image], begins: str
) -> None:
    """`begins`: phase of a line of progress, or a whole line of text."""
    job = new_job(maxNumFeatures=2000)
    for name, image in list(two_places.items())[: 12 if begins.startswith("mapping") else 6]:
        save_photo(job.photos / name, image)
    (job.photos / "gcp_list.txt").write_text(control_list(place, survey_views()[:6], points=3), "utf-8")
    process = job.start()
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == begins or (line.startswith("{") and json.loads(line)["phase"] == begins):
            break
    assert process.poll() is None

    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=5)  # the contract's limit

    assert process.returncode == 143
    assert not job.scratch.exists()
    assert not (job.output / "report.json").exists()
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)  # nobody of its process group is left
