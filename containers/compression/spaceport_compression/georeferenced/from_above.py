"""Draws a scene straight down onto a map: every Gaussian's centre lies exactly where the map has it.

An orthographic EWA projection (Zwicker et al. 2001): the map is linear over one Gaussian, so its footprint goes through
the map's Jacobian at the middle of the scene.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from spaceport_common.sog.gaussians import Float32s, Gaussians
from spaceport_common.sog.quantizers import sigmoid

from ..drawing.draw import DILATION_PX2, REACH_SIGMAS, Projected, drawn, rotation_matrices, seen_colors
from .place import Floats

TILE_PX = 1024
CHUNK = 65_536


@dataclass(frozen=True)
class Grid:
    """A picture with north up. west, north: of its upper left corner; pixel: side of one; in units of the map."""

    west: float
    north: float
    pixel: float
    width: int
    height: int

    @property
    def east(self) -> float:
        """Of the right edge."""
        return self.west + self.width * self.pixel

    @property
    def south(self) -> float:
        """Of the lower edge."""
        return self.north - self.height * self.pixel


@dataclass(frozen=True)
class Footprints:
    """Gaussians on a map. xy: float64[N, 2], east and north. covariance: float64[N, 3], ee, en, nn, squared units.

    up: float64[N], metres. opacity: float32[N]; color: float32[N, 3], as seen from above.
    """

    xy: Floats
    covariance: Floats
    up: Floats
    opacity: Float32s
    color: Float32s


@dataclass(frozen=True)
class Surface:
    """What is seen from above. rgb: float32[H, W, 3], over black; opacity: float32[H, W].

    up: float32[H, W], metres, of the Gaussian behind which less than half the light is left; NaN where there is none.
    """

    rgb: Float32s
    opacity: Float32s
    up: Float32s


def footprints(gaussians: Gaussians, enu_from_scene: Floats, xy: Floats, up: Floats, jacobian: Floats) -> Footprints:
    """xy: float64[N, 2], on the map; up: float64[N], metres; jacobian: float64[2, 2], map units for metres in ENU."""
    plane = jacobian @ enu_from_scene[:2, :3]
    covariance = np.empty((len(gaussians), 3))
    for start in range(0, len(gaussians), CHUNK):
        rows = slice(start, start + CHUNK)
        scales = np.exp(np.clip(gaussians.scales[rows].astype(np.float64), -30, 30))
        axes = plane @ (rotation_matrices(gaussians.rotations[rows]) * scales[:, None, :])
        u, v = axes[:, 0], axes[:, 1]
        covariance[rows] = np.stack([(u * u).sum(axis=1), (u * v).sum(axis=1), (v * v).sum(axis=1)], axis=1)
    down = np.linalg.solve(enu_from_scene[:3, :3], (0.0, 0.0, -1.0))
    directions = np.broadcast_to(down / np.linalg.norm(down), (len(gaussians), 3))
    color = seen_colors(gaussians.colors, gaussians.sh, directions).astype(np.float32)
    return Footprints(xy, covariance, up, sigmoid(gaussians.opacities).astype(np.float32), color)


def draw_from_above(found: Footprints, grid: Grid) -> Surface:
    """Draws tile by tile, so that memory does not grow with the picture."""
    rgb = np.zeros((grid.height, grid.width, 3), np.float32)
    opacity = np.zeros((grid.height, grid.width), np.float32)
    up = np.full((grid.height, grid.width), np.nan, np.float32)
    x = (found.xy[:, 0] - grid.west) / grid.pixel
    y = (grid.north - found.xy[:, 1]) / grid.pixel
    # Rows of a picture go south: the mixed term changes its sign.
    xx, xy, yy = (found.covariance * (1, -1, 1) / grid.pixel**2 + (DILATION_PX2, 0, DILATION_PX2)).T
    conic = np.stack([yy, -xy, xx], axis=1) / (xx * yy - xy * xy)[:, None]
    reach_x, reach_y = REACH_SIGMAS * np.sqrt(xx), REACH_SIGMAS * np.sqrt(yy)
    for top in range(0, grid.height, TILE_PX):
        for left in range(0, grid.width, TILE_PX):
            part = np.s_[top : top + TILE_PX, left : left + TILE_PX]
            height, width = opacity[part].shape
            near = _within(x, reach_x, left, left + width) & _within(y, reach_y, top, top + height)
            if not near.any():
                continue
            centres = np.stack([x[near] - left, y[near] - top], axis=1)
            columns = (centres, conic[near], found.opacity[near], found.color[near], -found.up[near])
            projected = Projected(*(column.astype(np.float32) for column in columns))
            plan = projected.plan(width, height)
            picture = drawn(plan)
            rgb[part], opacity[part], up[part] = picture.rgb, picture.opacity, plan.median(-projected.depth)
    return Surface(rgb, opacity, up)


def _within(centre: Floats, reach: Floats, low: float, high: float) -> NDArray[np.bool_]:
    return (centre + reach >= low) & (centre - reach <= high)
