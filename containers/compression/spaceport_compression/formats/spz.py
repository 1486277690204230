"""Writes SPZ version 3, Niantic's interchange format. Source: github.com/nianticlabs/spz, load-spz.cc.

Version 4 (zstd) is newer; CesiumJS and Spark read up to 3.
"""

import gzip
import math
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spaceport_common.sog.gaussians import SH_COEFFICIENTS, Float32s, Gaussians
from spaceport_common.sog.quantizers import Float64s, sigmoid

from .axes import y_up

MAGIC = 0x5053474E  # "NGSP"
VERSION = 3
FRACTIONAL_BITS = 12  # a quarter of a millimetre, over 2 km each way; fewer where a scene is wider
POSITION_LIMIT = (1 << 23) - 1
COLOR_SCALE = 0.15
SH_STEPS = (8, *[16] * 2)  # of 256, by degree: what the library's own defaults (5 and 4 bits) keep
DEFAULT_LEVEL = 6  # of gzip

Bytes = NDArray[np.uint8]


class TooWideError(ValueError):
    """A position is farther out than the format reaches; the message is a sentence for people."""


def encode_spz(gaussians: Gaussians) -> bytes:
    """The model with all its bands as a .spz file: x right, y up, z back, which is what SPZ means.

    Values beyond the format's ranges take its nearest: logarithms of scales from -10 to 5.94, harmonics within 1.
    The same model gives the same bytes. Raises TooWideError where a coordinate is above 8 388 607 units.
    """
    turned = y_up(gaussians)
    bits = _fractional_bits(turned.positions)
    header = struct.pack("<IIIBBBB", MAGIC, VERSION, len(turned), turned.sh_bands, bits, 0, 0)
    parts: list[NDArray[Any]] = [
        _positions(turned.positions, bits),
        _bytes(sigmoid(turned.opacities) * 255),
        _bytes(turned.colors * np.float32(COLOR_SCALE * 255) + np.float32(127.5)),
        _bytes((turned.scales + np.float32(10)) * np.float32(16)),
        _rotations(turned.rotations),
        _harmonics(turned),
    ]
    return gzip.compress(header + b"".join(part.tobytes() for part in parts), DEFAULT_LEVEL, mtime=0)


def _fractional_bits(positions: Float32s) -> int:
    farthest = float(np.abs(positions).max())
    if farthest > POSITION_LIMIT:
        raise TooWideError(f"a Gaussian is {farthest:.3g} units from the origin, and SPZ reaches {POSITION_LIMIT}")
    room = math.floor(math.log2(POSITION_LIMIT / farthest)) if farthest else FRACTIONAL_BITS
    return min(FRACTIONAL_BITS, room)


def _positions(positions: Float32s, bits: int) -> Bytes:
    """uint8[N, 3, 3]: 24 bits a coordinate, the lowest byte first."""
    fixed = np.rint(positions.astype(np.float64) * (1 << bits)).astype("<i4")
    return np.ascontiguousarray(fixed.view(np.uint8).reshape(len(positions), 3, 4)[:, :, :3])


def _bytes(values: Float32s | Float64s) -> Bytes:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def _rotations(rotations: Float32s) -> NDArray[np.uint32]:
    """uint32[N]: which of x, y, z, w is largest (2 bits), then the others, each a sign and 9 bits of 1 / sqrt(2)."""
    wide = rotations / np.abs(rotations).max(axis=1, keepdims=True).astype(np.float64)
    unit = (wide / np.linalg.norm(wide, axis=1, keepdims=True))[:, [1, 2, 3, 0]]
    largest = np.abs(unit).argmax(axis=1)
    rows = np.arange(len(unit))
    unit *= np.where(unit[rows, largest] < 0, -1.0, 1.0)[:, None]
    packed = largest.astype(np.uint32)
    for place in range(3):
        value = unit[rows, place + (place >= largest)]
        size = np.minimum(np.rint(np.abs(value) * (511 * math.sqrt(2))), 511).astype(np.uint32)
        packed = (packed << np.uint32(10)) | ((value < 0).astype(np.uint32) << np.uint32(9)) | size
    little: NDArray[np.uint32] = packed.astype("<u4")
    return little


def _harmonics(gaussians: Gaussians) -> Bytes:
    """uint8[N, C, 3]: coefficient by coefficient, each with its three channels."""
    count = SH_COEFFICIENTS[gaussians.sh_bands]
    values = gaussians.sh.reshape(len(gaussians), 3, count).transpose(0, 2, 1)
    steps = np.repeat(SH_STEPS, (3, 5, 7))[:count, None].astype(np.float32)
    return _bytes(np.rint((values * np.float32(128) + np.float32(128)) / steps) * steps)
