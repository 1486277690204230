"""A position as a photo states it, and the one check that every source of positions goes through."""

import math
from dataclasses import dataclass, replace
from typing import Literal

# Where drones and planes fly: the Dead Sea lies at -430 m. Anything else is a number of another meaning.
MIN_ALTITUDE_M, MAX_ALTITUDE_M = -600.0, 15_000.0


HeightReference = Literal["camera", "file", "ellipsoid", "sea level"]
"""What an altitude counts from: `camera` and `file` do not say; `ellipsoid` is WGS84's. None is mixed with another."""


@dataclass(frozen=True)
class AxisStd:
    """Standard deviations of a position in metres, by axis; None where nothing is said."""

    east: float | None
    north: float | None
    up: float | None


@dataclass(frozen=True)
class GpsPosition:
    """WGS84 degrees; `altitude` in metres, None where the photo has none."""

    latitude: float
    longitude: float
    altitude: float | None
    signed: bool = True
    """Whether the hemispheres are known. Without them the degrees are only distances from equator and Greenwich."""
    std: AxisStd | None = None
    """How accurate it is said to be."""
    heights: HeightReference = "camera"

    def stated_as(self, std: AxisStd | None, heights: HeightReference) -> "GpsPosition":
        """The same position with its accuracy and with what its altitude counts from."""
        return replace(self, std=std, heights=heights)

    def above_ellipsoid(self, geoid_offset_m: float) -> "GpsPosition":
        """With a height above sea level turned into one above the ellipsoid; an offset of 0 is none."""
        if not geoid_offset_m or self.altitude is None or self.heights != "sea level":
            return self
        return replace(self, altitude=self.altitude + geoid_offset_m, heights="ellipsoid")


@dataclass(frozen=True)
class Coordinate:
    """Latitude or longitude in degrees; `signed`: whether the hemisphere is known."""

    degrees: float
    signed: bool


def with_hemisphere(degrees: float, hemisphere: str, negative: str, positive: str) -> Coordinate:
    """A coordinate from its number and its letter, which some writers leave out, or write beside a signed number.

    A number below zero without its letter tells its hemisphere itself; one that contradicts its letter tells none.
    """
    letter = hemisphere.strip().upper()[:1]
    if letter == negative:
        return Coordinate(-abs(degrees), True)
    if letter == positive:
        return Coordinate(abs(degrees), degrees >= 0)
    return Coordinate(degrees, degrees < 0)


def checked_position(
    latitude: Coordinate | None, longitude: Coordinate | None, altitude: float | None
) -> GpsPosition | None:
    """The position, or None when it is incomplete, out of range or 0, 0 (no fix). An impossible altitude is dropped."""
    if latitude is None or longitude is None:
        return None
    if not abs(latitude.degrees) <= 90 or not abs(longitude.degrees) <= 180:  # NaN is in no range
        return None
    if latitude.degrees == 0 and longitude.degrees == 0:
        return None
    if altitude is not None and not MIN_ALTITUDE_M <= altitude <= MAX_ALTITUDE_M:
        altitude = None
    return GpsPosition(latitude.degrees, longitude.degrees, altitude, latitude.signed and longitude.signed)


def finite_number(value: object) -> float | None:
    """A finite float, or None: rationals may be 0/0."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    return number if math.isfinite(number) else None
