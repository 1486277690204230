"""Positions of photos by the files beside them, and what of these files was used."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from .geo_file import read_geo_file
from .gps import GpsPosition
from .position_files import GEO_FILE, TABLE_ENDING, PhotoNames, kind_of, quoted, read_position_file
from .position_table import read_position_table


@dataclass(frozen=True)
class SurveyedPositions:
    """`positions` by photo; `photos_of`: how many each file gave, by its path."""

    positions: dict[str, GpsPosition] = field(default_factory=dict)
    photos_of: dict[str, int] = field(default_factory=dict)

    def of(self, photos: Sequence[str]) -> list[GpsPosition | None]:
        """The position of each photo, None where no file names it."""
        return [self.positions.get(photo) for photo in photos]


def read_surveyed_positions(
    folder: Path, files: Sequence[str], photos: Sequence[str], geoid_offset_m: float = 0.0
) -> SurveyedPositions:
    """Reads every `geo.txt` and table among `files`, paths below `folder`. `geo.txt` comes before tables.

    `geoid_offset_m`: as in `to_wgs84`.
    Raises StageError where one cannot be read, or two of a kind differ on a photo.
    """
    names = PhotoNames(photos)
    surveyed = SurveyedPositions()
    read_geo = partial(read_geo_file, geoid_offset_m=geoid_offset_m)
    for kind, read in ((GEO_FILE, read_geo), (TABLE_ENDING, read_position_table)):
        source: dict[str, str] = {}
        for name in sorted(file for file in files if kind_of(file) == kind):
            file = read_position_file(folder, name)
            found = {
                photo: position
                for photo, position in read(file, names).items()
                if photo in source or photo not in surveyed.positions
            }
            for photo, position in found.items():
                if photo in source and position != surveyed.positions[photo]:
                    raise file.error(f"it has another position for {quoted(photo)} than {source[photo]}")
            source.update(dict.fromkeys(found, name))
            surveyed.positions.update(found)
            if found:
                surveyed.photos_of[name] = len(found)
            print(f"{name}: positions of {len(found)} photos", flush=True)
    return surveyed
