"""The fixed-step parts of SOG 2: positions, rotations and opacities. Each quantiser stands next to its inverse.

Layout and formulas are those of PlayCanvas's splat-transform 3.7 (write-sog.ts, read-sog.ts), except that values
are rounded where it truncates, which halves the worst error.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .gaussians import Float32s

Float64s = NDArray[np.float64]
Bytes = NDArray[np.uint8]

POSITION_STEPS = 65535
BYTE_STEPS = 255
QUATERNION_TAG = 252  # the alpha byte is this plus the index of the component that is left out
OPACITY_MARGIN = 1e-6  # read-sog.ts clamps to this before it takes the logit
# For each left-out component, which three are stored.
STORED_COMPONENTS = np.array([[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]])


@dataclass(frozen=True)
class QuantizedPositions:
    """codes: uint16[N, 3]; `mins`, `maxs`: float64[3], the range of each axis after log_transform."""

    codes: NDArray[np.uint16]
    mins: Float64s
    maxs: Float64s

    def reordered(self, order: NDArray[np.intp]) -> "QuantizedPositions":
        """Of the Gaussians `order[0]`, `order[1]`, and so on."""
        return QuantizedPositions(self.codes[order], self.mins, self.maxs)


def log_transform(values: Float32s | Float64s) -> Float64s:
    """sign(x) ln(|x| + 1): fine steps near the origin, coarse ones far away."""
    wide = np.asarray(values, np.float64)
    return np.copysign(np.log1p(np.abs(wide)), wide)


def quantize_positions(positions: Float32s) -> QuantizedPositions:
    """16 bits an axis over its own range; off by at most half a step after log_transform.

    An axis without extent gets code 0, which every decoder turns back into its minimum.
    """
    logs = log_transform(positions)
    mins, maxs = logs.min(axis=0), logs.max(axis=0)
    extent = maxs - mins
    codes = np.rint((logs - mins) * (POSITION_STEPS / np.where(extent > 0, extent, 1.0)))
    return QuantizedPositions(codes.astype(np.uint16), mins, maxs)


def dequantize_positions(quantized: QuantizedPositions) -> Float32s:
    """World positions float32[N, 3]."""
    logs = quantized.mins + (quantized.maxs - quantized.mins) * (quantized.codes / POSITION_STEPS)
    return np.copysign(np.expm1(np.abs(logs)), logs).astype(np.float32)


def quantize_rotations(rotations: Float32s) -> Bytes:
    """uint8[N, 4]: the three smaller components of the unit quaternion, scaled from +-1/sqrt(2), and a tag."""
    # Scaled by the largest component first: the square of a very long or short quaternion would not be finite.
    wide = rotations / np.abs(rotations).max(axis=1, keepdims=True).astype(np.float64)
    unit = wide / np.linalg.norm(wide, axis=1, keepdims=True)
    largest = np.abs(unit).argmax(axis=1)
    rows = np.arange(len(unit))
    unit *= np.where(unit[rows, largest] < 0, -1.0, 1.0)[:, None]  # q and -q are the same rotation
    stored = unit[rows[:, None], STORED_COMPONENTS[largest]]
    codes = np.empty((len(unit), 4), np.uint8)
    codes[:, :3] = np.clip(np.rint((stored * np.sqrt(2) * 0.5 + 0.5) * BYTE_STEPS), 0, BYTE_STEPS)
    codes[:, 3] = QUATERNION_TAG + largest
    return codes


def dequantize_rotations(codes: Bytes) -> Float32s:
    """Unit quaternions float32[N, 4], w x y z, the largest component positive."""
    largest = codes[:, 3].astype(np.intp) - QUATERNION_TAG
    if largest.size and largest.min() < 0:
        raise ValueError("a rotation has no component tag")
    stored = (codes[:, :3] / BYTE_STEPS * 2 - 1) / np.sqrt(2)
    rows = np.arange(len(codes))
    unit = np.empty((len(codes), 4))
    unit[rows[:, None], STORED_COMPONENTS[largest]] = stored
    unit[rows, largest] = np.sqrt(np.maximum(0, 1 - (stored**2).sum(axis=1)))
    return unit.astype(np.float32)


def sigmoid(logits: Float32s | Float64s) -> Float64s:
    """1 / (1 + exp(-x)), without overflow."""
    decay = np.exp(-np.abs(np.asarray(logits, np.float64)))
    values: Float64s = np.where(logits >= 0, 1.0, decay) / (1 + decay)
    return values


def quantize_opacities(logits: Float32s) -> Bytes:
    """uint8[N]: the opacity 0..1 in 255 steps."""
    return np.rint(sigmoid(logits) * BYTE_STEPS).astype(np.uint8)


def dequantize_opacities(codes: Bytes) -> Float32s:
    """Logits float32[N]."""
    opacity = np.clip(codes / BYTE_STEPS, OPACITY_MARGIN, 1 - OPACITY_MARGIN)
    return np.log(opacity / (1 - opacity)).astype(np.float32)
