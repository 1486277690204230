"""Coloured points, and merging them to a number that can be afforded."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .photos import Photo

Vector = NDArray[np.float64]

BISECTIONS = 24


@dataclass(frozen=True)
class PointCloud:
    """points: float64[N, 3]; colors: float64[N, 3] in [0, 1]."""

    points: Vector
    colors: Vector

    def __len__(self) -> int:
        return len(self.points)

    def select(self, rows: NDArray[np.bool_]) -> "PointCloud":
        """The points where `rows` is true."""
        return PointCloud(self.points[rows], self.colors[rows])

    def near(self, photos: Sequence[Photo], reach: float) -> "PointCloud":
        """Without points farther than `reach` from the middle of the photos' cameras."""
        middle = np.median([photo.camera.position for photo in photos], axis=0)
        return self.select(np.linalg.norm(self.points - middle, axis=1) < reach)

    def merged(self, count: int) -> "PointCloud":
        """Means of the points in the cells of a grid; the cell is as small as `count` cells allow."""
        if len(self) <= count:
            return self
        low = self.points.min(axis=0)
        extent = float((self.points.max(axis=0) - low).max()) + 1e-9
        small, big = extent * 1e-5, extent
        for _ in range(BISECTIONS):
            middle = math.sqrt(small * big)
            if len(np.unique(_cells(self.points, low, middle))) > count:
                small = middle
            else:
                big = middle
        _, group, sizes = np.unique(_cells(self.points, low, big), return_inverse=True, return_counts=True)

        def mean(values: Vector) -> Vector:
            return np.stack([np.bincount(group, values[:, k], len(sizes)) / sizes for k in range(3)], axis=1)

        return PointCloud(mean(self.points), mean(self.colors))


def concatenated(clouds: Sequence[PointCloud]) -> PointCloud:
    """All points of several clouds."""
    if not clouds:
        return PointCloud(np.empty((0, 3)), np.empty((0, 3)))
    return PointCloud(np.concatenate([c.points for c in clouds]), np.concatenate([c.colors for c in clouds]))


def _cells(points: Vector, low: Vector, size: float) -> NDArray[np.int64]:
    cell = np.floor((points - low) / size).astype(np.int64)  # at most 1e5 a side: 21 bits each
    return np.asarray((cell[:, 0] << 42) | (cell[:, 1] << 21) | cell[:, 2])
