"""Metadata of a photo: orientation, position, camera body, focal length, gimbal angle."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PIL import ExifTags, Image

_GIMBAL_PITCH = re.compile(rb"""drone-dji:GimbalPitchDegree\s*(?:=\s*["']|>)\s*([+-]?\d+(?:\.\d+)?)""")


@dataclass(frozen=True)
class GpsPosition:
    """WGS84 degrees; `altitude` in metres, None where the photo has none."""

    latitude: float
    longitude: float
    altitude: float | None


@dataclass(frozen=True)
class PhotoMetadata:
    """Missing or nonsensical values are None (orientation: 1)."""

    orientation: int
    """EXIF orientation, 1 to 8."""
    gps: GpsPosition | None
    camera_body: str
    """Make and model; empty when unknown."""
    focal_length_35mm: float | None
    """Millimetres on 35 mm film."""
    gimbal_pitch_degrees: float | None
    """DJI: 0 looks at the horizon, -90 straight down."""


def read_metadata(image: Image.Image) -> PhotoMetadata:
    """Reads EXIF and DJI's XMP of an opened image. Damaged metadata counts as missing: it never fails a photo."""
    try:
        exif = image.getexif()
        base: Mapping[int, Any] = dict(exif)
        detail: Mapping[int, Any] = dict(exif.get_ifd(ExifTags.IFD.Exif))
        gps: Mapping[int, Any] = dict(exif.get_ifd(ExifTags.IFD.GPSInfo))
    except Exception:  # Pillow's EXIF parser raises many types on garbage
        base, detail, gps = {}, {}, {}
    orientation = base.get(ExifTags.Base.Orientation)
    focal = _number(detail.get(ExifTags.Base.FocalLengthIn35mmFilm))
    return PhotoMetadata(
        orientation=orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1,
        gps=parse_gps(gps),
        camera_body=" ".join(filter(None, (_text(base.get(tag)) for tag in (ExifTags.Base.Make, ExifTags.Base.Model)))),
        focal_length_35mm=focal if focal is not None and 4 <= focal <= 2000 else None,
        gimbal_pitch_degrees=parse_gimbal_pitch(image.info.get("xmp")),
    )


def parse_gps(tags: Mapping[int, Any]) -> GpsPosition | None:
    """Position from an EXIF GPS block, or None when it is incomplete, out of range or 0, 0 (no fix)."""
    latitude = _degrees(tags.get(ExifTags.GPS.GPSLatitude), tags.get(ExifTags.GPS.GPSLatitudeRef), "S")
    longitude = _degrees(tags.get(ExifTags.GPS.GPSLongitude), tags.get(ExifTags.GPS.GPSLongitudeRef), "W")
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    if latitude == 0 and longitude == 0:
        return None
    altitude = _number(tags.get(ExifTags.GPS.GPSAltitude))
    if altitude is not None and tags.get(ExifTags.GPS.GPSAltitudeRef) in (1, b"\x01"):  # below sea level
        altitude = -altitude
    return GpsPosition(latitude, longitude, altitude)


def parse_gimbal_pitch(xmp: object) -> float | None:
    """Gimbal pitch in degrees from an XMP packet, written as an attribute or as an element."""
    if isinstance(xmp, str):
        xmp = xmp.encode()
    match = _GIMBAL_PITCH.search(xmp) if isinstance(xmp, bytes) else None
    return float(match.group(1)) if match else None


def _degrees(parts: object, reference: object, negative: str) -> float | None:
    if not isinstance(parts, tuple) or len(parts) != 3:
        return None
    numbers = [_number(part) for part in parts]
    if any(number is None for number in numbers):
        return None
    degrees, minutes, seconds = (number or 0.0 for number in numbers)
    value = degrees + minutes / 60 + seconds / 3600
    return -value if _text(reference).upper() == negative else value


def _number(value: Any) -> float | None:
    """A finite float, or None: EXIF rationals may be 0/0."""
    try:
        number = float(value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if math.isfinite(number) else None


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("ascii", "ignore")
    return value.replace("\x00", "").strip() if isinstance(value, str) else ""
