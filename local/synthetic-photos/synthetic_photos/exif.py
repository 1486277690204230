"""EXIF as a drone writes it: camera, focal length, time and GPS position."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.TiffImagePlugin import IFDRational

from .camera import FILM_WIDTH_35MM, FOCAL_LENGTH_35MM

ORIGIN_LATITUDE_DEG = 46.5
ORIGIN_LONGITUDE_DEG = 7.25
ORIGIN_ALTITUDE_M = 600.0
SENSOR_WIDTH_MM = 6.17  # 1/2.3 inch
FIRST_PHOTO = datetime(2026, 6, 1, 10, 0, 0)
SECONDS_BETWEEN_PHOTOS = 3

# WGS 84 (NIMA TR8350.2): semi-major axis in metres and first eccentricity squared.
WGS84_A = 6378137.0
WGS84_E2 = 6.69437999014e-3


def enu_to_geodetic(enu: NDArray[np.floating[Any]]) -> tuple[float, float, float]:
    """WGS 84 latitude and longitude (degrees) and ellipsoidal height (metres) of ENU metres around the origin."""
    lat, lon = np.radians([ORIGIN_LATITUDE_DEG, ORIGIN_LONGITUDE_DEG])
    sin_lat, cos_lat, sin_lon, cos_lon = np.sin(lat), np.cos(lat), np.sin(lon), np.cos(lon)
    radius = WGS84_A / np.sqrt(1 - WGS84_E2 * sin_lat**2)
    vertical = np.array([cos_lat * cos_lon, cos_lat * sin_lon, sin_lat])
    east = np.array([-sin_lon, cos_lon, 0.0])
    origin = vertical * (radius + ORIGIN_ALTITUDE_M) - [0, 0, radius * WGS84_E2 * sin_lat]
    x, y, z = origin + np.array([east, np.cross(vertical, east), vertical]).T @ enu
    across = np.hypot(x, y)
    latitude, height = np.arctan2(z, across * (1 - WGS84_E2)), 0.0
    for _ in range(5):  # fixed-point iteration; each step gains a factor of about 150
        radius = WGS84_A / np.sqrt(1 - WGS84_E2 * np.sin(latitude) ** 2)
        height = across / np.cos(latitude) - radius
        latitude = np.arctan2(z, across * (1 - WGS84_E2 * radius / (radius + height)))
    return float(np.degrees(latitude)), float(np.degrees(np.arctan2(y, x))), float(height)


def drone_exif(index: int, size: tuple[int, int], enu: NDArray[np.floating[Any]]) -> Image.Exif:
    """Tags of the photo number `index` (from 0), taken at `enu` metres; `size` is width and height in pixels."""
    latitude, longitude, altitude = enu_to_geodetic(enu)
    taken = (FIRST_PHOTO + timedelta(seconds=SECONDS_BETWEEN_PHOTOS * index)).strftime("%Y:%m:%d %H:%M:%S")
    exif = Image.Exif()
    exif[Base.Make] = "Spaceport"
    exif[Base.Model] = "Synthetic drone"
    exif[Base.Orientation] = 1
    exif[Base.DateTime] = taken
    details = exif.get_ifd(IFD.Exif)
    details[Base.DateTimeOriginal] = taken
    details[Base.FocalLength] = IFDRational(round(SENSOR_WIDTH_MM * FOCAL_LENGTH_35MM / FILM_WIDTH_35MM * 1000), 1000)
    details[Base.FocalLengthIn35mmFilm] = FOCAL_LENGTH_35MM
    details[Base.ExifImageWidth], details[Base.ExifImageHeight] = size
    gps = exif.get_ifd(IFD.GPSInfo)
    gps[GPS.GPSVersionID] = b"\x02\x03\x00\x00"
    gps[GPS.GPSLatitudeRef] = "N" if latitude >= 0 else "S"
    gps[GPS.GPSLatitude] = _degrees_minutes_seconds(abs(latitude))
    gps[GPS.GPSLongitudeRef] = "E" if longitude >= 0 else "W"
    gps[GPS.GPSLongitude] = _degrees_minutes_seconds(abs(longitude))
    gps[GPS.GPSAltitudeRef] = b"\x00"
    gps[GPS.GPSAltitude] = IFDRational(round(altitude * 1000), 1000)
    return exif


def _degrees_minutes_seconds(degrees: float) -> tuple[IFDRational, IFDRational, IFDRational]:
    """Seconds in steps of 1e-5: 0.3 mm on the ground."""
    hundred_thousandths = round(degrees * 3600 * 100_000)
    minutes, seconds = divmod(hundred_thousandths, 60 * 100_000)
    return IFDRational(minutes // 60, 1), IFDRational(minutes % 60, 1), IFDRational(seconds, 100_000)
