"""The subject of a scene, and a view that shows it whole. Plain numpy, in the export frame: x east, y down, z north."""

import math

import numpy as np
from numpy.typing import NDArray
from spaceport_common.opening_view import FIELD_OF_VIEW_DEG, Pose

Floats = NDArray[np.float64]

ASPECT = 16 / 9
MARGIN = 1.05  # of the distance from which the subject would just fit
MAX_ELEVATION_DEG = 60.0  # a view from straight above has no upright
MIN_FLAT = 0.17  # sine of 10 degrees off the vertical: less is no side, but the shake of a gimbal
MIN_SPREAD = 1e-6  # a subject of one point has some size, too


def box_of(points: Floats, low: float, high: float) -> tuple[Floats, Floats]:
    """Smallest and largest x, y, z of float64[N, 3], each without what lies beyond the percentiles."""
    smallest, largest = np.percentile(points, (low, high), axis=0)
    return smallest, largest


def whole_view(box: tuple[Floats, Floats], cameras: Floats) -> Pose:
    """Looks at the middle of the box, from so far that all of it is in a 16:9 picture.

    It stands where the typical photo stood, the one whose direction from the box has most of the others near it.
    `cameras`: float64[N, 3], their centres. A photo from above is looked past at 60 degrees: its edges saw that side.
    """
    target = (box[0] + box[1]) / 2
    direction = _upright(_typical_direction(cameras - target))
    offsets = _corners(box) - target
    in_view = offsets @ Pose(direction, np.zeros(3)).rotation.T
    across = math.tan(math.radians(FIELD_OF_VIEW_DEG) / 2)
    distances = np.maximum(np.abs(in_view[:, 0]) / across, np.abs(in_view[:, 1]) / (across / ASPECT)) - in_view[:, 2]
    distance = MARGIN * max(float(distances.max()), MIN_SPREAD)
    return Pose(target + distance * direction, target)


def _typical_direction(offsets: Floats) -> Floats:
    """The unit vector of float64[N, 3] with the largest mean cosine to all."""
    lengths = np.linalg.norm(offsets, axis=1)
    directions = offsets[lengths > 0] / lengths[lengths > 0, None]
    if len(directions) == 0:
        return np.array([0.0, 0.0, -1.0])
    typical: Floats = directions[int(np.argmax(directions @ directions.mean(axis=0)))]
    return typical


def _upright(direction: Floats) -> Floats:
    """The direction, no steeper than `MAX_ELEVATION_DEG`; from the south, as maps are read, where it is vertical."""
    east, down, north = direction
    flat = math.hypot(east, north)
    if abs(down) <= math.sin(math.radians(MAX_ELEVATION_DEG)):
        return direction
    heading = (east / flat, north / flat) if flat > MIN_FLAT else (0.0, -1.0)
    across, along = math.cos(math.radians(MAX_ELEVATION_DEG)), math.sin(math.radians(MAX_ELEVATION_DEG))
    return np.array([heading[0] * across, math.copysign(along, down), heading[1] * across])


def _corners(box: tuple[Floats, Floats]) -> Floats:
    """float64[8, 3]."""
    return np.array(np.meshgrid(*np.stack(box).T)).reshape(3, -1).T
