"""What the rasteriser's C functions take by structure, as the C++ sources declare it."""

from collections.abc import Sequence
from ctypes import POINTER, Structure, c_float, c_int32, c_uint8
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ctypes import _Pointer

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]
FloatPointer = POINTER(c_float)
BytePointer = POINTER(c_uint8)


def ready(array: Floats) -> Floats:
    """The same numbers as contiguous float32."""
    return np.ascontiguousarray(array, np.float32)


def pointer(array: Floats) -> "_Pointer[c_float]":
    """To the first of contiguous float32, which must outlive it."""
    return array.ctypes.data_as(FloatPointer)


def byte_pointer(array: Bytes) -> "_Pointer[c_uint8]":
    """To the first of contiguous uint8, which must outlive it."""
    return array.ctypes.data_as(BytePointer)


class View(Structure):
    """A camera (lens.h): `rotation` world to camera, by rows; lengths in world units; focal lengths in pixels."""

    _fields_ = (
        ("rotation", c_float * 9),
        ("translation", c_float * 3),
        ("fx", c_float),
        ("fy", c_float),
        ("cx", c_float),
        ("cy", c_float),
        ("radial", c_float * 4),
        ("rational", c_float * 3),
        ("tangential", c_float * 2),
        ("near", c_float),
        ("radius_limit", c_float),
        ("fisheye", c_int32),
        ("width", c_int32),
        ("height", c_int32),
    )

    @staticmethod
    def of(
        rotation: NDArray[np.float64],
        translation: NDArray[np.float64],
        focal: tuple[float, float],
        centre: tuple[float, float],
        radial: Sequence[float],
        rational: Sequence[float],
        tangential: tuple[float, float],
        limits: tuple[float, float],
        fisheye: bool,
        size: tuple[int, int],
    ) -> "View":
        """`limits`: near and the largest radius; `size`: width and height. At most 4 radial and 3 rational numbers."""
        return View(
            (c_float * 9)(*rotation.ravel()),
            (c_float * 3)(*translation),
            *focal,
            *centre,
            (c_float * 4)(*radial),
            (c_float * 3)(*rational),
            (c_float * 2)(*tangential),
            *limits,
            fisheye,
            *size,
        )


TENSORS = ("means", "log_scales", "quaternions", "opacity_logits", "base_colors", "rest_colors")


@dataclass(frozen=True)
class ModelArrays:
    """float32 of N Gaussians, by the names of TENSORS: [N, 3], [N, 3], [N, 4], [N], [N, 3] and [N, K - 1, 3].

    Half axes' natural logarithms, quaternions w x y z of any length, harmonics in the usual order.
    """

    arrays: tuple[Floats, ...]

    @staticmethod
    def of(arrays: Sequence[Floats]) -> "ModelArrays":
        """Of these arrays, made contiguous where they are not."""
        return ModelArrays(tuple(ready(array) for array in arrays))

    def __len__(self) -> int:
        return len(self.arrays[0])

    def structure(self) -> "Model":
        """For a C function; valid as long as this is."""
        return Model(len(self), self.arrays[-1].shape[1], *(pointer(array) for array in self.arrays))

    def gradient(self) -> tuple["ModelArrays", "ModelGradient"]:
        """Room for a gradient of each number, not filled, and where it lies."""
        room = ModelArrays(tuple(np.empty_like(array) for array in self.arrays))
        return room, ModelGradient(*(pointer(array) for array in room.arrays))


class Model(Structure):
    """Parameters of Gaussians (projection.cpp)."""

    _fields_ = (("count", c_int32), ("rest", c_int32), *((name, FloatPointer) for name in TENSORS))


class ModelGradient(Structure):
    """Where gradients by parameters of Gaussians go (projection.cpp)."""

    _fields_ = tuple((name, FloatPointer) for name in TENSORS)


@dataclass(frozen=True)
class ProjectedArrays:
    """M Gaussians that may be seen: rows int64[M], ascending; float32: xy[M, 2], conic[M, 3], opacity[M], color[M, 3]
    and depth[M]."""

    rows: NDArray[np.int64]
    xy: Floats
    conic: Floats
    opacity: Floats
    color: Floats
    depth: Floats
