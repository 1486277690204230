"""The normalised training frame, in which step sizes mean the same for every scene.

MCMC noise grows with the square of lengths, and learning rates and scale regularisation with lengths: all are in
units of the median distance between camera and ground, along the optical axis. Axes stay as they are, so harmonics
do too.
"""

from dataclasses import dataclass, replace
from math import log

import numpy as np
from numpy.typing import NDArray

from .camera import Camera
from .colmap_model import SparseModel
from .gaussians import Gaussians
from .lens import Lens

Vector = NDArray[np.float64]

NEAR = 0.05  # of the median depth


@dataclass(frozen=True)
class Frame:
    """x_training = (x_export - origin) * scale."""

    origin: Vector
    scale: float

    def points(self, points: Vector) -> Vector:
        """Points[N, 3] of the export frame in the training frame."""
        return np.asarray((points - self.origin) * self.scale)

    def camera(self, camera: Camera) -> Camera:
        """A camera of the export frame in the training frame."""
        translation = self.scale * (camera.rotation @ self.origin + camera.translation)
        return replace(camera, translation=translation, near=camera.near * self.scale)

    def export(self, gaussians: Gaussians) -> Gaussians:
        """Gaussians of the training frame in the export frame."""
        origin = gaussians.means.new_tensor(self.origin)
        moved = gaussians.detached()
        return replace(moved, means=moved.means / self.scale + origin, log_scales=moved.log_scales - log(self.scale))


def median_depth(model: SparseModel) -> float:
    """Median over all observations of the point's depth in the photo that sees it, in the model's units."""
    depths = [
        (model.points[image.observed] @ image.rotation.T + image.translation)[:, 2]
        for image in model.images
        if len(image.observed)
    ]
    everything = np.concatenate(depths) if depths else np.empty(0)
    everything = everything[everything > 0]
    return float(np.median(everything)) if len(everything) else 1.0


def training_frame(model: SparseModel) -> Frame:
    """Median depth 1, origin at the median of the points."""
    return Frame(np.median(model.points, axis=0), 1.0 / median_depth(model))


def model_cameras(model: SparseModel) -> list[Camera]:
    """The photos' cameras in the export frame, sorted by name."""
    near = NEAR * median_depth(model)
    cameras = []
    for image in model.images:
        intrinsics = model.cameras[image.camera_id]
        lens = Lens.from_colmap(intrinsics.model, intrinsics.params)
        cameras.append(
            Camera(image.name, intrinsics.width, intrinsics.height, lens, image.rotation, image.translation, near)
        )
    return cameras
