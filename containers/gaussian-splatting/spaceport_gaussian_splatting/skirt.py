"""A blurred border of ground around what the photos show.

A view just past the edge of the survey meets ground that no photo has. A few coarse Gaussians continue it there, at
the depth and in the colour of the nearest border, instead of a hole. Training photos do not see them, so they stay
as they are.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .initialisation import SparseDepths
from .photos import Photo
from .point_cloud import PointCloud, Vector, concatenated
from .tuning import SkirtTuning, Tuning


def skirt_points(
    photos: Sequence[Photo], observed: Sequence[NDArray[np.int64]], sparse: PointCloud, count: int, tuning: Tuning
) -> PointCloud:
    """At most `count` points outside every photo; `observed[i]`: rows of `sparse` that photo i sees."""
    samples = max(16, tuning.initialisation.samples_per_gaussian * count // max(1, len(photos)))
    clouds = []
    for photo, rows in zip(photos, observed, strict=True):
        depths = SparseDepths.of(photo, sparse.points[rows], tuning.initialisation)
        if depths is not None:
            clouds.append(_around(photo, depths, samples, tuning.skirt))
    border = concatenated(clouds)
    for photo in photos:
        border = border.select(~photo.sees(border.points))
    return border.merged(count) if count > 0 else border.select(np.zeros(len(border), bool))


def _around(photo: Photo, depths: SparseDepths, samples: int, tuning: SkirtTuning) -> PointCloud:
    """Points behind pixels outside the photo; rays there are the pinhole's, as lenses are not calibrated outside."""
    camera, lens = photo.camera, photo.camera.lens
    width, height, margin = camera.width, camera.height, tuning.margin
    stride = max(1.0, math.sqrt(width * height * (1 + 2 * margin) ** 2 / samples))
    xs = np.arange(-margin * width, (1 + margin) * width, stride)
    ys = np.arange(-margin * height, (1 + margin) * height, stride)
    pixels = np.stack([axis.ravel() for axis in np.meshgrid(xs, ys)], axis=1)
    rays = np.stack([(pixels[:, 0] - lens.cx) / lens.fx, (pixels[:, 1] - lens.cy) / lens.fy, np.ones(len(pixels))], 1)
    kept = (np.hypot(rays[:, 0], rays[:, 1]) < tuning.max_radius) & ~_inside(pixels, width, height)
    pixels, rays = pixels[kept], rays[kept]
    points = camera.camera_to_world(rays * depths.at(pixels)[:, None])
    small = photo.scaled(tuning.color_grid / width)
    columns = np.clip(pixels[:, 0] * small.width / width, 0, small.width - 1).astype(int)
    rows = np.clip(pixels[:, 1] * small.height / height, 0, small.height - 1).astype(int)
    visible = small.shows(np.stack([columns, rows], axis=1).astype(np.float64))
    return PointCloud(points[visible], small.pixels.numpy()[rows, columns][visible] / 255.0)


def _inside(pixels: Vector, width: int, height: int) -> NDArray[np.bool_]:
    return np.asarray((pixels >= 0).all(axis=1) & (pixels < (width, height)).all(axis=1))
