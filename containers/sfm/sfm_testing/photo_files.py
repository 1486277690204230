"""Photos on disk, with the metadata that a drone writes."""

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from .place import FOCAL_35MM

ORIGIN = (47.0, 8.0, 400.0)  # latitude, longitude, altitude of the place


def gps_of(center: NDArray[np.float64]) -> tuple[float, float, float]:
    """Latitude, longitude, altitude of a point in metres around ORIGIN (WGS84 radii of curvature)."""
    a, e2 = 6378137.0, 6.69437999014e-3
    s = math.sin(math.radians(ORIGIN[0]))
    meridian = a * (1 - e2) / (1 - e2 * s * s) ** 1.5
    normal = a / math.sqrt(1 - e2 * s * s)
    latitude = ORIGIN[0] + math.degrees(center[1] / (meridian + ORIGIN[2]))
    longitude = ORIGIN[1] + math.degrees(center[0] / ((normal + ORIGIN[2]) * math.cos(math.radians(ORIGIN[0]))))
    return latitude, longitude, ORIGIN[2] + float(center[2])


def save_photo(
    path: Path,
    image: Image.Image,
    *,
    gps: tuple[float, float, float | None] | None = None,
    orientation: int | None = None,
    gimbal_pitch: float | None = None,
    xmp: str | None = None,
    camera: Mapping[int, object] | None = None,
) -> None:
    """Writes a JPEG with the EXIF and XMP that a drone would write; `camera`: more tags of the `Exif` directory."""
    exif = Image.Exif()
    if orientation is not None:
        exif[ExifTags.Base.Orientation] = orientation
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.FocalLengthIn35mmFilm] = FOCAL_35MM
    exif.get_ifd(ExifTags.IFD.Exif).update(camera or {})
    if gps is not None:
        latitude, longitude, altitude = gps
        tags = exif.get_ifd(ExifTags.IFD.GPSInfo)
        tags[ExifTags.GPS.GPSLatitudeRef] = "N" if latitude >= 0 else "S"
        tags[ExifTags.GPS.GPSLatitude] = _sexagesimal(abs(latitude))
        tags[ExifTags.GPS.GPSLongitudeRef] = "E" if longitude >= 0 else "W"
        tags[ExifTags.GPS.GPSLongitude] = _sexagesimal(abs(longitude))
        if altitude is not None:
            tags[ExifTags.GPS.GPSAltitudeRef] = b"\x01" if altitude < 0 else b"\x00"
            tags[ExifTags.GPS.GPSAltitude] = abs(altitude)
    if xmp is None and gimbal_pitch is not None:
        xmp = f'<x drone-dji:GimbalPitchDegree="{gimbal_pitch:+.2f}"/>'
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, "JPEG", quality=95, exif=exif, **({"xmp": xmp.encode()} if xmp else {}))


def insert_segment(path: Path, marker: int, data: bytes) -> None:
    """Adds an application segment to a JPEG, behind its first marker: what cameras keep beside the picture."""
    jpeg = path.read_bytes()
    path.write_bytes(jpeg[:2] + bytes([0xFF, marker]) + (len(data) + 2).to_bytes(2, "big") + data + jpeg[2:])


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    whole, minutes = int(degrees), int(degrees % 1 * 60)
    return float(whole), float(minutes), (degrees - whole - minutes / 60) * 3600
