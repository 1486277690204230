"""Rendered sets with known cameras: each is placed as well as the method can."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pycolmap
import pytest
from sfm_testing.job import Job, Result
from sfm_testing.place import Place, look
from sfm_testing.proof_sets import LEVEL, PROOF_SETS, ProofSet, Shot, site
from sfm_testing.truth import Deviations, TrueCamera, deviations

NewJob = Callable[..., Job]


@pytest.mark.parametrize("proof", [each for each in PROOF_SETS if each.in_suite], ids=lambda each: each.name)
def test_cameras_and_ground_are_where_they_were(new_job: NewJob, proof: ProofSet) -> None:
    job = new_job()
    proof.write(job)

    result = job.run()

    assert result.status == 0, result.stderr
    found = deviations(job, result, proof.truth, site("home"), proof.upright)
    assert found.beyond(proof.limits) == {}, found


def test_a_turned_picture_has_a_turned_camera() -> None:
    """Anticlockwise: what was below is on the right then, and what was on the right is above."""
    shot = Shot(look("a.jpg", (0, 0, 30), 0, -90))
    turned = replace(shot, quarter_turns=1)
    assert turned.rotation[0] == pytest.approx(shot.rotation[1])
    assert turned.rotation[1] == pytest.approx(-shot.rotation[0])
    assert np.linalg.det(turned.rotation) == pytest.approx(1)


@pytest.fixture
def scene(tmp_path: Path) -> Callable[[float, float], Deviations]:
    """Measures a model of six cameras over flat ground, one of them moved and turned."""
    views = [look(f"{number}.jpg", (5.0 * (number % 3), 4.0 * (number // 3), 30), 0, -90) for number in range(6)]
    export = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])  # x east, y down, z north

    def measured(moved_m: float, turned_degrees: float) -> Deviations:
        model = pycolmap.Reconstruction()
        model.add_camera_with_trivial_rig(pycolmap.Camera.create_from_model_name(1, "SIMPLE_PINHOLE", 384, 480, 360))
        for number, view in enumerate(views, start=1):
            turn = look("", (0, 0, 0), turned_degrees if number == 2 else 0.0, -90).rotation
            center = export @ (view.center + np.array([moved_m if number == 2 else 0.0, 0, 0]))
            rotation = turn @ export.T
            pose = pycolmap.Rigid3d(pycolmap.Rotation3d(rotation), (-rotation @ center).reshape(3, 1))
            image = pycolmap.Image(view.name, np.zeros((20, 2)), camera_id=1, image_id=number)
            model.add_image_with_trivial_frame(image, pose)
        for index in range(20):
            track = pycolmap.Track()
            for number in (1, 2, 3):
                track.add_element(number, index)
            model.add_point3D(export @ np.array([float(index), float(index % 5), 0.0]), track)
        job = Job(tmp_path)
        (job.output / "sparse" / "0").mkdir(parents=True, exist_ok=True)
        model.write_binary(job.output / "sparse" / "0")
        result = Result(0, "", "", {"metrics": {"accuracy": None}})
        truth = {view.name: TrueCamera(view.center, view.rotation, 384 / 480) for view in views}
        return deviations(job, result, truth, Place(relief=0.0), LEVEL)

    return measured


def test_a_true_scene_deviates_in_nothing(scene: Callable[[float, float], Deviations]) -> None:
    assert scene(0.0, 0.0).beyond(Deviations(0, 0, 1e-9, 1e-4, 1e-9, 1e-9, 1e-4)) == {}


def test_a_camera_that_is_moved_and_turned_is_measured(scene: Callable[[float, float], Deviations]) -> None:
    found = scene(1.0, 5.0)
    assert found.position_share == pytest.approx(np.sqrt(5 / 36) / np.hypot(10, 4), rel=0.15)  # one of six by a metre
    assert found.rotation_degrees == pytest.approx(5 * 5 / 6, rel=0.02)
    assert set(found.beyond(Deviations())) >= {"position_share", "rotation_degrees"}


def test_a_measure_that_is_missing_is_beyond_its_limit() -> None:
    assert Deviations(place_m=None).beyond(Deviations(place_m=0.1)) == {"place_m": (None, 0.1)}
