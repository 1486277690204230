"""Loads C++ kernels, and wraps the rasteriser's functions for numpy arrays."""

import ctypes
import os
from ctypes import POINTER, c_double, c_float, c_int, c_int64, c_void_p
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .build import RASTERIZER, NoCompilerError, Sources, build, levels, library_path

Floats = NDArray[np.float32]


def kernel_dirs() -> list[Path]:
    """Where built libraries are looked for: `$SPACEPORT_KERNEL_DIR` (set-up, image), then the user's cache."""
    cache_home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    configured = os.environ.get("SPACEPORT_KERNEL_DIR")
    return [*([Path(configured)] if configured else []), cache_home / "spaceport" / "kernel"]


@cache
def load() -> "Kernel":
    """The rasteriser's kernel. Raises NoCompilerError as `best_library` does."""
    return Kernel(*best_library(RASTERIZER))


def best_library(kernel: Sources) -> tuple[Path, str]:
    """The library for the best instruction set that this machine has, and its level; built where it was not before.

    Raises NoCompilerError where it is neither built nor can be built.
    """
    names = list(levels())
    for folder in kernel_dirs():
        if all(library_path(folder, level, kernel).exists() for level in names):
            return _best(folder, names, kernel)
    folder = kernel_dirs()[-1]
    try:
        build(folder, kernel)
    except OSError as error:
        raise NoCompilerError(f"cannot build the kernel in {folder}: {error}") from error
    return _best(folder, names, kernel)


def _best(folder: Path, names: list[str], kernel: Sources) -> tuple[Path, str]:
    probe = ctypes.CDLL(str(library_path(folder, names[0], kernel)))
    level = names[min(probe.spaceport_cpu_level(), len(names) - 1)]
    return library_path(folder, level, kernel), level


class Kernel:
    """The C functions of one built library. Arrays are converted to contiguous float32 where they are not."""

    def __init__(self, path: Path, level: str) -> None:
        self.level = level
        self._library = ctypes.CDLL(str(path))
        floats = POINTER(c_float)
        self._plan = self._function("plan", c_void_p, c_int, *[floats] * 5, c_int, c_int, c_int)
        self._intersections = self._function("intersections", c_int64, c_void_p)
        self._release = self._function("release", None, c_void_p)
        self._forward = self._function("forward", None, c_void_p, floats, floats)
        self._median = self._function("median", None, c_void_p, floats, floats)
        self._backward = self._function("backward", c_int, c_void_p, floats, floats, floats)
        self._loss = self._function("photometric_loss", c_double, floats, floats, c_int, c_int, c_float, c_int, floats)

    def _function(self, name: str, result: Any, *arguments: Any) -> Any:
        function = self._library[f"spaceport_{name}"]
        function.restype, function.argtypes = result, arguments
        return function

    def plan(
        self,
        xy: Floats,
        conic: Floats,
        opacity: Floats,
        color: Floats,
        depth: Floats,
        width: int,
        height: int,
        threads: int,
    ) -> "Plan":
        """Sorts and bins Gaussians: xy[N, 2] pixels, conic[N, 3], opacity[N], color[N, 3], depth[N]."""
        arrays = [_ready(array) for array in (xy, conic, opacity, color, depth)]
        handle = self._plan(len(xy), *(_pointer(array) for array in arrays), width, height, threads)
        if not handle:
            raise MemoryError
        return Plan(self, handle, len(xy), width, height)

    def photometric_loss(self, image: Floats, target: Floats, dssim: float, threads: int) -> tuple[float, Floats]:
        """Loss and its gradient by `image`; both images are [height, width, 3]."""
        image, target = _ready(image), _ready(target)
        gradient = np.empty_like(image)
        height, width = image.shape[:2]
        loss = self._loss(_pointer(image), _pointer(target), width, height, dssim, threads, _pointer(gradient))
        if loss == -1.0:
            raise MemoryError
        return float(loss), gradient


class Plan:
    """Gaussians sorted by depth and binned into tiles, with copies of what they look like. Frees itself."""

    def __init__(self, kernel: Kernel, handle: int, count: int, width: int, height: int) -> None:
        self._kernel, self._handle, self._count = kernel, handle, count
        self._width, self._height = width, height
        self.intersections = int(kernel._intersections(handle))

    def forward(self, background: Floats) -> Floats:
        """The image, float32[height, width, 3]."""
        image = np.empty((self._height, self._width, 3), np.float32)
        self._kernel._forward(self._handle, _pointer(_ready(background)), _pointer(image))
        return image

    def median(self, values: Floats) -> Floats:
        """float32[height, width]: of float32[N] that of the Gaussian behind which less than half the light is left.

        NaN where more than half of it passes all Gaussians. With depths as values it is the median depth.
        """
        image = np.empty((self._height, self._width), np.float32)
        self._kernel._median(self._handle, _pointer(_ready(values)), _pointer(image))
        return image

    def backward(self, image: Floats, grad_image: Floats) -> Floats:
        """float32[N, 9]: gradients by xy (2), conic (3), opacity (1) and colour (3)."""
        gradients = np.zeros((self._count, 9), np.float32)
        image, grad_image = _ready(image), _ready(grad_image)
        if self._kernel._backward(self._handle, _pointer(image), _pointer(grad_image), _pointer(gradients)) != 0:
            raise MemoryError
        return gradients

    def __del__(self) -> None:
        self._kernel._release(self._handle)


def _ready(array: Floats) -> Floats:
    return np.ascontiguousarray(array, np.float32)


def _pointer(array: Floats) -> "ctypes._Pointer[c_float]":
    return array.ctypes.data_as(POINTER(c_float))
