"""The pinhole camera with one radial coefficient: COLMAP's SIMPLE_RADIAL model."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

# 24 mm on 35 mm film, a drone's usual lens: its focal length is 24/36 of the photo's width.
FOCAL_LENGTH_35MM = 24
FILM_WIDTH_35MM = 36


@dataclass(frozen=True)
class Lens:
    """Intrinsics shared by all photos. `focal` and the principal point (the centre) are in pixels.

    Distortion as in COLMAP: with normalised undistorted (u, v) and r² = u² + v², the image point is
    focal * (u, v) * (1 + k1 r²) + centre. Negative k1 is barrel distortion.
    """

    width: int
    height: int
    k1: float

    @property
    def focal(self) -> float:
        """Focal length in pixels."""
        return self.width * FOCAL_LENGTH_35MM / FILM_WIDTH_35MM

    def undistorted_rays(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Normalised undistorted coordinates (u, v) of pixel coordinates; Newton's method on the radius."""
        xd = (np.asarray(x, np.float64) - self.width / 2) / self.focal
        yd = (np.asarray(y, np.float64) - self.height / 2) / self.focal
        distorted_radius = np.hypot(xd, yd)
        radius = distorted_radius.copy()
        for _ in range(6):  # converges quadratically; |k1| r² stays below 0.1
            error = radius * (1 + self.k1 * radius**2) - distorted_radius
            radius -= error / (1 + 3 * self.k1 * radius**2)
        scale = np.divide(radius, distorted_radius, out=np.ones_like(radius), where=distorted_radius > 0)
        return xd * scale, yd * scale


@dataclass(frozen=True)
class Camera:
    """One photo's pose: `rotation` float64[3, 3] world to camera, `position` float64[3] in ENU metres."""

    name: str
    lens: Lens
    rotation: Floats
    position: Floats

    def project(self, points: Floats) -> tuple[Floats, Floats]:
        """Pixel coordinates float64[N, 2] and depths float64[N] (metres, along the axis) of float[N, 3] points.

        Points behind the camera have a depth of zero or less; their pixel coordinates mean nothing.
        """
        local = (points - self.position) @ self.rotation.T
        depth = local[:, 2]
        uv = local[:, :2] / np.where(depth > 0, depth, 1.0)[:, None]
        distortion = 1 + self.lens.k1 * (uv**2).sum(axis=1, keepdims=True)
        centre = np.array([self.lens.width, self.lens.height]) / 2
        return uv * distortion * self.lens.focal + centre, depth


def looking(heading_deg: float, pitch_deg: float, roll_deg: float = 0.0) -> Floats:
    """World-to-camera rotation of a gimbal: heading clockwise from north, pitch 0 level and -90 straight down."""
    heading, pitch, roll = np.radians([heading_deg, pitch_deg, roll_deg])
    forward = np.array(
        [np.sin(heading) * np.cos(pitch), np.cos(heading) * np.cos(pitch), np.sin(pitch)],
    )
    right = np.array([np.cos(heading), -np.sin(heading), 0.0])
    down = np.cross(forward, right)
    level = np.stack([right, down, forward])
    c, s = np.cos(roll), np.sin(roll)
    rotation: Floats = np.array([[c, s, 0.0], [-s, c, 0.0], [0.0, 0.0, 1.0]]) @ level
    return rotation
