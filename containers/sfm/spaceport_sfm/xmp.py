"""What drones write into the XMP packet of a photo: position, heights, gimbal angle.

DJI's namespace is drone-dji, other makers' begin with drone as well. Values stand in attributes or in elements. The
packet is searched rather than parsed: it comes from outside, and one bad entity would lose all of it.
"""

import re
from collections.abc import Mapping

from .gps import Coordinate, GpsPosition, checked_position, finite_number, with_hemisphere

Properties = Mapping[str, str]
"""Values by name; the drone makers' without their prefix, others as `exif:` or `Camera:` and the name."""

_PROPERTY = re.compile(
    rb"""(?<![\w:-])(drone[\w-]{0,32}|exif|Camera):(\w{1,64})\s{0,32}"""
    rb"""(?:=\s{0,32}(?:"([^"<]{0,256})"|'([^'<]{0,256})')|>\s{0,256}([^<]{1,256}))"""
)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d*)?")
# Exif 2.3 for XMP, GPSCoordinate: "DDD,MM,SSk" or "DDD,MM.mmk".
_SEXAGESIMAL = re.compile(r"(\d+),(\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?))?\s*([NSEWnsew]?)")


def read_properties(packet: object) -> Properties:
    """The properties of drone makers, of Exif and of Pix4D's `Camera`; the first value of each counts.

    Anything unreadable is left out.
    """
    if isinstance(packet, str):
        packet = packet.encode("utf-8", "ignore")
    found: dict[str, str] = {}
    if isinstance(packet, bytes):
        for prefix, name, *values in _PROPERTY.findall(packet):
            key = name.decode() if prefix.startswith(b"drone") else f"{prefix.decode()}:{name.decode()}"
            value = b"".join(values).decode("utf-8", "ignore").strip()
            if value:
                found.setdefault(key, value)
    return found


def number_of(text: str | None) -> float | None:
    """A finite decimal number, or None."""
    return finite_number(text) if text is not None and _NUMBER.fullmatch(text) else None


def rational_of(text: str | None) -> float | None:
    """A number, or Exif's fraction of two."""
    numerator, _, denominator = (text or "").partition("/")
    above, below = number_of(numerator), number_of(denominator or "1")
    return None if above is None or not below else above / below


def gimbal_pitch(properties: Properties) -> float | None:
    """Degrees: 0 looks at the horizon, -90 straight down."""
    return number_of(properties.get("GimbalPitchDegree"))


def gimbal_yaw(properties: Properties) -> float | None:
    """Degrees clockwise from north."""
    return number_of(properties.get("GimbalYawDegree"))


def height_above_takeoff(properties: Properties) -> float | None:
    """Metres."""
    return number_of(properties.get("RelativeAltitude"))


def position(properties: Properties) -> GpsPosition | None:
    """The drone maker's position, else Exif's as XMP writes it; None where there is neither."""
    latitude = _signed(properties.get("GpsLatitude", properties.get("Latitude")))
    # Firmware of DJI writes GpsLongtitude, or both spellings.
    longitude = _signed(properties.get("GpsLongitude", properties.get("GpsLongtitude", properties.get("Longitude"))))
    own = checked_position(latitude, longitude, absolute_altitude(properties))
    return own if own is not None else _exif_position(properties)


def absolute_altitude(properties: Properties) -> float | None:
    """Metres above sea level or above the ellipsoid, as the drone has it."""
    return number_of(properties.get("AbsoluteAltitude"))


def _exif_position(properties: Properties) -> GpsPosition | None:
    altitude = rational_of(properties.get("exif:GPSAltitude"))
    if altitude is not None and properties.get("exif:GPSAltitudeRef") in ("1", "3"):
        altitude = -altitude
    return checked_position(
        _sexagesimal(properties.get("exif:GPSLatitude"), "S", "N"),
        _sexagesimal(properties.get("exif:GPSLongitude"), "W", "E"),
        altitude,
    )


def _sexagesimal(text: str | None, negative: str, positive: str) -> Coordinate | None:
    match = _SEXAGESIMAL.fullmatch(text or "")
    if match is None:
        return None
    degrees, minutes, seconds, letter = match.groups()
    value = float(degrees) + float(minutes) / 60 + float(seconds or 0) / 3600
    return with_hemisphere(value, letter, negative, positive)


def _signed(text: str | None) -> Coordinate | None:
    number = number_of(text)
    return None if number is None else Coordinate(number, True)
