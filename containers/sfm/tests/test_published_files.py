"""photos.json, thumbnails, scene.json and coverage.png of a run over rendered photos whose cameras are known."""

import json
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sfm_testing.job import Job
from sfm_testing.photo_files import ORIGIN, save_photo
from sfm_testing.place import Place, survey_views
from sfm_testing.survey import Survey
from spaceport_sfm.photos_file import PhotosFile
from spaceport_sfm.scene_file import SceneFile


def read(job: Job, name: str) -> Any:
    return json.loads((job.output / name).read_text("utf-8"))


@pytest.fixture(scope="module")
def photos(survey: Survey) -> dict[str, Any]:
    content = read(survey.job, "photos.json")
    PhotosFile.model_validate(content)
    return {entry["name"]: entry for entry in content["photos"]}


@pytest.fixture(scope="module")
def scene(survey: Survey) -> dict[str, Any]:
    content = read(survey.job, "scene.json")
    SceneFile.model_validate(content)
    return dict(content)


def rotation_of(quaternion: list[float]) -> Any:
    """Hamilton's w, x, y, z as a matrix."""
    w, x, y, z = quaternion
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def test_every_photo_has_its_place_and_the_direction_that_it_looked_in(survey: Survey, photos: dict[str, Any]) -> None:
    middle_found = np.mean([photos[view.name]["pose"]["position"] for view in survey.views], axis=0)
    middle_true = np.mean([view.center for view in survey.views], axis=0)
    for view in survey.views:
        entry = photos[view.name]
        assert entry["registered"] and entry["part"] == 0 and entry["whyNot"] is None
        east, north, up = view.center - middle_true
        offset = np.array(entry["pose"]["position"]) - middle_found
        assert np.abs(offset - [east, -up, north]).max() < 0.1  # metres
        east, north, up = view.rotation[2]  # ahead
        ahead = rotation_of(entry["pose"]["rotation"])[2]
        assert np.degrees(np.arccos(np.clip(ahead @ [east, -up, north], -1, 1))) < 0.5


def test_every_photo_has_its_position_residual_error_and_counts(survey: Survey, photos: dict[str, Any]) -> None:
    errors = [photos[view.name]["reprojectionErrorPx"] for view in survey.views]
    observations = [photos[view.name]["observations"] for view in survey.views]
    assert np.average(errors, weights=observations) == pytest.approx(
        survey.result.metrics["reprojectionErrorPx"], rel=0.01
    )
    assert sum(observations) == survey.result.metrics["observations"]
    for view in survey.views:
        entry = photos[view.name]
        assert entry["features"] > 500 and entry["partners"] >= 2
        assert abs(entry["gps"]["latitude"] - ORIGIN[0]) < 0.01 and abs(entry["gps"]["longitude"] - ORIGIN[1]) < 0.01
        assert entry["gps"]["altitude"] == pytest.approx(ORIGIN[2] + view.center[2], abs=0.01)
        assert max(abs(value) for value in entry["gpsResidualM"].values()) < 0.2


def test_files_that_are_no_photos_are_listed_with_the_reason_and_nothing_else(photos: dict[str, Any]) -> None:
    entry = photos["notes.txt"]
    assert entry["whyNot"] == "not a JPEG, PNG, TIFF or WebP image"
    assert not entry["registered"]
    assert all(entry[name] is None for name in ("image", "thumbnail", "pose", "gps", "features", "camera"))


def test_the_cameras_are_those_of_the_prepared_photos(survey: Survey, photos: dict[str, Any]) -> None:
    cameras = {camera["id"]: camera for camera in read(survey.job, "photos.json")["cameras"]}
    for view in survey.views:
        camera = cameras[photos[view.name]["camera"]]
        assert (camera["width"], camera["height"]) == (240, 180)
        assert camera["params"][0] == pytest.approx(28 / 35 * 240, rel=0.01)


def test_every_readable_photo_has_a_small_thumbnail(survey: Survey, photos: dict[str, Any]) -> None:
    for view in survey.views:
        path = survey.job.output / photos[view.name]["thumbnail"]
        assert path.stat().st_size < 30_000
        with Image.open(path) as image:
            assert image.format == "WEBP" and max(image.size) <= 256 and image.width > image.height


def test_the_scene_file_says_where_the_scene_lies_and_how_sure_its_scale_is(
    survey: Survey, scene: dict[str, Any]
) -> None:
    georeference = read(survey.job, "georeference.json")
    assert scene["metric"] is True and scene["scale"]["source"] == "gps"
    assert 0 <= scene["scale"]["relativeSigma"] < 0.01
    assert scene["origin"] == {"datum": "WGS84", **georeference["origin"]}
    matrix = np.array(scene["enuFromScene"])
    assert (matrix @ [1, 2, 3, 1]).tolist() == [1, 3, -2, 1]  # x east, y down, z north
    assert scene["flightHeight"] == pytest.approx(survey.result.metrics["frame"]["cameraHeight"], rel=1e-3)
    distance = survey.result.metrics["frame"]["cameraDistance"]
    assert scene["groundSamplingDistance"] == pytest.approx(distance / (28 / 35 * 480), rel=0.02)


def test_the_opening_view_shows_the_whole_subject(survey: Survey, scene: dict[str, Any]) -> None:
    low, high = (np.array(scene["subject"][name]) for name in ("min", "max"))
    assert (high > low).all()
    assert (np.array(scene["bounds"]["min"]) <= low).all() and (np.array(scene["bounds"]["max"]) >= high).all()
    assert scene["counts"]["photos"] == survey.result.metrics["registered"]
    assert scene["counts"]["points"] == survey.result.metrics["points"]
    assert scene["openingView"]["position"][1] < low[1]  # above: y is down
    assert scene["openingView"]["target"] == pytest.approx(((low + high) / 2).tolist(), abs=1e-4)


def test_the_coverage_map_counts_photos_and_is_drawn_north_up(survey: Survey, scene: dict[str, Any]) -> None:
    coverage = scene["coverage"]
    assert 2 <= coverage["median"] <= coverage["max"] <= len(survey.views)
    assert survey.result.metrics["ground"] == {
        "samplingDistanceM": scene["groundSamplingDistance"],
        "photosMedian": coverage["median"],
        "photosMax": coverage["max"],
        "cellSize": coverage["cellSize"],
    }
    with Image.open(survey.job.output / "coverage.png") as picture:
        scale = coverage["pixelsPerCell"]
        assert picture.size == (coverage["columns"] * scale, coverage["rows"] * scale)
        assert max(picture.size) <= 1024


def test_photos_that_nothing_could_be_made_of_have_thumbnails_and_reasons_too(new_job: Any, place: Place) -> None:
    job = new_job()
    for view in survey_views()[:2]:
        save_photo(job.photos / view.name, place.render(view))

    result = job.run()

    assert result.verdict["code"] == "TOO_FEW_PHOTOS"
    entries = read(job, "photos.json")["photos"]
    assert len(entries) == 2
    for entry in entries:
        assert not entry["registered"] and entry["whyNot"]
        assert (job.output / entry["thumbnail"]).is_file()
    assert not (job.output / "scene.json").exists()
