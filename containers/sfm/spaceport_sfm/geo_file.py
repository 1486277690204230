"""ODM's `geo.txt`: positions of photos in any projection (docs.opendronemap.org/geo).

A projection, then a line for each photo: `name east north [height] [yaw pitch roll] [horizontal vertical]`, the last
two being accuracies in metres. Angles and whatever follows are not used, as in ODM they only matter without GPS.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .accuracy import believable_std
from .gps import AxisStd, Coordinate, GpsPosition, HeightReference, checked_position
from .position_files import AmbiguousName, PhotoNames, PositionFile, number_in, quoted
from .projections import Projection, ProjectionError, parse_projection, to_wgs84

ANGLES = 3


@dataclass(frozen=True)
class _Line:
    number: int
    name: str
    numbers: list[float]

    @property
    def point(self) -> tuple[float, float, float]:
        """East, north, height; NaN for no height."""
        return self.numbers[0], self.numbers[1], self.numbers[2] if len(self.numbers) > 2 else np.nan

    @property
    def std(self) -> AxisStd | None:
        stated = self.numbers[3 + ANGLES : 5 + ANGLES]
        if len(stated) < 2:
            return None
        horizontal, vertical = map(believable_std, stated)
        return AxisStd(horizontal, horizontal, vertical)


def significant_lines(file: PositionFile) -> Iterator[tuple[int, str]]:
    """Lines with their numbers from 1, without empty ones and comments (`#`)."""
    for number, line in enumerate(file.text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line.strip()


def projection_of(file: PositionFile, lines: Iterator[tuple[int, str]]) -> Projection:
    """The projection that the first significant line names. Raises StageError."""
    number, line = next(lines, (1, ""))
    try:
        return parse_projection(line)
    except ProjectionError as error:
        raise file.error(str(error), number) from None


def read_geo_file(file: PositionFile, photos: PhotoNames, geoid_offset_m: float = 0.0) -> dict[str, GpsPosition]:
    """Positions by photo. Lines of photos that are not there are left out. Raises StageError for all others.

    `geoid_offset_m`: as in `to_wgs84`.
    """
    lines = significant_lines(file)
    projection = projection_of(file, lines)
    found: dict[str, _Line] = {}
    for number, text in lines:
        line, photo = _parsed(file, number, text, photos)
        if photo is None:
            continue
        if (earlier := found.get(photo)) is not None:
            raise file.error(f"{quoted(line.name)} stands in line {earlier.number} already", number)
        found[photo] = line
    if not found:
        raise file.error("it names none of the photos")
    try:
        rows = to_wgs84(projection, np.array([line.point for line in found.values()]), geoid_offset_m)
    except ProjectionError as error:
        raise file.error(str(error)) from None
    heights: HeightReference = "ellipsoid" if projection.has_heights else "file"
    return {
        photo: _position(file, line, row.tolist(), heights)
        for (photo, line), row in zip(found.items(), rows, strict=True)
    }


def _parsed(file: PositionFile, number: int, text: str, photos: PhotoNames) -> tuple[_Line, str | None]:
    """A line and its photo. Names may have spaces: of several readings the one that is a photo counts."""
    words = text.split()
    for length in range(1, max(2, len(words) - 1)):
        name = " ".join(words[:length])
        try:
            photo = photos.find(name, file.name)
        except AmbiguousName as error:
            raise file.error(f"{error}: write their folders, too", number) from None
        if photo is not None:
            break
    else:
        return _Line(number, words[0], []), None
    numbers = [number_in(word) for word in words[length:]]
    used = numbers[: 5 + ANGLES]
    stated = [value for value in used if value is not None]
    if len(stated) < 2 or None in used[:3]:
        raise file.error(f'{quoted(text)} should be "name east north height", with points in numbers', number)
    return _Line(number, name, stated if None not in used else stated[:3]), photo


def _position(file: PositionFile, line: _Line, row: list[float], heights: HeightReference) -> GpsPosition:
    latitude, longitude, height = row
    position = checked_position(
        Coordinate(latitude, True), Coordinate(longitude, True), height if np.isfinite(height) else None
    )
    if position is None:
        raise file.error(f"{quoted(line.name)} has coordinates that are nowhere in this projection", line.number)
    return position.stated_as(line.std, heights)
