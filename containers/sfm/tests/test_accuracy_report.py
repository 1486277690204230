"""Accuracy by axis, against figures that are worked out by hand."""

import numpy as np
import pytest
from spaceport_sfm.accuracy_report import axis_accuracy


def test_rms_ce90_and_le90_are_by_axis() -> None:
    found = axis_accuracy(np.array([[3.0, 0.0, 1.0], [-3.0, 4.0, -1.0], [3.0, -4.0, 1.0], [-3.0, 0.0, np.nan]]))
    assert found is not None and found.count == 4
    assert (found.rms_east_m, found.rms_north_m, found.rms_up_m) == pytest.approx((3.0, 8**0.5, 1.0), abs=1e-4)
    assert found.ce90_m == pytest.approx(1.5175 * 17**0.5, abs=1e-3) and found.le90_m == pytest.approx(1.6449)


def test_nine_of_ten_normal_errors_lie_within_ce90_and_le90() -> None:
    errors = np.random.default_rng(0).normal(0, 0.2, (20_000, 3))
    found = axis_accuracy(errors)
    assert found is not None and found.le90_m is not None
    assert np.mean(np.hypot(errors[:, 0], errors[:, 1]) < found.ce90_m) == pytest.approx(0.9, abs=0.01)
    assert np.mean(np.abs(errors[:, 2]) < found.le90_m) == pytest.approx(0.9, abs=0.01)


def test_unknown_heights_and_no_errors_have_no_figures() -> None:
    flat = axis_accuracy(np.array([[1.0, 1.0, np.nan]]))
    assert flat is not None and flat.rms_up_m is None and flat.le90_m is None
    assert axis_accuracy(np.zeros((0, 3))) is None
