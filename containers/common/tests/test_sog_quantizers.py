"""Fixed-step quantisers: each value comes back within half a step."""

import numpy as np
import pytest
from spaceport_common.sog.morton import morton_order
from spaceport_common.sog.quantizers import (
    POSITION_STEPS,
    dequantize_opacities,
    dequantize_positions,
    dequantize_rotations,
    log_transform,
    quantize_opacities,
    quantize_positions,
    quantize_rotations,
    sigmoid,
)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("spread", [1e-3, 1.0, 1e4])
def test_positions_come_back_within_half_a_step_of_their_logarithm(seed: int, spread: float) -> None:
    positions = np.random.default_rng(seed).normal(0, spread, (2000, 3)).astype(np.float32)
    quantized = quantize_positions(positions)
    error = np.abs(log_transform(dequantize_positions(quantized)) - log_transform(positions))
    step = (quantized.maxs - quantized.mins) / POSITION_STEPS
    assert (error <= step * 0.5 + 1e-6 * np.abs(log_transform(positions))).all()


def test_an_axis_without_extent_comes_back_exactly() -> None:
    positions = np.array([[1, 7.25, -3], [2, 7.25, -3]], np.float32)
    found = dequantize_positions(quantize_positions(positions))
    np.testing.assert_allclose(found[:, 1:], positions[:, 1:], rtol=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_rotations_come_back_within_half_a_step_in_each_stored_component(seed: int) -> None:
    rotations = np.random.default_rng(seed).normal(0, 1, (5000, 4)).astype(np.float32)
    unit = rotations / np.linalg.norm(rotations, axis=1, keepdims=True)
    codes = quantize_rotations(rotations)
    found = dequantize_rotations(codes)
    unit *= np.sign((unit * found).sum(axis=1, keepdims=True))
    stored = np.ones_like(unit, dtype=bool)
    stored[np.arange(len(unit)), codes[:, 3] - 252] = False
    assert np.abs(found - unit)[stored].max() <= 0.5 * 2 / 255 / np.sqrt(2) + 1e-6
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    assert np.array_equal(np.abs(unit).argmax(axis=1), codes[:, 3] - 252)


@pytest.mark.parametrize(
    "rotation", [(1, 0, 0, 0), (0, -1, 0, 0), (0, 0, 3e38, 0), (0, 0, 0, 1e-30), (0.5, -0.5, 0.5, -0.5)]
)
def test_a_rotation_keeps_its_axis_whatever_its_length_and_sign(rotation: tuple[float, ...]) -> None:
    found = dequantize_rotations(quantize_rotations(np.array([rotation], np.float32)))[0].astype(float)
    unit = np.array(rotation) / np.max(np.abs(rotation))
    unit /= np.linalg.norm(unit)
    assert abs(float(found @ unit)) > 0.9999


def test_opacities_come_back_within_half_a_step_and_extremes_stay_finite() -> None:
    logits = np.concatenate([np.linspace(-12, 12, 5001), [-1e4, 1e4]]).astype(np.float32)
    found = dequantize_opacities(quantize_opacities(logits))
    assert np.isfinite(found).all()
    assert np.abs(sigmoid(found) - sigmoid(logits)).max() <= 0.5 / 255 + 1e-5


def test_the_z_curve_walks_each_octant_before_it_enters_the_next() -> None:
    corners = [[x, y, z] for x in (0, 65535) for y in (0, 65535) for z in (0, 65535)]
    codes = np.array([*corners, [1, 0, 0], [0, 1, 0], [0, 0, 1], [32767, 32767, 32767], [32768, 0, 0]], np.uint16)
    bits = [
        sum(((int(v) >> bit) & 1) << (3 * bit + axis) for axis, v in enumerate(code) for bit in range(16))
        for code in codes
    ]
    assert morton_order(codes).tolist() == sorted(range(len(codes)), key=bits.__getitem__)
