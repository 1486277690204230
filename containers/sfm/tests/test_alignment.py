"""Pure rules over points and cameras, against transforms that are known."""

import numpy as np
import pytest
from sfm_testing.place import look
from spaceport_sfm.alignment import (
    Alignment,
    Similarity,
    align_robustly,
    fit_similarity,
    fit_upright_similarity,
    rotation_to_up,
    tilt_uncertainty,
    up_from_cameras,
    up_from_gimbals,
    weighted_median,
)
from spaceport_sfm.tuning import AlignmentTuning

RANDOM = np.random.default_rng(5)
TILTED = rotation_to_up(np.array([0.3, -0.8, 0.5]), np.array([1.0, 0.0, 0.0]))
TRUTH = Similarity(3.5, TILTED, np.array([10.0, -20.0, 5.0]))
UP = np.array([0.0, 0.0, 1.0])


def model_rotations(poses: list[tuple[float, float]]) -> np.ndarray:
    """Cameras by (heading, pitch), seen from a model whose frame is turned by TILTED."""
    return np.array([look("", (0, 0, 0), heading, pitch).rotation @ TILTED for heading, pitch in poses])


def test_a_similarity_is_recovered_exactly_without_noise() -> None:
    source = RANDOM.random((10, 3))
    fit = fit_similarity(source, TRUTH(source))
    assert fit.scale == pytest.approx(3.5)
    assert np.allclose(fit.rotation, TILTED) and np.allclose(fit.translation, TRUTH.translation)


def test_mirrored_points_still_give_a_proper_rotation() -> None:
    source = RANDOM.random((10, 3))
    assert np.linalg.det(fit_similarity(source, source * [1, 1, -1]).rotation) == pytest.approx(1)


def test_an_upright_fit_turns_around_the_vertical_only_and_bears_missing_heights() -> None:
    source = RANDOM.random((10, 3))
    turn = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    target = Similarity(2.0, turn, np.array([1.0, 2, 3]))(source)
    target[3, 2] = np.nan
    fit = fit_upright_similarity(source, target)
    assert fit.scale == pytest.approx(2) and np.allclose(fit.rotation, turn) and np.allclose(fit.translation, [1, 2, 3])


def test_outliers_do_not_move_a_robust_alignment() -> None:
    source = RANDOM.random((20, 3)) * 10
    target = TRUTH(source) + RANDOM.normal(0, 0.02, (20, 3))
    target[:6] += 40
    alignment = align_robustly(source, target, AlignmentTuning(), upright=False, seed=0)
    assert alignment is not None
    assert not alignment.inliers[:6].any() and alignment.inliers[6:].sum() >= 10
    assert alignment.transform.scale == pytest.approx(3.5, rel=0.01)


def test_positions_that_have_nothing_to_do_with_each_other_are_not_aligned() -> None:
    assert (
        align_robustly(RANDOM.random((20, 3)), RANDOM.random((20, 3)) * 100, AlignmentTuning(), upright=False, seed=0)
        is None
    )


def test_two_positions_are_not_aligned() -> None:
    assert align_robustly(np.zeros((2, 3)), np.zeros((2, 3)), AlignmentTuning(), upright=False, seed=0) is None


def test_transforms_compose_in_the_order_they_are_applied() -> None:
    first = Similarity(0.5, TILTED.T, np.array([1.0, 0, 0]))
    point = np.array([1.0, 2.0, 3.0])
    assert np.allclose(TRUTH.after(first)(point), TRUTH(first(point)))


def test_a_straight_flight_leaves_its_tilt_uncertain_and_a_wide_one_does_not() -> None:
    line = np.stack([np.arange(20) * 10.0, np.zeros(20), np.zeros(20)], axis=1)
    square = np.array([[x * 10.0, y * 10.0, 0.0] for x in range(5) for y in range(4)])
    assert tilt_uncertainty(line, 1.0) > np.radians(45)
    assert tilt_uncertainty(square, 1.0) < np.radians(2)
    assert tilt_uncertainty(line[:2], 1.0) == float("inf")


@pytest.mark.parametrize(
    "poses",
    [
        [(heading, -90) for heading in (0, 90, 180, 270)],
        [(heading, -50) for heading in range(0, 360, 45)],
        [(heading, 0) for heading in range(0, 360, 45)],
        [(0, -90), (180, -90), (0, -90), (180, -90)],
        [(20, -60)] * 5 + [(110, -60)] * 5,
    ],
    ids=["nadir", "oblique orbit", "level orbit", "nadir strip, there and back", "two oblique strips"],
)
def test_up_is_found_from_cameras_held_level(poses: list[tuple[float, float]]) -> None:
    up = TILTED @ up_from_cameras(model_rotations(poses))
    assert np.degrees(np.arccos(np.clip(up @ UP, -1, 1))) < 0.5


@pytest.mark.parametrize("pitch", [-90.0, -45.0, 0.0])
def test_up_is_found_from_gimbal_angles_even_in_one_strip(pitch: float) -> None:
    up = up_from_gimbals(model_rotations([(30, pitch)] * 4), np.full(4, pitch), AlignmentTuning().min_gimbal_agreement)
    assert up is not None and np.allclose(TILTED @ up, UP, atol=1e-9)


def test_gimbal_angles_that_contradict_the_cameras_are_not_believed() -> None:
    nadir = model_rotations([(heading, -90) for heading in (0, 90, 180, 270)])
    assert up_from_gimbals(nadir, np.zeros(4), AlignmentTuning().min_gimbal_agreement) is None


def test_a_frame_is_proper_even_when_the_hint_is_vertical() -> None:
    rotation = rotation_to_up(UP, UP)
    assert np.allclose(rotation @ rotation.T, np.eye(3)) and np.linalg.det(rotation) == pytest.approx(1)


def test_an_accurate_position_outweighs_many_poor_ones() -> None:
    source = RANDOM.random((40, 3)) * 10
    std_m = np.tile([[5.0, 5.0, 10.0]], (40, 1))
    std_m[::4] = 0.02
    target = TRUTH(source) + RANDOM.normal(0, 1, (40, 3)) * std_m / 5
    equal = align_robustly(source, target, AlignmentTuning(), upright=False, seed=0)
    weighted = align_robustly(source, target, AlignmentTuning(), upright=False, seed=0, std_m=std_m)
    assert equal is not None and weighted is not None

    def error(alignment: Alignment) -> float:
        return float(np.linalg.norm(alignment.transform(source) - TRUTH(source), axis=1).max())

    assert error(weighted) < 0.15 < error(equal)
    assert weighted.inliers[::4].all()


def test_equal_accuracies_weigh_like_none() -> None:
    source = RANDOM.random((12, 3)) * 10
    target = TRUTH(source) + RANDOM.normal(0, 0.1, (12, 3))
    for upright in (False, True):
        one = align_robustly(source, target, AlignmentTuning(), upright=upright, seed=0)
        other = align_robustly(source, target, AlignmentTuning(), upright=upright, seed=0, std_m=np.ones((12, 3)))
        assert (one is None) == (other is None)
        if one is not None and other is not None:
            assert np.allclose(one.transform(source), other.transform(source))


def test_the_weighted_median_is_the_median_where_weights_are_equal() -> None:
    for values in ([3.0, 1.0, 2.0], [4.0, 1.0, 2.0, 3.0], [7.0]):
        assert weighted_median(np.array(values), np.ones(len(values))) == pytest.approx(np.median(values))
    assert weighted_median(np.array([1.0, 2.0, 9.0]), np.array([1.0, 1.0, 10.0])) == 9.0
