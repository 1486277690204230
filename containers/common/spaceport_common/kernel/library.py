"""Loads C++ kernels, and wraps the rasteriser's functions for numpy arrays."""

import ctypes
import os
from ctypes import POINTER, byref, c_double, c_float, c_int, c_int64, c_void_p
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from .build import RASTERIZER, NoCompilerError, Sources, build, levels, library_path
from .structures import (
    BytePointer,
    Bytes,
    FloatPointer,
    Floats,
    Model,
    ModelArrays,
    ModelGradient,
    ProjectedArrays,
    View,
    byte_pointer,
    pointer,
    ready,
)


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
        floats, rows, model, view = FloatPointer, POINTER(c_int64), POINTER(Model), POINTER(View)
        self._project = self._function("project", c_int, model, view, c_int, c_int, rows, *[floats] * 5)
        self._project_back = self._function(
            "project_back", None, model, view, c_int, c_int, c_int, rows, floats, POINTER(ModelGradient)
        )
        self._plan = self._function("plan", c_void_p, c_int, *[floats] * 5, c_int, c_int, c_int)
        self._intersections = self._function("intersections", c_int64, c_void_p)
        self._release = self._function("release", None, c_void_p)
        self._forward = self._function("forward", None, c_void_p, floats, floats)
        self._median = self._function("median", None, c_void_p, floats, floats)
        self._backward = self._function("backward", c_int, c_void_p, floats, floats, floats)
        size, weight = (c_int, c_int), c_float
        self._loss = self._function(
            "photometric_loss", c_double, floats, *[BytePointer] * 2, floats, *size, weight, c_int, floats, floats
        )

    def _function(self, name: str, result: Any, *arguments: Any) -> Any:
        function = self._library[f"spaceport_{name}"]
        function.restype, function.argtypes = result, arguments
        return function

    def project(self, model: ModelArrays, view: View, sh_degree: int, threads: int) -> ProjectedArrays:
        """What may be seen; colours use harmonics up to `sh_degree`."""
        room = len(model)
        rows = np.empty(room, np.int64)
        looks = [np.empty((room, *shape), np.float32) for shape in ((2,), (3,), (), (3,), ())]
        rows_at, looks_at = rows.ctypes.data_as(POINTER(c_int64)), [pointer(array) for array in looks]
        found = self._project(byref(model.structure()), byref(view), sh_degree, threads, rows_at, *looks_at)
        if found < 0:
            raise MemoryError
        return ProjectedArrays(rows[:found], *(array[:found] for array in looks))

    def project_back(
        self, model: ModelArrays, view: View, sh_degree: int, threads: int, seen: ProjectedArrays, looks: Floats
    ) -> ModelArrays:
        """Gradients by the model's parameters from looks[M, 9], those of `Plan.backward`."""
        room, gradient = model.gradient()
        looks, rows_at = ready(looks), seen.rows.ctypes.data_as(POINTER(c_int64))
        structure = model.structure()
        self._project_back(
            byref(structure), byref(view), sh_degree, threads, len(seen.rows), rows_at, pointer(looks), byref(gradient)
        )
        return room

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
        arrays = [ready(array) for array in (xy, conic, opacity, color, depth)]
        handle = self._plan(len(xy), *(pointer(array) for array in arrays), width, height, threads)
        if not handle:
            raise MemoryError
        return Plan(self, handle, len(xy), width, height)

    def photometric_loss(
        self, image: Floats, photo: Bytes, visible: Bytes | None, exposure: Floats, dssim: float, threads: int
    ) -> tuple[float, Floats, Floats]:
        """Loss, and its gradients by `image` and `exposure`.

        image[height, width, 3] is compared as gain * image + offset, where exposure[2, 3] has these by channel;
        photo: uint8[height, width, 3]; visible: uint8[height, width], 0 where the photo does not count.
        """
        image, exposure, photo = ready(image), ready(exposure), np.ascontiguousarray(photo)
        gradient, exposure_gradient = np.empty_like(image), np.empty((2, 3), np.float32)
        height, width = image.shape[:2]
        visible = None if visible is None else np.ascontiguousarray(visible)
        loss = self._loss(
            pointer(image),
            byte_pointer(photo),
            None if visible is None else byte_pointer(visible),
            pointer(exposure),
            width,
            height,
            dssim,
            threads,
            pointer(gradient),
            pointer(exposure_gradient),
        )
        if loss == -1.0:
            raise MemoryError
        return float(loss), gradient, exposure_gradient


class Plan:
    """Gaussians sorted by depth and binned into tiles, with copies of what they look like. Frees itself."""

    def __init__(self, kernel: Kernel, handle: int, count: int, width: int, height: int) -> None:
        self._kernel, self._handle, self._count = kernel, handle, count
        self._width, self._height = width, height
        self.intersections = int(kernel._intersections(handle))

    def forward(self, background: Floats) -> Floats:
        """The image, float32[height, width, 3]."""
        image = np.empty((self._height, self._width, 3), np.float32)
        self._kernel._forward(self._handle, pointer(ready(background)), pointer(image))
        return image

    def median(self, values: Floats) -> Floats:
        """float32[height, width]: of float32[N] that of the Gaussian behind which less than half the light is left.

        NaN where more than half of it passes all Gaussians. With depths as values it is the median depth.
        """
        image = np.empty((self._height, self._width), np.float32)
        self._kernel._median(self._handle, pointer(ready(values)), pointer(image))
        return image

    def backward(self, image: Floats, grad_image: Floats) -> Floats:
        """float32[N, 9]: gradients by xy (2), conic (3), opacity (1) and colour (3)."""
        gradients = np.zeros((self._count, 9), np.float32)
        image, grad_image = ready(image), ready(grad_image)
        if self._kernel._backward(self._handle, pointer(image), pointer(grad_image), pointer(gradients)) != 0:
            raise MemoryError
        return gradients

    def __del__(self) -> None:
        self._kernel._release(self._handle)
