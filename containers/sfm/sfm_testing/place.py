"""A rendered place and cameras over it: the truth that reconstructions are compared with."""

import math
from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

FOCAL_35MM = 28


@dataclass(frozen=True)
class View:
    """A camera over the place. `center`: metres east, north, up; `rotation`: camera (x right, y down) from ENU."""

    name: str
    center: NDArray[np.float64]
    rotation: NDArray[np.float64]


def look(name: str, center: tuple[float, float, float], heading: float, pitch: float) -> View:
    """A camera without roll. Degrees: heading clockwise from north, pitch 0 level and -90 down."""
    h, p = math.radians(heading), math.radians(pitch)
    right = np.array([math.cos(h), -math.sin(h), 0.0])
    forward = np.array([math.sin(h) * math.cos(p), math.cos(h) * math.cos(p), math.sin(p)])
    return View(name, np.array(center), np.stack([right, np.cross(forward, right), forward]))


class Place:
    """80 m of hilly ground with a texture at many scales; deterministic. `relief`: its hills, 1 for 8 m in all."""

    def __init__(self, relief: float = 1.0, seed: int = 1) -> None:
        self.relief = relief
        random = np.random.default_rng(seed)
        size = 1600
        texture = np.zeros((size, size, 3))
        for cells in (12, 40, 130, 400, 800):
            noise = Image.fromarray((random.random((cells, cells, 3)) * 255).astype(np.uint8))
            texture += np.asarray(noise.resize((size, size), Image.Resampling.BICUBIC), np.float64)
        low, high = np.percentile(texture, [1, 99])
        self.texture = np.clip((texture - low) / (high - low) * 255, 0, 255).astype(np.uint8)
        self.extent_m = 160.0
        self._rendered: dict[tuple[object, ...], Image.Image] = {}

    def height(self, east: NDArray[np.float64], north: NDArray[np.float64]) -> NDArray[np.float64]:
        hills: NDArray[np.float64] = 4 * np.sin(east / 7) * np.cos(north / 9) + 2 * np.sin((east + north) / 4)
        return self.relief * hills

    def with_middle_of(self, other: "Place", half_m: float) -> "Place":
        """The same place, but the square of so many metres around its middle looks as it does at the other one."""
        place, middle, half = copy(self), len(self.texture) // 2, round(half_m / self.extent_m * len(self.texture))
        place.texture, place._rendered = self.texture.copy(), {}
        square = slice(middle - half, middle + half)
        place.texture[square, square] = other.texture[square, square]
        return place

    def render(
        self, view: View, width: int = 480, height: int = 360, zoom: float = 1.0, k1: float = 0.0
    ) -> Image.Image:
        """A photo by a camera of FOCAL_35MM times `zoom`, by fixed-point intersection with the ground.

        `k1`: radial distortion as in COLMAP's SIMPLE_RADIAL, negative for a barrel. Many tests take the same photos:
        each is rendered once.
        """
        key = view.center.tobytes(), view.rotation.tobytes(), width, height, zoom, k1
        if key not in self._rendered:
            self._rendered[key] = self._render(view, width, height, zoom, k1)
        return self._rendered[key].copy()

    def _render(self, view: View, width: int, height: int, zoom: float, k1: float) -> Image.Image:
        focal = zoom * FOCAL_35MM / 35 * width
        x, y = np.meshgrid(np.arange(width) + 0.5 - width / 2, np.arange(height) + 0.5 - height / 2)
        shown = np.stack([x / focal, y / focal], axis=-1)
        straight = shown
        for _ in range(20 if k1 else 0):
            straight = shown / (1 + k1 * (straight**2).sum(axis=-1, keepdims=True))
        rays = np.concatenate([straight, np.ones_like(straight[..., :1])], axis=-1) @ view.rotation
        down = np.minimum(rays[..., 2], -1e-3)
        east = north = np.zeros_like(x)
        for _ in range(25):
            distance = (self.height(east, north) - view.center[2]) / down
            east, north = view.center[0] + distance * rays[..., 0], view.center[1] + distance * rays[..., 1]
        size = len(self.texture)
        column = np.clip((east / self.extent_m + 0.5) * size, 0, size - 1).astype(int)
        row = np.clip((0.5 - north / self.extent_m) * size, 0, size - 1).astype(int)
        return Image.fromarray(self.texture[row, column])


def survey_views() -> list[View]:
    """A nadir grid with turning headings and four obliques."""
    grid = [
        look(f"grid/{row}-{column}.jpg", (-12 + 8 * column, -8 + 8 * row, 30 + row), 90 if row % 2 else 270, -90)
        for row in range(3)
        for column in range(4)
    ]
    angles = (0, 90, 180, 270)
    ring = [
        look(
            f"oblique/{index}.jpg",
            (-20 * math.sin(math.radians(a)), -20 * math.cos(math.radians(a)), 26),
            a,
            -55,
        )
        for index, a in enumerate(angles)
    ]
    return grid + ring


@dataclass(frozen=True)
class WallView:
    """A photo of a wall: the view to render it by, and where it was taken from, metres east, north, up."""

    view: View
    center: NDArray[np.float64]


def facade_views(columns: int, heights: int, distance_m: float = 25.0) -> list[WallView]:
    """Columns 5 m apart before a wall that faces south, from below upwards, 4 m apart.

    The wall is the place set upright: what is north on the ground is up on the wall.
    """
    views = []
    for column in range(columns):
        for height in range(heights):
            east, up = 5.0 * (column - (columns - 1) / 2), 4.0 * height - 2.0 * (heights - 1)
            view = look(f"column-{column}/{height:02d}.jpg", (east, up, distance_m), 0, -90)
            views.append(WallView(view, np.array([east, -distance_m, up])))
    return views
