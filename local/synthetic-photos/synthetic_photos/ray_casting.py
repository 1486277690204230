"""Casts a camera's rays into the scene: exact hits on terrain and boxes, colours from their textures."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .camera import Camera
from .scene import GROUND_SPAN_M, Box, Scene

Floats = NDArray[np.floating[Any]]

NEWTON_STEPS = 4  # from the plane z = 0: below 1 mm at the slopes of terrain.py
SUBPIXELS = ((-0.25, -0.25), (0.25, -0.25), (-0.25, 0.25), (0.25, 0.25))
RECTANGLE_MARGIN_PX = 4  # straight box edges bend a little under lens distortion


@dataclass(frozen=True)
class RayGrid:
    """The lens's rays at all pixels, shifted by a part of a pixel: `u`, `v` float32[H, W], normalised, undistorted."""

    u: Floats
    v: Floats


def ray_grids(camera: Camera) -> tuple[RayGrid, tuple[RayGrid, ...]]:
    """Rays through the pixel centres, and through the four points that each pixel averages."""
    lens = camera.lens
    x, y = np.meshgrid(np.arange(lens.width) + 0.5, np.arange(lens.height) + 0.5)

    def grid(dx: float, dy: float) -> RayGrid:
        u, v = lens.undistorted_rays(x + dx, y + dy)
        return RayGrid(u.astype(np.float32), v.astype(np.float32))

    return grid(0, 0), tuple(grid(dx, dy) for dx, dy in SUBPIXELS)


def render(scene: Scene, camera: Camera, centre: RayGrid, subpixels: tuple[RayGrid, ...]) -> Floats:
    """The photo without noise: float32[H, W, 3], 0..255, the mean of the four sub-pixel rays."""
    ground = _hit_terrain(scene, camera, _directions(camera, centre))
    total = np.zeros((*centre.u.shape, 3), np.float32)
    for grid in subpixels:
        total += _shade(scene, camera, grid, ground)
    return total / len(subpixels)


def surface_points(scene: Scene, camera: Camera, x: Floats, y: Floats) -> Floats:
    """World points float64[N, 3] (metres) that pixel coordinates `x`, `y` float[N] of the camera see."""
    u, v = camera.lens.undistorted_rays(x[None], y[None])
    directions = _directions(camera, RayGrid(u, v))
    distance = _hit_terrain(scene, camera, directions).distance
    for box in scene.boxes:
        enter, _ = _hit_box(box, camera, directions)
        distance = np.minimum(distance, enter)
    points: Floats = camera.position + (directions * distance[..., None])[0].astype(np.float64)
    return points


@dataclass(frozen=True)
class _Tangent:
    """Where the pixel centres' rays meet the terrain: distance[H, W] and the plane normal . (X - camera) = offset."""

    distance: Floats
    normal: Floats
    offset: Floats


def _directions(camera: Camera, grid: RayGrid) -> Floats:
    """World directions [H, W, 3] with unit depth: distance along them is depth along the camera's axis."""
    r = camera.rotation.astype(grid.u.dtype)
    directions: Floats = grid.u[..., None] * r[0] + grid.v[..., None] * r[1] + r[2]
    return directions


def _hit_terrain(scene: Scene, camera: Camera, directions: Floats) -> _Tangent:
    """Newton's method on the height above ground along the ray; every ray must point down."""
    ox, oy, oz = (float(c) for c in camera.position)
    dx, dy, dz = directions[..., 0], directions[..., 1], directions[..., 2]
    if dz.max() >= 0:
        raise ValueError(f"{camera.name} sees the sky, and the scene has none")
    distance = -oz / dz
    for _ in range(NEWTON_STEPS):
        height, slope_x, slope_y = scene.terrain.height_and_slope(ox + distance * dx, oy + distance * dy)
        distance -= (oz + distance * dz - height) / (dz - slope_x * dx - slope_y * dy)
    normal = np.stack([-slope_x, -slope_y, np.ones_like(slope_x)], axis=-1)
    return _Tangent(distance, normal, distance * (normal * directions).sum(axis=-1))


def _shade(scene: Scene, camera: Camera, grid: RayGrid, ground: _Tangent) -> Floats:
    """Colours [H, W, 3] along one ray a pixel. A quarter pixel off the centre the ground is its tangent plane."""
    directions = _directions(camera, grid)
    distance = ground.offset / np.einsum("hwc,hwc->hw", ground.normal, directions)
    pixel_m = distance.ravel() * np.float32(0.5 / camera.lens.focal)  # half a pixel: four rays share one
    x = np.float32(camera.position[0] + GROUND_SPAN_M / 2) + distance * directions[..., 0]
    y = np.float32(camera.position[1] + GROUND_SPAN_M / 2) + distance * directions[..., 1]
    colours = scene.ground.sample(x.ravel(), y.ravel(), pixel_m * 1.4).reshape(*distance.shape, 3)
    for box in scene.boxes:
        _paint_box(box, camera, directions, distance, colours)
    return colours


def _paint_box(box: Box, camera: Camera, directions: Floats, distance: Floats, colours: Floats) -> None:
    """Replaces distance and colour where the box is nearer; looks only at the rectangle that can contain it."""
    rectangle = _bounding_rectangle(box, camera)
    if rectangle is None:
        return
    rays = directions[rectangle]
    enter, axis = _hit_box(box, camera, rays)
    seen = np.nonzero(enter < distance[rectangle])
    if not seen[0].size:
        return
    depth = enter[seen]
    local = box.to_local(camera.position - box.centre).astype(rays.dtype) + box.to_local(rays[seen]) * depth[:, None]
    axis = axis[seen]
    footprint = depth * np.float32(0.5 / camera.lens.focal)
    half = box.half.astype(rays.dtype)
    result = np.empty((depth.size, 3), np.float32)
    for face, texture in enumerate(box.faces):
        if face < 4:
            here = np.flatnonzero((axis == face // 2) & ((local[:, face // 2] > 0) == (face % 2 == 1)))
            a, b = 1 - face // 2, 2
        else:
            here = np.flatnonzero(axis == 2)
            a, b = 0, 1
        if here.size:
            result[here] = texture.sample(local[here, a] + half[a], local[here, b] + half[b], footprint[here])
    colours[rectangle][seen] = result
    distance[rectangle][seen] = depth


def _hit_box(box: Box, camera: Camera, directions: Floats) -> tuple[Floats, NDArray[np.int8]]:
    """Distance at which rays enter the box (infinite where they miss) and the axis of the side they enter by."""
    origin = box.to_local(camera.position - box.centre)
    local = box.to_local(directions)
    enter = np.full(local.shape[:-1], -np.inf, local.dtype)
    leave = np.full_like(enter, np.inf)
    axis = np.zeros(enter.shape, np.int8)
    with np.errstate(divide="ignore"):
        inverse = 1 / local
    for i in range(3):
        a = inverse[..., i] * local.dtype.type(-box.half[i] - origin[i])
        b = inverse[..., i] * local.dtype.type(box.half[i] - origin[i])
        near = np.minimum(a, b)
        axis[near > enter] = i
        np.maximum(enter, near, out=enter)
        np.minimum(leave, np.maximum(a, b), out=leave)
    enter[(enter >= leave) | (enter <= 0)] = np.inf
    return enter, axis


def _bounding_rectangle(box: Box, camera: Camera) -> tuple[slice, slice] | None:
    """Rows and columns of the image that can see the box; None where it is out of view."""
    pixels, depth = camera.project(box.corners())
    if depth.min() <= 0:
        return (slice(None), slice(None)) if depth.max() > 0 else None
    low = np.floor(pixels.min(axis=0)).astype(int) - RECTANGLE_MARGIN_PX
    high = np.ceil(pixels.max(axis=0)).astype(int) + RECTANGLE_MARGIN_PX
    columns = slice(max(0, low[0]), min(camera.lens.width, high[0]))
    rows = slice(max(0, low[1]), min(camera.lens.height, high[1]))
    return (rows, columns) if rows.start < rows.stop and columns.start < columns.stop else None
