"""Tables of positions (CSV) as programs for post-processed GPS write them: Emlid Studio, REDtoolbox, Metashape.

The header names the columns: photo, latitude and longitude in degrees of WGS84, height in metres, and accuracies in
metres where there are any. Columns are told by their words, in any order.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from .accuracy import believable_std
from .gps import AxisStd, Coordinate, GpsPosition, HeightReference, checked_position
from .position_files import AmbiguousName, PhotoNames, PositionFile, number_in, quoted

Column = Literal["name", "latitude", "longitude", "height", "north std", "east std", "horizontal std", "up std"]

DELIMITERS = ",;\t"
ROWS_TO_LOOK_AT = 50

_NAME = {"image", "imagename", "photo", "photoname", "file", "filename", "picture", "label", "sourcefile", "name"}
_LATITUDE, _LONGITUDE = {"latitude", "lat"}, {"longitude", "lon", "long", "lng"}
_HEIGHT = {"altitude", "alt", "height", "elevation", "elev", "hgt"}
_SPREAD = {"accuracy", "acc", "std", "stddev", "sd", "sigma", "deviation", "error", "rms", "precision", "uncertainty"}
_HORIZONTAL, _VERTICAL = {"horizontal", "horz", "hor", "xy", "lateral"}, {"vertical", "vert", "ver", "up", "z", "u"}
_NORTH, _EAST = {"north", "northing", "n", "y"}, {"east", "easting", "e", "x"}
_RTKLIB: Mapping[str, Column] = {"sdn": "north std", "sde": "east std", "sdu": "up std"}
# Words of columns that hold other positions, other heights, or the N and S of a position.
_OTHERS = {"relative", "antenna", "agl", "takeoff", "barometric", "geoid", "undulation", "home", "base", "ref", "width"}
_PHOTO = re.compile(r"\.(jpe?g|png|tiff?|dng)$", re.IGNORECASE)


@dataclass(frozen=True)
class _Header:
    columns: Mapping[Column, int]
    heights: HeightReference


def read_position_table(file: PositionFile, photos: PhotoNames) -> dict[str, GpsPosition]:
    """Positions by photo; rows without a position, and of photos that are not there, are left out.

    Empty for a table that is not about photos. Raises StageError where it is, and cannot be read.
    """
    rows = _rows(file)
    _, first = next(rows, (1, []))
    header = _header(first)
    if not {"name", "latitude", "longitude"} <= header.columns.keys():
        if _names_photos(rows, photos, file):
            raise file.error(
                "it names photos, but its first line does not say which columns are the photo's name, latitude and"
                " longitude (in degrees, WGS84)",
                1,
            )
        return {}
    found: dict[str, GpsPosition] = {}
    for number, row in rows:
        name = _cell(row, header, "name")
        try:
            photo = photos.find(name, file.name) if name else None
        except AmbiguousName as error:
            raise file.error(f"{error}: write their folders, too", number) from None
        position = None if photo is None else _position(file, number, row, header)
        if photo is None or position is None:
            continue
        if photo in found:
            raise file.error(f"{quoted(name)} stands in an earlier line already", number)
        found[photo] = position
    if not found:
        raise file.error("it has the position of none of the photos")
    return found


def _rows(file: PositionFile) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, with the numbers of their lines; the first is the header, whose `#` does not count."""
    lines = file.text.lstrip("\ufeff\r\n\t #").splitlines()
    skipped = len(file.text.splitlines()) - len(lines)
    first = lines[0] if lines else ""
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise file.error("this is no table", reader.line_num + skipped) from None
        cells = [cell.strip() for cell in row]
        if delimiter != ",":  # where commas do not part columns, they are points of numbers
            cells = [re.sub(r"^([+-]?\d+),(\d+)$", r"\1.\2", cell) for cell in cells]
        if any(cells):
            yield reader.line_num + skipped, cells


def _header(cells: list[str]) -> _Header:
    columns: dict[Column, int] = {}
    heights: HeightReference = "file"
    rank = -1
    for index, cell in enumerate(cells):
        words = _words(cell)
        column = _column(words)
        if column == "height":
            reference = _reference(words)
            if (better := _HEIGHT_RANK[reference]) <= rank:
                continue
            heights, rank = reference, better
            columns["height"] = index
        elif column is not None:
            columns.setdefault(column, index)
    return _Header(columns, heights)


_HEIGHT_RANK: Mapping[HeightReference, int] = {"camera": 0, "file": 0, "sea level": 1, "ellipsoid": 2}


def _words(cell: str) -> set[str]:
    """Words of a column's name: `Ellipsoidal height (m)`, `X/Longitude`, `latStdDev`, `GPSLatitude`."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", cell)
    return {*re.findall(r"[a-z]+", parted.lower()), *re.findall(r"[a-z]+", cell.lower())}


def _column(words: set[str]) -> Column | None:
    for word, column in _RTKLIB.items():
        if word in words:
            return column
    if words & _OTHERS:
        return None
    if words & _SPREAD:
        return _spread(words)
    if words & _LATITUDE:
        return "latitude"
    if words & _LONGITUDE:
        return "longitude"
    if words & _HEIGHT and "image" not in words:
        return "height"
    return "name" if words & _NAME else None


def _spread(words: set[str]) -> Column | None:
    if words & _HORIZONTAL:
        return "horizontal std"
    if words & (_VERTICAL | _HEIGHT):
        return "up std"
    if words & (_LATITUDE | _NORTH):
        return "north std"
    return "east std" if words & (_LONGITUDE | _EAST) else None


def _reference(words: set[str]) -> HeightReference:
    if any(word.startswith("ellips") for word in words):
        return "ellipsoid"
    return "sea level" if words & {"orthometric", "msl", "amsl", "sea", "elevation", "elev"} else "file"


def _cell(row: list[str], header: _Header, column: Column) -> str:
    index = header.columns.get(column)
    return "" if index is None or index >= len(row) else row[index]


def _position(file: PositionFile, line: int, row: list[str], header: _Header) -> GpsPosition | None:
    latitude, longitude, height = (_cell(row, header, column) for column in ("latitude", "longitude", "height"))
    if not latitude and not longitude:
        return None
    degrees = number_in(latitude), number_in(longitude)
    if degrees[0] is None or degrees[1] is None:
        raise file.error(f"{quoted(latitude)}, {quoted(longitude)} should be decimal degrees", line)
    if height and number_in(height) is None:
        raise file.error(f"the height {quoted(height)} should be a number of metres", line)
    position = checked_position(Coordinate(degrees[0], True), Coordinate(degrees[1], True), number_in(height))
    if position is None:
        raise file.error(f"{quoted(latitude)}, {quoted(longitude)} are no latitude and longitude", line)
    return position.stated_as(_std(row, header), header.heights)


def _std(row: list[str], header: _Header) -> AxisStd | None:
    def stated(column: Column) -> float | None:
        return believable_std(number_in(_cell(row, header, column)))

    horizontal = stated("horizontal std")
    std = AxisStd(stated("east std") or horizontal, stated("north std") or horizontal, stated("up std"))
    return None if std == AxisStd(None, None, None) else std


def _names_photos(rows: Iterator[tuple[int, list[str]]], photos: PhotoNames, file: PositionFile) -> bool:
    for _, (_, row) in zip(range(ROWS_TO_LOOK_AT), rows, strict=False):
        for cell in row:
            try:
                if _PHOTO.search(cell) and photos.find(cell, file.name) is not None:
                    return True
            except AmbiguousName:
                return True
    return False
