"""Mapping of synthetic matches, and the choice among models."""

from pathlib import Path

import numpy as np
import pycolmap
import pytest
from sfm_testing.place import look
from spaceport_sfm.alignment import fit_similarity
from spaceport_sfm.mapping import (
    MappingOptions,
    best_first,
    map_incrementally,
    refine_cameras,
    views_are_parallel,
)
from spaceport_sfm.tuning import MappingTuning

TUNING = MappingTuning()
OPTIONS = MappingOptions(pixel_scale=1.0, use_position_priors=False, refine_focal_length=True, threads=2, seed=0)


def synthetic(path: Path | None, frames: int, points: int = 300) -> pycolmap.Reconstruction:
    """Cameras around a cloud of points; with `path` their matches go into a database there."""
    pycolmap.set_random_seed(4)
    options = pycolmap.SyntheticDatasetOptions(num_rigs=1, num_frames_per_rig=frames, num_points3D=points)
    if path is None:
        return pycolmap.synthesize_dataset(options)
    with pycolmap.Database.open(path) as database:
        return pycolmap.synthesize_dataset(options, database)


def test_synthetic_cameras_are_recovered_and_every_registration_is_reported(tmp_path: Path) -> None:
    truth = synthetic(tmp_path / "database.db", frames=16)
    registered: list[int] = []

    models = map_incrementally(
        tmp_path / "database.db", tmp_path, tmp_path / "models", OPTIONS, TUNING, registered.append
    )
    refine_cameras(models[0], TUNING, threads=2)

    centers = {image.name: image.projection_center() for image in truth.images.values()}
    found = {image.name: image.projection_center() for image in models[0].images.values()}
    assert found.keys() == centers.keys()
    source = np.array([found[name] for name in sorted(found)])
    target = np.array([centers[name] for name in sorted(found)])
    errors = np.linalg.norm(fit_similarity(source, target)(source) - target, axis=1)
    assert errors.max() < 1e-3 * np.linalg.norm(np.ptp(target, axis=0))
    assert registered == sorted(registered) and registered[-1] == 16
    assert {camera.model for camera in models[0].cameras.values()} == {pycolmap.CameraModelId.OPENCV}


def test_a_database_without_matches_gives_no_model(tmp_path: Path) -> None:
    pycolmap.Database.open(tmp_path / "database.db").close()
    assert (
        map_incrementally(tmp_path / "database.db", tmp_path, tmp_path / "models", OPTIONS, TUNING, lambda _: None)
        == []
    )


def test_the_model_with_most_photos_comes_first_then_the_one_with_most_points() -> None:
    small, large, larger = synthetic(None, 4, 500), synthetic(None, 8, 100), synthetic(None, 8, 200)
    empty = pycolmap.Reconstruction()
    assert best_first([small, large, empty, larger]) == [larger, large, small]


@pytest.mark.parametrize(
    ("pitches", "parallel"), [([-90, -90, -90, -88], True), ([-90, -90, -60, -60], False)], ids=["nadir", "mixed"]
)
def test_parallel_views_are_told_from_diverse_ones(pitches: list[float], parallel: bool) -> None:
    model = pycolmap.Reconstruction()
    model.add_camera_with_trivial_rig(pycolmap.Camera.create_from_model_name(1, "SIMPLE_PINHOLE", 400, 640, 480))
    for number, pitch in enumerate(pitches, start=1):
        image = pycolmap.Image(name=f"{number}.jpg", camera_id=1, image_id=number)
        view = look("", (0, 0, 0), 90.0 * number, pitch)
        model.add_image_with_trivial_frame(
            image, pycolmap.Rigid3d(pycolmap.Rotation3d(view.rotation), -view.rotation @ view.center)
        )
    assert views_are_parallel(model, TUNING.parallel_views_degrees) is parallel
