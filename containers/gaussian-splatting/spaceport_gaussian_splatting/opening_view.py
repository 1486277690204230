"""Chooses the view that a scene opens with by what it shows: nobody's first picture of a scene is an empty one."""

from dataclasses import replace
from typing import NamedTuple

import torch
from spaceport_common.opening_view import MIN_COVERED_PERCENT, PhotoCamera, Pose, focal_length, opening_poses
from spaceport_common.spherical_harmonics import C0

from .camera import Camera
from .gaussians import Gaussians
from .lens import Lens
from .rasterizers.protocol import Rasterizer

WIDTH, HEIGHT = 480, 300  # about the shape of the viewer's frame in the result page
MIN_COVERED = MIN_COVERED_PERCENT / 100


class Opening(NamedTuple):
    """Where a scene opens, and the share of the picture that it covers there, 0 to 1."""

    pose: Pose
    covered: float


def best_opening(gaussians: Gaussians, cameras: list[PhotoCamera], near: float, rasterizer: Rasterizer) -> Opening:
    """The first of the usual poses that shows enough of the model, else the one that shows most of it.

    Model and cameras are in the export frame; nothing nearer than `near` is drawn.
    """
    model = _white(gaussians).to(rasterizer.device)
    tried: list[Opening] = []
    for pose in opening_poses(cameras):
        tried.append(Opening(pose, _covered(model, camera_at(pose, near), rasterizer)))
        if tried[-1].covered >= MIN_COVERED:
            return tried[-1]
    return max(tried, key=lambda opening: opening.covered)


def camera_at(pose: Pose, near: float, width: int = WIDTH, height: int = HEIGHT) -> Camera:
    """An upright camera of so many pixels, with the viewer's field of view."""
    rotation = pose.rotation
    lens = Lens.from_colmap("SIMPLE_PINHOLE", [focal_length(width, height), width / 2, height / 2])
    return Camera("opening view", width, height, lens, rotation, -rotation @ pose.position, near)


def _white(gaussians: Gaussians) -> Gaussians:
    """The same shapes in the colour 1: their picture over black is its opacity."""
    colors = torch.full_like(gaussians.base_colors, 0.5 / C0)
    return replace(gaussians.detached(), base_colors=colors, rest_colors=gaussians.rest_colors[:, :0])


@torch.no_grad()
def _covered(white: Gaussians, camera: Camera, rasterizer: Rasterizer) -> float:
    image, _ = rasterizer.render(white, camera, camera.width, camera.height, 0)
    return float((image[:, :, 0] > 0.5).float().mean())
