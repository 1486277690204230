"""Metadata of a photo: orientation, position, camera, gimbal angle."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from PIL import ExifTags, Image

from . import xmp
from .accuracy import stated_accuracy
from .camera_tags import CameraTags, read_camera_tags, text_of
from .gps import AxisStd, Coordinate, GpsPosition, checked_position, finite_number, with_hemisphere

MAX_ATTRIBUTION_LENGTH = 200


@dataclass(frozen=True)
class PhotoMetadata:
    """Missing or nonsensical values are None (orientation: 1)."""

    orientation: int
    """EXIF orientation, 1 to 8."""
    gps: GpsPosition | None
    """From EXIF."""
    camera: CameraTags
    gimbal_pitch_degrees: float | None
    """DJI: 0 looks at the horizon, -90 straight down."""
    xmp_gps: GpsPosition | None = None
    """From XMP."""
    height_above_takeoff_m: float | None = None
    gimbal_yaw_degrees: float | None = None
    """DJI: clockwise from north."""
    exposure_value: float | None = None
    """See `exposure_value_of`."""
    captured: str | None = None
    """By the camera's clock, `YYYY-MM-DDTHH:MM:SS`."""
    attribution: str | None = None
    """EXIF's copyright, else its artist."""


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
    properties = xmp.read_properties(image.info.get("xmp"))
    std = stated_accuracy(gps, properties)
    return PhotoMetadata(
        orientation=orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1,
        gps=_with_std(parse_gps(gps), std),
        camera=read_camera_tags(base, detail, properties, getattr(image, "applist", [])),
        gimbal_pitch_degrees=xmp.gimbal_pitch(properties),
        xmp_gps=_with_std(xmp.position(properties), std),
        height_above_takeoff_m=xmp.height_above_takeoff(properties),
        gimbal_yaw_degrees=xmp.gimbal_yaw(properties),
        exposure_value=exposure_value_of(detail),
        captured=captured_at(base, detail),
        attribution=attribution_of(base),
    )


def captured_at(base: Mapping[int, Any], detail: Mapping[int, Any]) -> str | None:
    """EXIF's DateTimeOriginal, else DateTime, as ISO 8601 without a zone; None where there is none that makes sense."""
    for text in (detail.get(ExifTags.Base.DateTimeOriginal), base.get(ExifTags.Base.DateTime)):
        try:
            return datetime.strptime(text_of(text), "%Y:%m:%d %H:%M:%S").isoformat()
        except ValueError:
            continue
    return None


def attribution_of(base: Mapping[int, Any]) -> str | None:
    """EXIF's Copyright, else its Artist, as one line; None where both are empty."""
    for tag in (ExifTags.Base.Copyright, ExifTags.Base.Artist):
        text = " ".join(text_of(base.get(tag)).split())
        if text and text.isprintable():
            return text[:MAX_ATTRIBUTION_LENGTH]
    return None


def exposure_value_of(tags: Mapping[int, Any]) -> float | None:
    """EV at ISO 100, log2(F^2 / seconds) - log2(ISO / 100), from EXIF's `Exif` block; None where one is missing.

    One more is half the light on the same place (ISO 2720:1974, EV; Exif 2.32, annex C).
    """
    speed = tags.get(ExifTags.Base.ISOSpeedRatings)
    values = (
        finite_number(tags.get(ExifTags.Base.FNumber)),
        finite_number(tags.get(ExifTags.Base.ExposureTime)),
        finite_number(speed[0] if isinstance(speed, tuple) and speed else speed),
    )
    f_number, seconds, iso = (value if value is not None and 0 < value < 1e9 else None for value in values)
    if f_number is None or seconds is None or iso is None:
        return None
    return math.log2(f_number**2 / seconds) - math.log2(iso / 100)


def parse_gps(tags: Mapping[int, Any]) -> GpsPosition | None:
    """Position from an EXIF GPS block, or None when it is incomplete, out of range or 0, 0 (no fix)."""
    latitude = _degrees(tags.get(ExifTags.GPS.GPSLatitude), tags.get(ExifTags.GPS.GPSLatitudeRef), "S", "N")
    longitude = _degrees(tags.get(ExifTags.GPS.GPSLongitude), tags.get(ExifTags.GPS.GPSLongitudeRef), "W", "E")
    altitude = finite_number(tags.get(ExifTags.GPS.GPSAltitude))
    if altitude is not None and tags.get(ExifTags.GPS.GPSAltitudeRef) in (1, b"\x01", 3, b"\x03"):  # below zero
        altitude = -altitude
    position = checked_position(latitude, longitude, altitude)
    above_sea = tags.get(ExifTags.GPS.GPSAltitudeRef) in (2, b"\x02", 3, b"\x03")  # Exif 3.0; 0 and 1 mean either
    return position if position is None or not above_sea else replace(position, heights="sea level")


def _with_std(fix: GpsPosition | None, std: AxisStd | None) -> GpsPosition | None:
    return None if fix is None else replace(fix, std=std)


def _degrees(parts: object, reference: object, negative: str, positive: str) -> Coordinate | None:
    if not isinstance(parts, tuple) or len(parts) != 3:
        return None
    numbers = [finite_number(part) for part in parts]
    if any(number is None for number in numbers):
        return None
    degrees, minutes, seconds = (number or 0.0 for number in numbers)
    if abs(minutes) > 60 or abs(seconds) > 60:
        return None
    sign = -1 if min(degrees, minutes, seconds) < 0 else 1
    value = sign * (abs(degrees) + abs(minutes) / 60 + abs(seconds) / 3600)
    return with_hemisphere(value, text_of(reference), negative, positive)
