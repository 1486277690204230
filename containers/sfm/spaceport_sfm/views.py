"""Where each photo looks and what ground it shows, as far as its metadata tell. Plain numpy over metres."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .cameras import CameraGroup
from .photo_metadata import PhotoMetadata

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

# From the middle to the corner, where no focal length is known: a lens of 20 mm on 35 mm film. Drones have no wider
# ones but fisheyes, and too wide leaves nobody out.
WIDE_HALF_ANGLE = np.arctan(21.65 / 20.0)
# Below this pitch a photo has a footprint. Above, its ground reaches too far away to say where it lies.
MAX_FOOTPRINT_PITCH_DEGREES = -30.0
STRAIGHT_DOWN_DEGREES = -80.0  # below it the heading of the gimbal says nothing, and is not needed
MIN_HEIGHT_M = 3.0  # height above take-off; less may as well be below a hill that the drone started from


@dataclass(frozen=True)
class Views:
    """Of N photos. NaN stands for unknown in every array; a photo of which nothing is known is in nobody's way."""

    directions: Floats
    """float64[N, 3]: unit vectors east, north, up."""
    half_angles: Floats
    """float64[N], radians: from the middle of the photo to its corner."""
    heights: Floats
    """float64[N], metres above the ground."""

    def aims(self, enu: Floats) -> Floats:
        """float64[N, 2], metres east, north: the ground in the middle of each photo from `enu` (float64[N, 3])."""
        return np.where(self._have_footprint[:, None], enu[:, :2] + self._reach, np.nan)

    @property
    def radii(self) -> Floats:
        """float64[N], metres: of a circle around the aim that holds most of the footprint, lengthened by the tilt."""
        sine = -self.directions[:, 2]
        with np.errstate(divide="ignore", invalid="ignore"):
            radii = self.heights / sine**2 * np.tan(self.half_angles)
        return np.where(self._have_footprint, radii, np.nan)

    def angles_to(self, photo: int) -> Floats:
        """float64[N], radians: between the view of each photo and that of `photo`."""
        angles: Floats = np.arccos(np.clip(self.directions @ self.directions[photo], -1, 1))
        return angles

    def cannot_share(self, photo: int, enu: Floats) -> Mask:
        """bool[N]: photos that surely show nothing that `photo` shows, by what is known of both.

        Their footprints lie apart, or they look away from each other: the cones of their views do not meet.
        """
        aims, radii = self.aims(enu), self.radii
        offsets = enu - enu[photo]
        between = np.linalg.norm(aims - aims[photo], axis=1)
        apart: Mask = between > radii + radii[photo]  # never where one of them is unknown
        ahead, behind = offsets @ self.directions[photo], (offsets * self.directions).sum(axis=1)
        wide = self.angles_to(photo) > self.half_angles + self.half_angles[photo]
        away: Mask = wide & (ahead <= 0) & (behind >= 0)
        return apart | away

    @property
    def _have_footprint(self) -> Mask:
        steep: Mask = self.directions[:, 2] <= np.sin(np.radians(MAX_FOOTPRINT_PITCH_DEGREES))
        return steep & (self.heights >= MIN_HEIGHT_M)

    @property
    def _reach(self) -> Floats:
        """float64[N, 2], metres from below the camera to its aim."""
        with np.errstate(divide="ignore", invalid="ignore"):
            reach: Floats = self.directions[:, :2] * (self.heights / -self.directions[:, 2])[:, None]
        return reach


def half_angles_of(cameras: Sequence[CameraGroup]) -> Floats:
    """float64[N], radians: from the middle to the corner of each of the N photos that are in these cameras."""
    angles = np.full(sum(len(camera.photos) for camera in cameras), WIDE_HALF_ANGLE)
    for camera in cameras:
        if camera.focal.known:
            angles[list(camera.photos)] = np.arctan(np.hypot(*camera.size) / 2 / camera.focal_px)
    return angles


def views_of(photos: Sequence[PhotoMetadata], half_angles: Floats) -> Views:
    """By pitch and heading of the gimbal and height above take-off; `half_angles`: as in Views."""

    def column(values: Sequence[float | None]) -> Floats:
        return np.array([np.nan if value is None else value for value in values], np.float64)

    pitch = column([photo.gimbal_pitch_degrees for photo in photos])
    heading = column([photo.gimbal_yaw_degrees for photo in photos])
    heading = np.where(np.isnan(heading) & (pitch <= STRAIGHT_DOWN_DEGREES), 0.0, heading)
    return Views(
        directions_of(pitch, heading),
        half_angles,
        column([photo.height_above_takeoff_m for photo in photos]),
    )


def directions_of(pitch_degrees: Floats, heading_degrees: Floats) -> Floats:
    """float64[N, 3], unit vectors east, north, up. Pitch: 0 level, -90 down; heading: clockwise from north."""
    pitch, heading = np.radians(pitch_degrees), np.radians(heading_degrees)
    level = np.cos(pitch)
    return np.stack([np.sin(heading) * level, np.cos(heading) * level, np.sin(pitch)], axis=1)
