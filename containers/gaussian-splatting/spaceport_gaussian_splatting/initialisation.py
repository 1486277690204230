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
from .tuning import InitialisationTuning


def dense_points(
    photos: Sequence[Photo],
    observed: Sequence[NDArray[np.int64]],
    sparse: PointCloud,
    count: int,
    tuning: InitialisationTuning,
) -> PointCloud:
    """About `count` coloured points; `observed[i]`: rows of `sparse` that photo i sees."""
    samples = max(1, tuning.samples_per_gaussian * count // max(1, len(photos)))
    clouds = [sparse]
    for photo, rows in zip(photos, observed, strict=True):
        depths = SparseDepths.of(photo, sparse.points[rows], tuning)
        if depths is not None:
            clouds.append(_unprojected(photo, depths, samples))
    return concatenated(clouds).merged(count)


class SparseDepths:
    """Inverse depths of the sparse points in one photo, interpolated to any pixel."""

    def __init__(self, pixels: Vector, inverse_depth: Vector, border_neighbours: int) -> None:
        """May raise QhullError, where all pixels lie on a line."""
        self._inside = LinearNDInterpolator(Delaunay(pixels), inverse_depth)
        self._tree = cKDTree(pixels)
        self._inverse_depth = inverse_depth
        self._border_neighbours = border_neighbours

    @staticmethod
    def of(photo: Photo, points: Vector, tuning: InitialisationTuning) -> "SparseDepths | None":
        """From points[N, 3] that the photo observes; None where they are too few or lie on a line."""
        camera = photo.camera
        points = points[camera.world_to_camera(points)[:, 2] > camera.near]
        if len(points) < tuning.min_triangle_points:
            return None
        pixels = camera.pixels(points)
        inside = (pixels > 0).all(axis=1) & (pixels < (camera.width, camera.height)).all(axis=1)
        if int(inside.sum()) < tuning.min_triangle_points:
            return None
        try:
            inverse_depth = 1 / camera.world_to_camera(points[inside])[:, 2]
            return SparseDepths(pixels[inside], inverse_depth, tuning.border_neighbours)
        except QhullError:
            return None

    def at(self, pixels: Vector) -> Vector:
        """Depths[N] of pixels[N, 2], which may lie outside the photo."""
        inverse = np.asarray(self._inside(pixels), dtype=np.float64)
        outside = ~np.isfinite(inverse)
        _, nearest = self._tree.query(pixels[outside], k=self._border_neighbours)
        inverse[outside] = np.median(self._inverse_depth[nearest], axis=1)
        return 1 / inverse

    def places(self, photo: Photo, samples: int) -> tuple[Vector, Vector]:
        """Pixels[N, 2] of the photo on a regular grid, about `samples`, and where they lie in the world, [N, 3]."""
        camera = photo.camera
        stride = max(1.0, math.sqrt(camera.width * camera.height / samples))
        xs, ys = np.arange(stride / 2, camera.width, stride), np.arange(stride / 2, camera.height, stride)
        pixels = np.stack([axis.ravel() for axis in np.meshgrid(xs, ys)], axis=1)
        pixels = pixels[photo.shows(pixels)]
        rays = np.concatenate([camera.lens.unproject(pixels), np.ones((len(pixels), 1))], axis=1)
        return pixels, camera.camera_to_world(rays * self.at(pixels)[:, None])


def _unprojected(photo: Photo, depths: SparseDepths, samples: int) -> PointCloud:
    """About `samples` pixels of the photo, in the world."""
    pixels, points = depths.places(photo, samples)
    return PointCloud(points, photo.pixels.numpy()[pixels[:, 1].astype(int), pixels[:, 0].astype(int)] / 255.0)


def gaussians_at(cloud: PointCloud, sh_degree: int, opacity: float, tuning: InitialisationTuning) -> Gaussians:
    """A round Gaussian at each point, as wide as the spacing of its neighbours."""
    count = len(cloud)
    spacing = np.full(count, tuning.max_scale)
    if count > 1:
        distances, _ = cKDTree(cloud.points).query(cloud.points, k=min(tuning.neighbours, count - 1) + 1)
        spacing = distances[:, 1:].mean(axis=1)
    scales = np.clip(spacing * tuning.scale_of_spacing, tuning.min_scale, tuning.max_scale)
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
