"""A posed camera: lens, picture size and world-to-camera motion."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .lens import Lens

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Camera:
    """x_camera = rotation @ x_world + translation; x right, y down, z forward, as COLMAP has it.

    `near`: nothing closer than this, in world units, is drawn.
    """

    name: str
    width: int
    height: int
    lens: Lens
    rotation: Vector
    translation: Vector
    near: float

    @cached_property
    def position(self) -> Vector:
        """Centre of projection in the world."""
        return np.asarray(-self.rotation.T @ self.translation)

    @cached_property
    def radius_limit(self) -> float:
        """See Lens.radius_limit."""
        return self.lens.radius_limit(self.width, self.height)

    def resized(self, width: int, height: int) -> "Camera":
        """The same view as a picture of another size; each axis is scaled by itself."""
        if (width, height) == (self.width, self.height):
            return self
        lens = self.lens.scaled(width / self.width, height / self.height)
        return replace(self, width=width, height=height, lens=lens)

    def world_to_camera(self, points: Vector) -> Vector:
        """Points[N, 3] in camera coordinates."""
        return np.asarray(points @ self.rotation.T + self.translation)

    def camera_to_world(self, points: Vector) -> Vector:
        """Points[N, 3] in camera coordinates, in the world."""
        return np.asarray((points - self.translation) @ self.rotation)

    def pixels(self, points: Vector) -> Vector:
        """Pixels[N, 2] of points[N, 3] in front of the camera."""
        local = self.world_to_camera(points)
        x, y = torch.from_numpy(local[:, 0] / local[:, 2]), torch.from_numpy(local[:, 1] / local[:, 2])
        xd, yd, *_ = self.lens.distort(x, y)
        return np.stack([self.lens.fx * xd.numpy() + self.lens.cx, self.lens.fy * yd.numpy() + self.lens.cy], axis=1)

    def sees(self, points: Tensor) -> Tensor:
        """bool[N]: whether points[N, 3] of the world lie in the picture, behind whatever."""
        rotation, translation = self.pose(points)
        x, y, z = (points @ rotation.T + translation).unbind(1)
        front = z > self.near
        depth = torch.where(front, z, torch.ones_like(z))
        x, y = x / depth, y / depth
        xd, yd, *_ = self.lens.distort(x, y)
        u, v = self.lens.fx * xd + self.lens.cx, self.lens.fy * yd + self.lens.cy
        inside = (u >= 0) & (u < self.width) & (v >= 0) & (v < self.height)
        return front & (x * x + y * y < self.radius_limit**2) & inside

    def pose(self, like: Tensor) -> tuple[Tensor, Tensor]:
        """rotation[3, 3] and translation[3] with the type and device of `like`."""
        key = (like.dtype, like.device)
        if key not in self._poses:
            self._poses[key] = (
                torch.as_tensor(self.rotation, dtype=like.dtype, device=like.device),
                torch.as_tensor(self.translation, dtype=like.dtype, device=like.device),
            )
        return self._poses[key]

    @cached_property
    def _poses(self) -> dict[tuple[torch.dtype, torch.device], tuple[Tensor, Tensor]]:
        """Copies to a card take longer than what is done with them."""
        return {}
