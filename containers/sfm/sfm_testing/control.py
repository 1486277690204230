"""Ground control on the rendered place, as ODM's files have it."""

from collections.abc import Sequence

import numpy as np
import pyproj
from numpy.typing import NDArray
from spaceport_sfm.projections import parse_projection

from .photo_files import gps_of
from .place import FOCAL_35MM, Place, View

Floats = NDArray[np.float64]

UTM = "WGS84 UTM 32N"
GROUND = [(-10.0, -8.0), (12.0, -8.0), (12.0, 8.0), (-10.0, 8.0), (0.0, 0.0), (5.0, 3.0), (-5.0, -3.0), (-6.0, 4.0)]
SIZE = (480, 360)


def utm_of(point: Floats) -> tuple[float, float, float]:
    """East, north and height of a place in metres around the place's origin."""
    latitude, longitude, height = gps_of(point)
    projection = pyproj.Transformer.from_crs("EPSG:4326", parse_projection(UTM).crs, always_xy=True)
    east, north = projection.transform(longitude, latitude)
    return east, north, height


def pixel_of(view: View, point: Floats) -> tuple[float, float] | None:
    """Where a photo shows a place, the middle of its first pixel being 0, 0; None where it does not."""
    x, y, depth = view.rotation @ (point - view.center)
    focal = FOCAL_35MM / 35 * SIZE[0]
    pixel = focal * x / depth + SIZE[0] / 2 - 0.5, focal * y / depth + SIZE[1] / 2 - 0.5
    return pixel if depth > 0 and 0 < pixel[0] < SIZE[0] - 1 and 0 < pixel[1] < SIZE[1] - 1 else None


def control_list(place: Place, views: Sequence[View], points: int = len(GROUND)) -> str:
    """Five control points and three check points, on the ground, or the first `points` of them."""
    lines = [UTM]
    for number, (east, north) in enumerate(GROUND[:points]):
        point = np.array([east, north, float(place.height(np.array(east), np.array(north)))])
        name = f"{'check' if number >= 5 else 'gcp'}{number}"
        for view in views:
            if (pixel := pixel_of(view, point)) is not None:
                coordinates = " ".join(f"{value:.4f}" for value in utm_of(point))
                lines.append(f"{coordinates} {pixel[0]:.3f} {pixel[1]:.3f} {view.name} {name}")
    return "\n".join(lines)
