"""Where on Earth a scene lies, from what SfM has left beside the settings: `scene.json` and its report."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..sfm_facts import SCENE_FILE, SFM_REPORT, read_object

Floats = NDArray[np.float64]

SEMI_MAJOR_AXIS_M, FLATTENING = 6378137.0, 1 / 298.257223563  # WGS84
ELLIPSOIDAL = "metres above the WGS84 ellipsoid"
UNSTATED = "metres as the altitudes of the photos count them, which do not say whether above ellipsoid or sea level"
RELATIVE = "metres above the origin of the scene, whose own height is not known"
# The best of what SfM knows: points that were only measured say most.
WITNESSES = (("check", "check points"), ("control", "control points"), ("gps", "positions of the photos themselves"))


@dataclass(frozen=True)
class Place:
    """latitude, longitude: degrees, WGS84, of the scene's origin. altitude: metres, 0 where it is not known.

    heights: what heights count from, for people. enu_from_scene: float64[4, 4], to metres east, north, up of the
    origin. low, high: float64[3], the box of nearly all SfM points, in the scene. accuracy: for people.
    """

    latitude: float
    longitude: float
    altitude: float
    heights: str
    enu_from_scene: Floats
    low: Floats
    high: Floats
    accuracy: str

    def enu(self, positions: NDArray[np.floating]) -> Floats:
        """float64[N, 3], metres, of places in the scene."""
        return positions.astype(np.float64) @ self.enu_from_scene[:3, :3].T + self.enu_from_scene[:3, 3]

    def ecef_from_enu(self) -> Floats:
        """float64[4, 4], to the Earth-centred frame (EPSG:4978), metres."""
        latitude, longitude = np.radians(self.latitude), np.radians(self.longitude)
        sin_lat, cos_lat, sin_lon, cos_lon = np.sin(latitude), np.cos(latitude), np.sin(longitude), np.cos(longitude)
        eccentricity2 = FLATTENING * (2 - FLATTENING)
        normal = SEMI_MAJOR_AXIS_M / np.sqrt(1 - eccentricity2 * sin_lat**2)
        matrix = np.eye(4)
        matrix[:3, 0] = -sin_lon, cos_lon, 0
        matrix[:3, 1] = -sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat
        matrix[:3, 2] = cos_lat * cos_lon, cos_lat * sin_lon, sin_lat
        matrix[:3, 3] = matrix[:3, 2] * (normal + self.altitude)
        matrix[2, 3] = (normal * (1 - eccentricity2) + self.altitude) * sin_lat
        return matrix


def read_place(folder: Path) -> Place | str:
    """The place of a scene, or a sentence that says why it has none."""
    scene, report = read_object(folder / SCENE_FILE), read_object(folder / SFM_REPORT)
    if scene is None:
        return "camera reconstruction left no facts about the scene"
    if scene.get("origin") is None or scene.get("enuFromScene") is None:
        frame = _at(report, "metrics", "frame")
        reason = frame.get("reason") if isinstance(frame, dict) else None
        return f"the scene is not laid on the map{f': {reason}' if reason else ''}"
    try:
        origin, bounds = scene["origin"], scene["bounds"]
        altitude = origin["altitude"]
        return Place(
            latitude=float(origin["latitude"]),
            longitude=float(origin["longitude"]),
            altitude=float(altitude or 0),
            heights=_heights(altitude, report),
            enu_from_scene=np.array(scene["enuFromScene"], np.float64).reshape(4, 4),
            low=np.array(bounds["min"], np.float64).reshape(3),
            high=np.array(bounds["max"], np.float64).reshape(3),
            accuracy=_accuracy(_at(report, "metrics", "accuracy")),
        )
    except (KeyError, TypeError, ValueError) as error:
        return f"the facts about the scene cannot be read ({error})"


def _heights(altitude: float | None, report: Any) -> str:
    if altitude is None:
        return RELATIVE
    return ELLIPSOIDAL if _at(report, "options", "geoidOffsetM") else UNSTATED


def _accuracy(found: Any) -> str:
    """Of the best witness that there is, in a sentence."""
    for name, words in WITNESSES:
        axes = found.get(name) if isinstance(found, dict) else None
        if isinstance(axes, dict) and isinstance(axes.get("ce90M"), int | float):
            up = axes.get("le90M")
            height = f", LE90 {up:.3g} m" if isinstance(up, int | float) else ""
            return f"CE90 {axes['ce90M']:.3g} m{height}, by {axes.get('count')} {words}"
    return "not known"


def _at(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value
