"""How accurate a photo says that its position is: real-time kinematics, Pix4D's tags, EXIF. Standard deviations."""

from collections.abc import Mapping
from typing import Any

from PIL import ExifTags

from .gps import AxisStd, finite_number
from .xmp import Properties, number_of, rational_of

# Receivers state their antenna's scatter, not the shutter's delay, nor the lever from antenna to camera.
MIN_STD_M = 0.02
# Less is a number of another meaning (0: unknown); with more a position says nothing.
SMALLEST_STD_M, LARGEST_STD_M = 1e-4, 1000.0

# DJI's RtkFlag: 0 none, 16 single point, 32 to 49 float (34 as a rule), 50 and 51 fixed ambiguities.
RTK_FLOAT, RTK_FIXED, RTK_LARGEST = 32, 50, 63
TYPICAL_FIXED = AxisStd(0.03, 0.03, 0.06)
TYPICAL_FLOAT = AxisStd(0.5, 0.5, 1.0)


def stated_accuracy(gps_tags: Mapping[int, Any], properties: Properties) -> AxisStd | None:
    """What a photo says itself, by its EXIF GPS block and its XMP; None where it says nothing that can be believed."""
    stated = _rtk(properties) or _pix4d(properties)
    if stated is not None:
        return stated
    radius = believable_std(finite_number(gps_tags.get(ExifTags.GPS.GPSHPositioningError)))
    if radius is None:
        radius = believable_std(rational_of(properties.get("exif:GPSHPositioningError")))
    return None if radius is None else AxisStd(radius, radius, None)


def believable_std(metres: float | None) -> float | None:
    """A standard deviation in metres, at least 0.02; None where it is unknown, 0, negative or beyond 1 km."""
    if metres is None or not SMALLEST_STD_M <= metres <= LARGEST_STD_M:
        return None
    return max(MIN_STD_M, metres)


def _rtk(properties: Properties) -> AxisStd | None:
    """DJI's fix. Without correction data the receiver's own figures leave out what limits it: they do not count."""
    flag = number_of(properties.get("RtkFlag"))
    if flag is None or not RTK_FLOAT <= flag <= RTK_LARGEST:
        return None
    typical = TYPICAL_FIXED if flag >= RTK_FIXED else TYPICAL_FLOAT
    east, north, up = (
        believable_std(number_of(properties.get(name))) for name in ("RtkStdLon", "RtkStdLat", "RtkStdHgt")
    )
    return AxisStd(east or typical.east, north or typical.north, up or typical.up)


def _pix4d(properties: Properties) -> AxisStd | None:
    """Pix4D's `Camera` namespace, which planes and converters write (its "Specifications for image metadata")."""
    horizontal = believable_std(rational_of(properties.get("Camera:GPSXYAccuracy")))
    vertical = believable_std(rational_of(properties.get("Camera:GPSZAccuracy")))
    if horizontal is None and vertical is None:
        return None
    return AxisStd(horizontal, horizontal, vertical)
