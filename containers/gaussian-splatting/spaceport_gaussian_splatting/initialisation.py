"""The model before training: dense points from the sparse ones.

Per photo the inverse depths of the sparse points it observes are interpolated over their Delaunay triangles (inverse
depth is linear in the picture where the ground is a plane) and taken from the nearest points outside them. Pixels
are unprojected there with their colour, and the points of all photos are merged on a voxel grid. Where a photo has
too few points it adds none; the sparse points are always there.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.interpolate import LinearNDInterpolator
from scipy.spatial import Delaunay, QhullError, cKDTree

from . import spherical_harmonics
from .gaussians import Gaussians
from .photos import Photo
from .point_cloud import PointCloud, Vector, concatenated

SAMPLES_PER_GAUSSIAN = 8  # unprojected pixels before merging
MIN_TRIANGLE_POINTS = 8
BORDER_NEIGHBOURS = 5  # sparse points that give the inverse depth outside all triangles
NEIGHBOURS = 3
SCALE_OF_SPACING = 0.8  # one sigma, of the mean distance to the neighbours
MIN_SCALE, MAX_SCALE = 1e-5, 0.2  # of the median depth
INITIAL_OPACITY = 0.5  # low enough that depths can still move


def dense_points(
    photos: Sequence[Photo], observed: Sequence[NDArray[np.int64]], sparse: PointCloud, count: int
) -> PointCloud:
    """About `count` coloured points; `observed[i]`: rows of `sparse` that photo i sees."""
    samples = max(1, SAMPLES_PER_GAUSSIAN * count // max(1, len(photos)))
    clouds = [sparse]
    for photo, rows in zip(photos, observed, strict=True):
        depths = SparseDepths.of(photo, sparse.points[rows])
        if depths is not None:
            clouds.append(_unprojected(photo, depths, samples))
    return concatenated(clouds).merged(count)


class SparseDepths:
    """Inverse depths of the sparse points in one photo, interpolated to any pixel."""

    def __init__(self, pixels: Vector, inverse_depth: Vector) -> None:
        """May raise QhullError, where all pixels lie on a line."""
        self._inside = LinearNDInterpolator(Delaunay(pixels), inverse_depth)
        self._tree = cKDTree(pixels)
        self._inverse_depth = inverse_depth

    @staticmethod
    def of(photo: Photo, points: Vector) -> "SparseDepths | None":
        """From points[N, 3] that the photo observes; None where they are too few or lie on a line."""
        camera = photo.camera
        points = points[camera.world_to_camera(points)[:, 2] > camera.near]
        if len(points) < MIN_TRIANGLE_POINTS:
            return None
        pixels = camera.pixels(points)
        inside = (pixels > 0).all(axis=1) & (pixels < (camera.width, camera.height)).all(axis=1)
        if int(inside.sum()) < MIN_TRIANGLE_POINTS:
            return None
        try:
            return SparseDepths(pixels[inside], 1 / camera.world_to_camera(points[inside])[:, 2])
        except QhullError:
            return None

    def at(self, pixels: Vector) -> Vector:
        """Depths[N] of pixels[N, 2], which may lie outside the photo."""
        inverse = np.asarray(self._inside(pixels), dtype=np.float64)
        outside = ~np.isfinite(inverse)
        _, nearest = self._tree.query(pixels[outside], k=BORDER_NEIGHBOURS)
        inverse[outside] = np.median(self._inverse_depth[nearest], axis=1)
        return 1 / inverse


def _unprojected(photo: Photo, depths: SparseDepths, samples: int) -> PointCloud:
    """About `samples` pixels of the photo on a regular grid, in the world."""
    camera = photo.camera
    stride = max(1.0, math.sqrt(camera.width * camera.height / samples))
    xs, ys = np.arange(stride / 2, camera.width, stride), np.arange(stride / 2, camera.height, stride)
    pixels = np.stack([axis.ravel() for axis in np.meshgrid(xs, ys)], axis=1)
    rays = np.concatenate([camera.lens.unproject(pixels), np.ones((len(pixels), 1))], axis=1)
    points = camera.camera_to_world(rays * depths.at(pixels)[:, None])
    return PointCloud(points, photo.pixels.numpy()[pixels[:, 1].astype(int), pixels[:, 0].astype(int)] / 255.0)


def gaussians_at(cloud: PointCloud, sh_degree: int, opacity: float = INITIAL_OPACITY) -> Gaussians:
    """A round Gaussian at each point, as wide as the spacing of its neighbours."""
    count = len(cloud)
    spacing = np.full(count, MAX_SCALE)
    if count > 1:
        distances, _ = cKDTree(cloud.points).query(cloud.points, k=min(NEIGHBOURS, count - 1) + 1)
        spacing = distances[:, 1:].mean(axis=1)
    scales = np.clip(spacing * SCALE_OF_SPACING, MIN_SCALE, MAX_SCALE)
    quaternions = torch.zeros(count, 4)
    quaternions[:, 0] = 1
    return Gaussians(
        means=torch.tensor(cloud.points, dtype=torch.float32),
        log_scales=torch.tensor(np.log(scales), dtype=torch.float32).unsqueeze(1).repeat(1, 3),
        quaternions=quaternions,
        opacity_logits=torch.logit(torch.full((count,), opacity)),
        base_colors=spherical_harmonics.base_from_rgb(torch.tensor(cloud.colors, dtype=torch.float32)),
        rest_colors=torch.zeros(count, (sh_degree + 1) ** 2 - 1, 3),
    )
