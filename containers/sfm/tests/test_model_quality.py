"""What photos of a model are worth, and whether two models tell the same."""

import numpy as np
import pycolmap
import pytest
from spaceport_sfm.model_quality import agreement, photo_names, points_in_three, support, take_out


@pytest.fixture
def model() -> pycolmap.Reconstruction:
    pycolmap.set_random_seed(4)
    options = pycolmap.SyntheticDatasetOptions(num_rigs=1, num_frames_per_rig=8, num_points3D=300)
    return pycolmap.synthesize_dataset(options)


def moved(model: pycolmap.Reconstruction) -> pycolmap.Reconstruction:
    """The same model in another frame."""
    other = pycolmap.Reconstruction(model)
    turn = pycolmap.Rotation3d(np.array([0.2, -0.4, 0.1, 0.6]) / np.linalg.norm([0.2, -0.4, 0.1, 0.6]))
    other.transform(pycolmap.Sim3d(3.0, turn, np.array([5.0, -2.0, 1.0])))
    return other


def test_a_model_agrees_with_itself_in_another_frame(model: pycolmap.Reconstruction) -> None:
    compared = agreement(model, moved(model))
    assert compared is not None
    assert compared.rotations_degrees.max() < 1e-3 and compared.position_shares.max() < 1e-6
    assert compared.share_within(1, 0.01) == 1


def test_a_photo_that_is_turned_does_not_agree(model: pycolmap.Reconstruction) -> None:
    other = moved(model)
    frame = next(iter(other.frames.values()))
    pose = frame.rig_from_world
    turn = pycolmap.Rotation3d(np.array([0.0, 0.0, np.sin(np.radians(5)), np.cos(np.radians(5))]))
    frame.rig_from_world = pycolmap.Rigid3d(turn * pose.rotation, turn * pose.translation)
    compared = agreement(model, other)
    assert compared is not None
    assert compared.share_within(1, 0.01) == pytest.approx(7 / 8)


def test_models_that_share_two_photos_say_nothing_of_each_other(model: pycolmap.Reconstruction) -> None:
    other = moved(model)
    take_out(other, set(sorted(photo_names(other))[2:]))
    assert agreement(model, other) is None


def test_only_points_that_three_photos_see_hold_a_photo(model: pycolmap.Reconstruction) -> None:
    name = min(photo_names(model))
    before = support(model)[name]
    others = sorted(photo_names(model) - {name})
    take_out(model, set(others[1:]))
    assert before > 0 and points_in_three(model) == 0
    assert support(model) == {name: 0, others[0]: 0}
