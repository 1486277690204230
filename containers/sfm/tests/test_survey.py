"""One real run over rendered photos whose cameras are known."""

import json
import math
from typing import Any

import numpy as np
import pycolmap
import pytest
from PIL import Image
from sfm_testing.photo_files import ORIGIN
from sfm_testing.survey import Survey, camera_centers, model_of
from spaceport_sfm.alignment import fit_similarity


@pytest.fixture(scope="module")
def model(survey: Survey) -> pycolmap.Reconstruction:
    return model_of(survey.job)


def progress_lines(survey: Survey, phase: str) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in survey.result.stdout.splitlines() if line.startswith("{")]
    return [line for line in lines if line["phase"] == phase]


def test_all_good_photos_are_registered_and_the_verdict_is_ok(survey: Survey) -> None:
    assert survey.result.status == 0, survey.result.stderr
    assert survey.result.verdict == {"ok": True, "code": None, "message": None}
    assert survey.result.metrics["registered"] == len(survey.views)
    assert survey.result.metrics["points"] > 1000


def test_camera_positions_match_the_truth_after_alignment(survey: Survey, model: pycolmap.Reconstruction) -> None:
    found, truth = camera_centers(survey.views, model)
    errors = np.linalg.norm(fit_similarity(found, truth)(found) - truth, axis=1)
    diagonal = np.linalg.norm(np.ptp(truth, axis=0))
    assert np.sqrt(np.mean(errors**2)) < 0.003 * diagonal


def test_the_frame_is_metric_with_x_east_y_down_z_north(survey: Survey, model: pycolmap.Reconstruction) -> None:
    found, truth = camera_centers(survey.views, model)
    offsets = found - truth
    assert np.abs(offsets - offsets.mean(axis=0)).max() < 0.1  # metres


def test_the_georeference_names_the_place(survey: Survey) -> None:
    origin = json.loads((survey.job.output / "georeference.json").read_text("utf-8"))["origin"]
    metres_north = (origin["latitude"] - ORIGIN[0]) * 111_200
    metres_east = (origin["longitude"] - ORIGIN[1]) * 111_300 * math.cos(math.radians(ORIGIN[0]))
    assert math.hypot(metres_north, metres_east) < 20  # the middle of the points, not of the cameras
    assert abs(origin["altitude"] - ORIGIN[2]) < 8  # on the hilly ground
    assert survey.result.metrics["georeferenced"] is True


def test_intrinsics_match_the_prepared_photos(survey: Survey, model: pycolmap.Reconstruction) -> None:
    for image in model.images.values():
        camera = model.camera(image.camera_id)
        with Image.open(survey.job.output / "images" / image.name) as photo:
            assert photo.size == (camera.width, camera.height) == (240, 180)
        assert camera.mean_focal_length() == pytest.approx(28 / 35 * 240, rel=0.01)


def test_points_project_onto_their_image_points(model: pycolmap.Reconstruction) -> None:
    image = model.image(model.reg_image_ids()[0])
    observed = [point for point in image.points2D if point.has_point3D()]
    errors = [
        np.linalg.norm(np.asarray(image.project_point(model.point3D(point.point3D_id).xyz)) - point.xy)
        for point in observed
    ]
    assert np.mean(errors) < 0.5


def test_points_have_the_colours_of_the_photos(model: pycolmap.Reconstruction) -> None:
    colours = np.array([point.color for point in model.points3D.values()], np.float64)
    assert colours.std(axis=0).min() > 10


def test_the_reprojection_error_is_small_in_original_pixels(survey: Survey) -> None:
    assert 0.01 < survey.result.metrics["reprojectionErrorPx"] < 1.0


def test_files_that_do_not_decode_are_listed_with_the_reason(survey: Survey) -> None:
    reasons = {entry["name"]: entry["reason"] for entry in survey.result.metrics["unregistered"]}
    assert reasons == {
        "grid/cut-off.jpg": "the file is cut off: copy it from the camera again",
        "notes.txt": "not a JPEG, PNG, TIFF or WebP image",
    }
    assert survey.result.metrics["photos"] == len(survey.views) + 2


@pytest.mark.parametrize("phase", ["prepare", "features", "matching", "mapping"])
def test_progress_of_every_phase_grows_to_its_total(survey: Survey, phase: str) -> None:
    lines = progress_lines(survey, phase)
    done = [line["done"] for line in lines]
    assert done == sorted(done)
    assert done[-1] == lines[-1]["total"] > 0


def test_the_report_names_versions_options_and_phases(survey: Survey) -> None:
    report = survey.result.report
    assert report is not None
    assert report["version"] == 1 and report["stage"] == "sfm"
    assert report["options"] == survey.job.settings
    assert report["versions"]["pycolmap"] == pycolmap.__version__
    assert [phase["name"] for phase in report["phases"]] == ["prepare", "features", "matching", "mapping", "export"]


def test_temporary_files_are_removed(survey: Survey) -> None:
    assert not survey.job.scratch.exists()
