"""Loads the kernel of features, and wraps its functions for numpy arrays. Calls let other Python threads run."""

import ctypes
from ctypes import POINTER, c_double, c_float, c_int, c_int32, c_uint8, c_void_p
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from spaceport_common.kernel.build import NoCompilerError
from spaceport_common.kernel.library import best_library

from .build import FEATURES

DESCRIPTOR_LENGTH = 128
PEAK_THRESHOLD = 0.02 / 3  # least contrast of a keypoint between levels, of 0 to 1 (COLMAP's default)
EDGE_THRESHOLD = 10.0  # most ratio of principal curvatures of a keypoint (COLMAP's default)
ORIENTATIONS = 2  # most of a keypoint (COLMAP's default)


@dataclass(frozen=True)
class Features:
    """Features of a photo."""

    keypoints: NDArray[np.float32]
    """float32[N, 4]: x, y (the middle of the first pixel is 0.5), sigma in pixels, angle in radians."""
    descriptors: NDArray[np.uint8]
    """uint8[N, 128]: RootSIFT, of length 512."""


GateGeometry = Literal["fundamental", "homography"]


@dataclass(frozen=True)
class Gate:
    """Which features a known geometry of two photos lets match."""

    geometry: GateGeometry
    matrix: NDArray[np.float64]
    """float64[3, 3], from the first photo to the second: p2 F p1 = 0, or p2 = H p1."""
    max_error_px: float
    """Sampson error, or distance from the place that the homography tells."""
    first: NDArray[np.float32]
    second: NDArray[np.float32]
    """float32[N, 2], float32[M, 2]: places of the features, in pixels."""

    def arguments(self) -> tuple[Any, ...]:
        """As the C function takes them. They point into arrays that this object holds."""
        return (
            {"fundamental": 1, "homography": 2}[self.geometry],
            _pointer(self.matrix, c_double),
            self.max_error_px,
            _pointer(self.first, c_float),
            _pointer(self.second, c_float),
        )

    def __post_init__(self) -> None:
        """Lays the arrays out as C has them."""
        for name, kind in (("matrix", np.float64), ("first", np.float32), ("second", np.float32)):
            object.__setattr__(self, name, np.ascontiguousarray(getattr(self, name), kind))


@cache
def load() -> "Kernel":
    """The kernel. Raises NoCompilerError where it is neither built nor can be built."""
    path, level = best_library(FEATURES)
    return Kernel(path, level)


def kernel_if_there() -> "Kernel | None":
    """The kernel, or None and a line in the log where there is none."""
    try:
        return load()
    except NoCompilerError as error:
        print(
            f"WARNING: COLMAP extracts and matches features, several times slower than the kernel: {error}", flush=True
        )
        return None


class Kernel:
    """The C functions of one built library."""

    def __init__(self, path: Path, level: str) -> None:
        self.level = level
        self._library = ctypes.CDLL(str(path))
        floats, bytes_ = POINTER(c_float), POINTER(c_uint8)
        self._extract = self._function("extract", c_void_p, bytes_, *[c_int] * 5, c_float, c_float, c_int, c_int)
        self._count = self._function("count", c_int, c_void_p)
        self._copy = self._function("copy", None, c_void_p, floats, bytes_)
        self._release = self._function("release", None, c_void_p)
        doubles, integers = POINTER(c_double), POINTER(c_int32)
        self._match = self._function(
            "match",
            c_int,
            *(bytes_, c_int, bytes_, c_int, c_float, c_float, c_int),
            *(c_int, doubles, c_double, floats, floats, integers),
        )

    def _function(self, name: str, result: Any, *arguments: Any) -> Any:
        function = self._library[f"spaceport_features_{name}"]
        function.restype, function.argtypes = result, arguments
        return function

    def extract(
        self, grey: NDArray[np.uint8], *, first_octave: int, octaves: int, resolution: int, most_features: int
    ) -> Features:
        """Features of a photo, the same as COLMAP's but for rounding, the smallest first.

        `grey`: uint8[height, width]. Whole levels of the scale space are kept, the largest first, up to the one that
        reaches beyond `most_features`. Octaves below 0 are left out where the others hold more than that, too.
        Raises MemoryError.
        """
        grey = np.ascontiguousarray(grey, np.uint8)
        height, width = grey.shape
        handle = self._extract(
            _pointer(grey, c_uint8),
            *(width, height, first_octave, octaves, resolution),
            *(PEAK_THRESHOLD, EDGE_THRESHOLD, most_features, ORIENTATIONS),
        )
        if not handle:
            raise MemoryError(f"no memory for features of {width} x {height} pixels")
        try:
            count = self._count(handle)
            keypoints = np.empty((count, 4), np.float32)
            descriptors = np.empty((count, DESCRIPTOR_LENGTH), np.uint8)
            self._copy(handle, _pointer(keypoints, c_float), _pointer(descriptors, c_uint8))
        finally:
            self._release(handle)
        return Features(keypoints, descriptors)

    def match(
        self,
        first: NDArray[np.uint8],
        second: NDArray[np.uint8],
        *,
        max_ratio: float,
        max_distance: float,
        cross_check: bool,
        gate: Gate | None = None,
    ) -> NDArray[np.int32]:
        """Matches of descriptors uint8[N, 128] and uint8[M, 128]: int32[K, 2], indices in the order of the first.

        Exact nearest neighbours by COLMAP's rules: the ratio of the nearest to the second nearest, the distance on
        vectors of length 1, and both ways where `cross_check` is set. Pairs that `gate` does not allow count as a
        distance of 1. Memory grows with N + M. Raises MemoryError.
        """
        first, second = np.ascontiguousarray(first, np.uint8), np.ascontiguousarray(second, np.uint8)
        matches = np.empty((len(first), 2), np.int32)
        count = self._match(
            *(_pointer(first, c_uint8), len(first), _pointer(second, c_uint8), len(second)),
            *(max_ratio, max_distance, int(cross_check)),
            *((0, None, 0.0, None, None) if gate is None else gate.arguments()),
            _pointer(matches, c_int32),
        )
        if count < 0:
            raise MemoryError(f"no memory to match {len(first)} and {len(second)} descriptors")
        return matches[:count].copy()


def _pointer(array: NDArray[Any], kind: Any) -> Any:
    return array.ctypes.data_as(POINTER(kind))
