"""What the photos saw: their ground, their resolution, and what of a model hangs in the air before them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from spaceport_common.opening_view import PhotoCamera
from spaceport_common.sog.gaussians import Gaussians
from spaceport_common.sog.quantizers import sigmoid

from .place import Floats, Place

MARGIN = 0.1  # of the extent of the SfM points, on each side
TOO_NEAR = 0.2  # of a camera's height above the ground: what is nearer to it hangs in the air
SIGNIFICANT_DIGITS = 2
SOLID = 0.1  # opacity from which on a Gaussian tells where the ground is


@dataclass(frozen=True)
class Ground:
    """up: metres above the origin, median. resolution_m: of the photos' pixels there, rounded up to two digits."""

    up: float
    resolution_m: float


class NothingSeenError(ValueError):
    """The model has nothing that can be seen from above; the text is for a person."""


def solid_ground(gaussians: Gaussians, place: Place, cameras: list[PhotoCamera]) -> tuple[Gaussians, Ground]:
    """The Gaussians that can be shown from above, and the ground that they show. Raises NothingSeenError.

    Left out: what lies outside of the photographed box on the map, above all cameras (sky), or close to one of them.
    """
    if not cameras:
        raise NothingSeenError("training left no cameras of the photos")
    positions = place.enu(gaussians.positions)
    low, high = photographed_box(place)
    inside = ((positions[:, :2] >= low) & (positions[:, :2] <= high)).all(axis=1)
    solid = inside & (sigmoid(gaussians.opacities) > SOLID)
    if not solid.any():
        raise NothingSeenError("no part of the model lies where the photos were taken")
    up = float(np.median(positions[solid, 2]))
    places = place.enu(np.array([camera.position for camera in cameras]))
    above = places[:, 2] - up
    flying = above > 0
    if not flying.any():
        raise NothingSeenError("all photos were taken from below")
    focal = np.array([camera.fx for camera in cameras])
    resolution = _rounded_up(float(np.median(above[flying] / focal[flying])))
    kept = inside & (positions[:, 2] < places[:, 2].max())
    for centre, reach in zip(places[flying], TOO_NEAR * above[flying], strict=True):
        kept &= np.square(positions - centre).sum(axis=1) > reach * reach
    return gaussians.reordered(np.flatnonzero(kept)), Ground(up, resolution)


def photographed_box(place: Place) -> tuple[Floats, Floats]:
    """South-west and north-east corner, float64[2], metres east and north of the origin."""
    corners = place.enu(np.array([place.low, place.high]))[:, :2]
    low, high = corners.min(axis=0), corners.max(axis=0)
    return low - MARGIN * (high - low), high + MARGIN * (high - low)


def seen_by_photos(enu: Floats, place: Place, cameras: list[PhotoCamera]) -> NDArray[np.bool_]:
    """bool[N]: which places, metres east, north, up, lie in the frame of any photo, whatever stands before them."""
    scene = (enu - place.enu_from_scene[:3, 3]) @ np.linalg.inv(place.enu_from_scene[:3, :3]).T
    seen = np.zeros(len(scene), np.bool_)
    for camera in cameras:
        x, y, z = ((scene - camera.position) @ camera.rotation.T).T
        ahead = np.where(z > 0, z, np.inf)
        half_width, half_height = camera.width / camera.fx / 2, camera.height / camera.fy / 2
        seen |= (z > 0) & (np.abs(x / ahead) <= half_width) & (np.abs(y / ahead) <= half_height)
    return seen


def _rounded_up(value: float) -> float:
    step = 10.0 ** (np.floor(np.log10(value)) - SIGNIFICANT_DIGITS + 1)
    return float(f"{np.ceil(value / step - 1e-9) * step:.{SIGNIFICANT_DIGITS}g}")
