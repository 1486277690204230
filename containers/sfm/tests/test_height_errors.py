"""Heights of cameras against their altitudes: bends and lenses that are off stand out, noise and tilt do not."""

import numpy as np
import pytest
from numpy.typing import NDArray
from spaceport_sfm.height_errors import height_errors

GRID = np.array([[10.0 * x, 12.0 * y, 40.0] for y in range(4) for x in range(6)])
RANDOM = np.random.default_rng(4)
NOISE = RANDOM.normal(0, 0.5, len(GRID))


def found(heights: NDArray[np.float64], lenses: list[object] | None = None) -> float:
    errors = height_errors(np.column_stack([GRID[:, :2], heights]), GRID[:, 2] + NOISE, lenses or [24.0] * len(GRID))
    assert errors is not None
    return errors.significant


def test_heights_that_agree_with_their_altitudes_have_next_to_no_error() -> None:
    assert found(GRID[:, 2]) < 1.5


def test_a_bowl_is_found_with_its_depth() -> None:
    middle = GRID[:, :2].mean(axis=0)
    bowl = 12.0 * np.sum((GRID[:, :2] - middle) ** 2, axis=1) / np.sum((GRID[0, :2] - middle) ** 2)
    assert found(GRID[:, 2] + bowl) == pytest.approx(12, abs=2)


def test_a_tilt_is_none() -> None:
    assert found(GRID[:, 2] + 0.3 * GRID[:, 0] - 0.2 * GRID[:, 1]) < 1.5


def test_a_zoomed_lens_whose_photos_are_20_m_too_low_is_found() -> None:
    zoomed = np.arange(len(GRID)) % 2 == 1
    assert found(GRID[:, 2] - 20.0 * zoomed, [48.0 if zoom else 24.0 for zoom in zoomed]) == pytest.approx(20, abs=1)


def test_three_wrong_altitudes_are_no_bend() -> None:
    wrong = np.zeros(len(GRID))
    wrong[[0, 7, 20]] = 150.0
    assert found(GRID[:, 2] + wrong) < 1.5


def test_one_straight_strip_can_be_judged() -> None:
    line = np.column_stack([np.arange(12) * 10.0, np.zeros(12), np.full(12, 40.0)])
    errors = height_errors(line, line[:, 2] + NOISE[:12], [None] * 12)
    assert errors is not None and errors.significant < 3


def test_few_altitudes_are_not_judged() -> None:
    assert height_errors(GRID[:9], GRID[:9, 2], [None] * 9) is None
    assert height_errors(GRID, np.full(len(GRID), np.nan), [None] * len(GRID)) is None
