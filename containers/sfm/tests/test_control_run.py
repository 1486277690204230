"""Whole runs over rendered photos with poor positions, and files beside them that know better."""

import json
from collections.abc import Callable

import numpy as np
import pycolmap
import pytest
from numpy.typing import NDArray
from sfm_testing.control import UTM, control_list, utm_of
from sfm_testing.job import Job, Result
from sfm_testing.photo_files import gps_of, save_photo
from sfm_testing.place import Place, survey_views

NewJob = Callable[..., Job]
Floats = NDArray[np.float64]


def camera_errors(job: Job, result: Result) -> Floats:
    """float64[N, 3]: places of cameras on Earth, minus the true ones, metres east, north, up of the place's origin."""
    assert result.status == 0, result.stderr
    origin = json.loads((job.output / "georeference.json").read_text("utf-8"))["origin"]
    model = pycolmap.Reconstruction(job.output / "sparse" / "0")
    truth = {view.name: view.center for view in survey_views()}
    middle = np.array([gps_of(np.zeros(3))])
    here = pycolmap.GPSTransform(pycolmap.GPSTransformEllipsoid.WGS84).ellipsoid_to_enu(
        np.array([[origin["latitude"], origin["longitude"], origin["altitude"]]]), *middle[0]
    )[0]
    images = [model.image(image_id) for image_id in model.reg_image_ids()]
    centers = [image.projection_center() for image in images]
    places = [here + np.array([east, north, -down]) for east, down, north in centers]
    return np.array([place - truth[image.name] for place, image in zip(places, images, strict=True)])


def flight(job: Job, place: Place, noise_m: float | None) -> None:
    random = np.random.default_rng(4)
    for view in survey_views():
        gps = None if noise_m is None else gps_of(view.center + random.normal(0, noise_m, 3))
        save_photo(job.photos / view.name, place.render(view), gps=gps)


def test_ground_control_holds_a_flight_whose_gps_is_metres_off(new_job: NewJob, place: Place) -> None:
    job = new_job()
    flight(job, place, noise_m=5.0)
    (job.photos / "gcp_list.txt").write_text(control_list(place, survey_views()), "utf-8")

    result = job.run()

    metrics = result.metrics
    assert metrics["registered"] == len(survey_views()) and metrics["georeferenced"] is True
    assert metrics["frame"]["alignedBy"] == "ground control"
    assert np.abs(camera_errors(job, result)).max() < 0.15  # half a percent of the height
    accuracy = metrics["accuracy"]
    assert (accuracy["control"]["count"], accuracy["check"]["count"]) == (5, 3)
    assert max(accuracy["control"]["ce90M"], accuracy["control"]["le90M"]) < 0.1
    assert max(accuracy["check"]["ce90M"], accuracy["check"]["le90M"]) < 0.15
    assert accuracy["gps"]["rmsEastM"] > 2  # the noise of the photos' own positions, no longer the scene's
    scene = json.loads((job.output / "scene.json").read_text("utf-8"))
    assert scene["scale"]["source"] == "ground control"
    assert result.report is not None
    (camera,) = result.report["inputs"]["cameras"]
    delivered = next(iter(pycolmap.Reconstruction(job.output / "sparse" / "0").cameras.values()))
    assert camera["focalPx"] / camera["width"] == pytest.approx(
        delivered.mean_focal_length() / delivered.width, rel=1e-5
    )


def test_geo_txt_lays_photos_without_positions_on_the_map(new_job: NewJob, place: Place) -> None:
    job = new_job()
    flight(job, place, noise_m=None)
    lines = [f"{view.name} {' '.join(f'{value:.4f}' for value in utm_of(view.center))}" for view in survey_views()]
    (job.photos / "geo.txt").write_text("\n".join([UTM, *lines]), "utf-8")

    result = job.run()

    assert result.metrics["photos"] == len(survey_views())
    assert result.metrics["frame"]["alignedBy"] == "position"
    assert np.abs(camera_errors(job, result)).max() < 0.15
    assert result.report is not None and result.report["inputs"]["positionFiles"] == {"geo.txt": len(survey_views())}


def test_control_points_that_do_not_fit_are_said_and_gps_counts(new_job: NewJob, place: Place) -> None:
    job = new_job()
    flight(job, place, noise_m=0.0)
    east, north, height = utm_of(np.zeros(3))
    marks = [f"{east + 50 * i} {north + 80 * (i % 2)} {height} {100 + i} 100 grid/0-{i % 4}.jpg p" for i in range(4)]
    (job.photos / "gcp_list.txt").write_text("\n".join([UTM, *marks]), "utf-8")

    result = job.run()

    assert result.metrics["frame"]["alignedBy"] == "position"
    assert any("ground control points were not used" in warning for warning in result.metrics["warnings"])
    assert result.metrics["accuracy"]["control"] is None and result.metrics["accuracy"]["gps"]["count"] > 10
