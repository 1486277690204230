"""GPS positions of the photos as metres east, north, up around their middle."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pycolmap
from numpy.typing import NDArray

from .photo_metadata import GpsPosition

MIN_GPS_SHARE = 0.8
MIN_EXTENT_M = 2.0  # less is GPS noise around one place


@dataclass(frozen=True)
class Origin:
    """WGS84 degrees, metres above the ellipsoid as the photos give it (drones often write height above sea level)."""

    latitude: float
    longitude: float
    altitude: float


@dataclass(frozen=True)
class Positions:
    """`enu`: float64[N, 3], metres east, north, up of `origin`, in the order of the photos.

    Rows of NaN: no GPS. NaN in the third column only: no altitude.
    """

    enu: NDArray[np.float64]
    origin: Origin

    @property
    def known(self) -> NDArray[np.bool_]:
        """bool[N]: photos with a horizontal position."""
        return np.isfinite(self.enu[:, 0])

    @property
    def has_altitudes(self) -> bool:
        """Whether enough of the known positions have an altitude to be used in three dimensions."""
        return bool(np.isfinite(self.enu[self.known, 2]).mean() >= MIN_GPS_SHARE)


def positions_of(gps: Sequence[GpsPosition | None]) -> Positions | None:
    """Positions, or None where less than 80 % of the photos (or fewer than 3) have GPS, or all are of one place."""
    fixes = [fix for fix in gps if fix is not None]
    if len(fixes) < max(3, MIN_GPS_SHARE * len(gps)):
        return None
    altitudes = [fix.altitude for fix in fixes if fix.altitude is not None]
    origin = Origin(
        float(np.median([fix.latitude for fix in fixes])),
        float(np.median([fix.longitude for fix in fixes])),
        float(np.median(altitudes)) if altitudes else 0.0,
    )
    degrees = np.array(
        [
            (np.nan,) * 3
            if fix is None
            else (fix.latitude, fix.longitude, origin.altitude if fix.altitude is None else fix.altitude)
            for fix in gps
        ]
    )
    enu: NDArray[np.float64] = wgs84().ellipsoid_to_enu(degrees, origin.latitude, origin.longitude, origin.altitude)
    enu[[fix is not None and fix.altitude is None for fix in gps], 2] = np.nan
    horizontal = enu[np.isfinite(enu[:, 0]), :2]
    if np.linalg.norm(np.ptp(horizontal, axis=0)) < MIN_EXTENT_M:
        return None
    return Positions(enu, origin)


def wgs84() -> pycolmap.GPSTransform:
    """Conversions on the WGS84 ellipsoid."""
    return pycolmap.GPSTransform(pycolmap.GPSTransformEllipsoid.WGS84)
