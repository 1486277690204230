"""Loads the kernel of features, and wraps its functions for numpy arrays. Calls let other Python threads run."""

import ctypes
from ctypes import POINTER, c_float, c_int, c_uint8, c_void_p
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

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


def _pointer(array: NDArray[Any], kind: Any) -> Any:
    return array.ctypes.data_as(POINTER(kind))
