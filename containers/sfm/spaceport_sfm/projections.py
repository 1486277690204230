"""Coordinates of maps to WGS84, by PROJ. A shift that needs a grid which is not there is an error, never left out.

PROJ itself falls back to a worse operation where the grid of the best one is missing, silently: metres for datums,
tens of metres for heights. Its wheels hold no grids, and it only fetches them where PROJ_NETWORK says so.
"""

import re
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
from numpy.typing import NDArray
from pyproj.aoi import AreaOfInterest
from pyproj.exceptions import CRSError, ProjError
from pyproj.transformer import Transformer, TransformerGroup

Floats = NDArray[np.float64]

WGS84_MAP, WGS84_SPACE = "EPSG:4326", "EPSG:4979"
_EPSG = re.compile(r"EPSG:\s*(\d{4,6}(?:\+\d{4,6})?)", re.IGNORECASE)
_UTM = re.compile(r"WGS\s?84\s+UTM\s+(?:zone\s+)?(\d{1,2})\s?([NS])", re.IGNORECASE)
# No slash: grids are named, files of this machine are not. +init reads files, pipelines are no reference systems.
_PROJ4 = re.compile(r"\+proj=(?!pipeline)\w+(?:\s+\+(?!init\b)\w+(?:=[\w.,@:+-]*)?)*", re.ASCII)
MAX_PROJ4_CHARACTERS = 500


class ProjectionError(ValueError):
    """A projection that cannot be used; the text is for a person."""


@dataclass(frozen=True)
class Projection:
    """A coordinate reference system as a file names it."""

    text: str
    crs: pyproj.CRS

    @property
    def has_heights(self) -> bool:
        """Whether it says what heights mean; without, they are taken as they stand."""
        return len(self.crs.axis_info) == 3


def parse_projection(line: str) -> Projection:
    """`EPSG:code`, `EPSG:code+code` (map and heights), `WGS84 UTM 32N` or a PROJ string, as ODM's files have it.

    Raises ProjectionError.
    """
    text = line.strip()
    crs = _reference_system(text)
    if not (crs.is_geographic or crs.is_projected):
        raise ProjectionError(f'"{text}" is no system of maps: use one with east and north, or longitude and latitude')
    return Projection(text, crs)


def to_wgs84(projection: Projection, points: Floats, geoid_offset_m: float = 0.0) -> Floats:
    """Latitude and longitude in degrees, and height in metres: float64[N, 3].

    `points`: float64[N, 3], east, north (longitude, latitude), height; NaN for an unknown height. Heights come out
    above the ellipsoid where the projection has heights, else as they are. Rows beyond its domain are not finite.
    A `geoid_offset_m` that is not 0 takes the place of the grid of a projection whose heights count from sea level.
    Raises ProjectionError where no exact transformation is known, or where its grid is missing.
    """
    if projection.crs.is_projected and (np.abs(points[:, 0]) <= 180).all() and (np.abs(points[:, 1]) <= 90).all():
        raise ProjectionError(f'the coordinates are degrees, and "{projection.text}" has metres: write EPSG:4326')
    if geoid_offset_m and (heights := _heights_above_sea(projection)) is not None:
        on_map = to_wgs84(Projection(projection.text, projection.crs.sub_crs_list[0].to_2d()), points)
        return np.column_stack([on_map[:, :2], heights * on_map[:, 2] + geoid_offset_m])
    target = WGS84_SPACE if projection.has_heights else WGS84_MAP
    transformer = _best_transformer(projection, target, points)
    east, north, heights = points.T
    if projection.has_heights:
        longitude, latitude, up = transformer.transform(east, north, np.nan_to_num(heights))
        up = np.where(np.isfinite(heights), up, np.nan)
    else:
        longitude, latitude = transformer.transform(east, north)
        up = heights
    return np.stack([latitude, longitude, up], axis=1)


def _heights_above_sea(projection: Projection) -> float | None:
    """Metres of a unit of height upwards, of a map with a height system; None for any other projection."""
    if not projection.crs.is_compound:
        return None
    (axis,) = projection.crs.sub_crs_list[1].axis_info
    return float(axis.unit_conversion_factor) * (-1 if axis.direction == "down" else 1)


def _reference_system(text: str) -> pyproj.CRS:
    try:
        if match := _EPSG.fullmatch(text):
            return pyproj.CRS.from_user_input(f"EPSG:{match[1]}")
        if (match := _UTM.fullmatch(text)) and 1 <= int(match[1]) <= 60:
            return pyproj.CRS.from_epsg((32600 if match[2].upper() == "N" else 32700) + int(match[1]))
        if len(text) <= MAX_PROJ4_CHARACTERS and _PROJ4.fullmatch(text):
            return pyproj.CRS.from_proj4(text)
    except CRSError:
        raise ProjectionError(f'the projection "{text}" is not known') from None
    raise ProjectionError(
        f'"{text[:60]}" is no projection: write an EPSG code (EPSG:32632), WGS84 UTM 32N, or a PROJ string (+proj=...)'
    )


def _best_transformer(projection: Projection, target: str, points: Floats) -> Transformer:
    area: Any = _area(projection, points)  # pyproj's types have two classes for the one
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the missing grid, which is an error here
        group = TransformerGroup(
            projection.crs, target, always_xy=True, area_of_interest=area, allow_ballpark=False, allow_superseded=False
        )
    if not group.best_available:
        missing = [grid.short_name for grid in group.unavailable_operations[0].grids if not grid.available]
        raise ProjectionError(
            f'"{projection.text}" needs the grid {" and ".join(missing)}, which is not there: write the file in'
            " WGS84 (EPSG:4979, or WGS84 UTM), with heights above the ellipsoid"
        )
    try:
        return Transformer.from_crs(
            projection.crs, target, always_xy=True, area_of_interest=area, allow_ballpark=False, only_best=True
        )
    except ProjError:
        raise ProjectionError(
            f'"{projection.text}" does not say how it lies to WGS84: name a datum (+datum=WGS84) or an EPSG code'
        ) from None


def _area(projection: Projection, points: Floats) -> AreaOfInterest | None:
    """Where the points lie, to the kilometre: which transformation is the best one depends on it.

    None where a PROJ string names a grid that is missing: not even a rough transformation is known then.
    """
    try:
        rough = Transformer.from_crs(projection.crs.to_2d(), WGS84_MAP, always_xy=True)
    except ProjError:
        return None
    longitude, latitude = rough.transform(points[:, 0], points[:, 1])
    inside = (np.abs(longitude) <= 180) & (np.abs(latitude) <= 90)
    if not inside.any():
        raise ProjectionError(f'none of the coordinates lies where "{projection.text}" is defined')
    east, north = longitude[inside], latitude[inside]
    return AreaOfInterest(float(east.min()), float(north.min()), float(east.max()), float(north.max()))
