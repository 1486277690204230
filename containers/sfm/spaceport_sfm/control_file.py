"""ODM's `gcp_list.txt`: points on the ground whose place is known, and where photos show them.

A projection, then lines `east north height x y photo [name]` (docs.opendronemap.org/gcp). x and y are pixels of the
stored photo, 0, 0 being the middle of its first pixel, as OpenSfM reads them (features.normalized_image_coordinates).
A point whose name begins with `check` is only measured.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .geo_file import projection_of, significant_lines
from .position_files import (
    CONTROL_FILE,
    AmbiguousName,
    PhotoNames,
    PositionFile,
    kind_of,
    number_in,
    quoted,
    read_position_file,
)
from .projections import ProjectionError, to_wgs84

Floats = NDArray[np.float64]

CHECK_PREFIX = "check"
MIN_CONTROL_POINTS = 3


@dataclass(frozen=True)
class GroundPoint:
    """A point on the ground. `marks`: pixels of the stored photos that show it, by the photos' paths."""

    name: str
    place: tuple[float, float, float]
    """WGS84 degrees north and east, and metres of height."""
    marks: dict[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def is_check(self) -> bool:
        """Whether it is only measured."""
        return self.name.lower().startswith(CHECK_PREFIX)


def read_ground_points(
    folder: Path, files: Sequence[str], photos: Sequence[str], geoid_offset_m: float = 0.0
) -> list[GroundPoint]:
    """The points of every `gcp_list.txt` among `files`, paths below `folder`; without those that no photo shows.

    `geoid_offset_m`: as in `to_wgs84`.
    Raises StageError where one cannot be read, or where fewer than three points remain that are not only measured.
    """
    names = PhotoNames(photos)
    points: list[GroundPoint] = []
    for name in sorted(file for file in files if kind_of(file) == CONTROL_FILE):
        file = read_position_file(folder, name)
        found = _points(file, names, geoid_offset_m)
        control = sum(not point.is_check for point in found)
        if control < MIN_CONTROL_POINTS:
            raise file.error(f"{control} control points are marked in the photos, {MIN_CONTROL_POINTS} are needed")
        print(f"{name}: {control} control points, {len(found) - control} check points", flush=True)
        points += found
    return points


def _points(file: PositionFile, photos: PhotoNames, geoid_offset_m: float) -> list[GroundPoint]:
    lines = significant_lines(file)
    projection = projection_of(file, lines)
    marks: dict[tuple[float, float, float], dict[str, tuple[float, float]]] = {}
    labels: dict[tuple[float, float, float], str] = {}
    for number, text in lines:
        words = text.split()
        numbers = [value for word in words[:5] if (value := number_in(word)) is not None]
        if len(numbers) < 5 or len(words) < 6:
            raise file.error(f'{quoted(text)} should be "east north height x y photo", with points in numbers', number)
        photo, label = _photo_and_name(file, number, words[5:], photos)
        if photo is None:
            continue
        key = (numbers[0], numbers[1], numbers[2])
        if photo in marks.setdefault(key, {}):
            raise file.error(f"the point is marked twice in {quoted(photo)}", number)
        marks[key][photo] = (numbers[3], numbers[4])
        labels[key] = labels.get(key) or label
    if not marks:
        raise file.error("it names none of the photos")
    try:
        places = to_wgs84(projection, np.array(list(marks)), geoid_offset_m)
    except ProjectionError as error:
        raise file.error(str(error)) from None
    if not np.isfinite(places).all():
        raise file.error(f'a point lies where "{projection.text}" is not defined')
    return [
        GroundPoint(labels[key] or f"point {index + 1}", (float(row[0]), float(row[1]), float(row[2])), marks[key])
        for index, (key, row) in enumerate(zip(marks, places, strict=True))
    ]


def _photo_and_name(file: PositionFile, line: int, words: Sequence[str], photos: PhotoNames) -> tuple[str | None, str]:
    """The photo, whose name may have spaces, and the point's name behind it; None for a photo that is not there."""
    for length in range(1, len(words) + 1):
        try:
            photo = photos.find(" ".join(words[:length]), file.name)
        except AmbiguousName as error:
            raise file.error(f"{error}: write their folders, too", line) from None
        if photo is not None:
            return photo, " ".join(words[length : length + 1])
    return None, ""


def upright_mark(
    mark: tuple[float, float], orientation: int, original_size: tuple[int, int], feature_size: tuple[int, int]
) -> Floats:
    """A mark in the photo for features, float64[2], in COLMAP's pixels: 0.5, 0.5 is the middle of the first one.

    `mark`: in the stored photo, 0, 0 being the middle of its first pixel; `orientation`: EXIF's, 1 to 8; the sizes
    are those of the upright photo.
    """
    width, height = original_size if orientation < 5 else original_size[::-1]
    x, y = mark[0] + 0.5, mark[1] + 0.5
    upright = {
        1: (x, y),
        2: (width - x, y),
        3: (width - x, height - y),
        4: (x, height - y),
        5: (y, x),
        6: (height - y, x),
        7: (height - y, width - x),
        8: (y, width - x),
    }[orientation]
    scaled: Floats = np.array(upright) * np.array(feature_size) / np.array(original_size)
    return scaled
