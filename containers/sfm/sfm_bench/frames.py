"""`python -m sfm_bench.frames FOLDER...`: the frame of each set of photos, whole and with its positions spoilt.

Runs the program on each folder with the settings of a preview, then lays the finished model onto spoilt positions,
which takes no further run. docs/frame.md has what it printed.
"""

import argparse
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pycolmap
from PIL import Image
from sfm_testing.job import SETTINGS, Job
from spaceport_sfm.export_frame import choose_frame
from spaceport_sfm.frame_report import frame_metrics
from spaceport_sfm.gps import GpsPosition
from spaceport_sfm.photo_metadata import read_metadata
from spaceport_sfm.photo_preparation import FORMATS, PreparedPhoto, find_photos, image_names
from spaceport_sfm.photo_quality import measure_quality
from spaceport_sfm.positions import examine_positions
from spaceport_sfm.tuning import Tuning

PREVIEW = {**SETTINGS, "maxImageSize": 1600, "maxNumFeatures": 4096, "trainingImageSize": 800, "minPoints": 1000}

Fixes = list[GpsPosition | None]
Spoil = Callable[[Fixes], Fixes]


def each(change: Callable[[int, GpsPosition], GpsPosition]) -> Spoil:
    """Changes every position, by its number."""
    return lambda fixes: [None if fix is None else change(number, fix) for number, fix in enumerate(fixes)]


def rounded(decimals: int) -> Spoil:
    """Cuts degrees to a few decimals."""
    return each(
        lambda _, fix: replace(fix, latitude=round(fix.latitude, decimals), longitude=round(fix.longitude, decimals))
    )


def hanging(fixes: Fixes) -> Fixes:
    """The receiver hangs after the fourth photo."""
    return [*fixes[:4], *[fixes[3]] * (len(fixes) - 4)]


def shuffled(fixes: Fixes) -> Fixes:
    """Positions of other photos."""
    return [fixes[index] for index in np.random.default_rng(0).permutation(len(fixes))]


def noisy(metres: float) -> Spoil:
    """Noise of this standard deviation in each direction."""
    random = np.random.default_rng(1)

    def moved(_: int, fix: GpsPosition) -> GpsPosition:
        north, east, up = random.normal(0, metres, 3)
        return replace(
            fix,
            latitude=fix.latitude + north / 111_000,
            longitude=fix.longitude + east / (111_000 * np.cos(np.radians(fix.latitude))),
            altitude=None if fix.altitude is None else fix.altitude + up,
        )

    return each(moved)


SPOILT: dict[str, Spoil] = {
    "receiver hangs after 4": hanging,
    "3 decimals": rounded(3),
    "4 decimals": rounded(4),
    "5 decimals": rounded(5),
    "noise of 5 m": noisy(5),
    "noise of 20 m": noisy(20),
    "letters missing": each(lambda _, fix: replace(fix, signed=False)),
    "east and west exchanged": each(lambda _, fix: replace(fix, longitude=-fix.longitude)),
    "north and south exchanged": each(lambda _, fix: replace(fix, latitude=-fix.latitude)),
    "latitude for longitude": each(lambda _, fix: replace(fix, latitude=fix.longitude / 2, longitude=fix.latitude)),
    "positions of other photos": shuffled,
    "one of five 500 km away": each(
        lambda number, fix: fix if number % 5 else replace(fix, latitude=fix.latitude + 4.5)
    ),
    "altitudes in feet": each(lambda _, fix: replace(fix, altitude=fix.altitude and fix.altitude / 0.3048)),
}

COLUMNS = (
    *("alignedBy", "alignedPhotos", "residualRmsM", "spreadM", "cameraDistance", "cameraSpacing"),
    *("takeoffHeightRatio", "upVsGimbalsDegrees", "rollDegrees", "groundBelowShare", "heightErrorM", "reason"),
)


def row(name: str, frame: dict[str, Any]) -> str:
    """One line of the table."""
    cells = ["" if (value := frame.get(column)) is None else str(value) for column in COLUMNS]
    return f"| {name} | {' | '.join(cells)} |"


def photos_in(folder: Path) -> list[PreparedPhoto]:
    """The photos of a folder with their metadata, as a run would have them; sizes are not used here."""
    names = image_names(find_photos(folder))
    photos = []
    for name, image_name in names.items():
        try:
            with Image.open(folder / name, formats=FORMATS) as image:
                metadata, quality = read_metadata(image), measure_quality(image.convert("L"))
                photos.append(PreparedPhoto(name, image_name, image.size, image.size, image.size, metadata, quality))
        except OSError:
            continue
    return photos


def spoilt_rows(job: Job, folder: Path) -> list[str]:
    """A line for each way of spoiling the positions; none where the photos have none."""
    photos = photos_in(folder)
    fixes: Fixes = [photo.metadata.gps or photo.metadata.xmp_gps for photo in photos]
    rows = []
    for name, spoil in SPOILT.items() if any(fixes) else ():
        model = pycolmap.Reconstruction(job.output / "sparse" / "0")
        facts = examine_positions(spoil(fixes))
        tuning = Tuning()
        frame = choose_frame(model, photos, facts, tuning.alignment, tuning.frame, 0)
        rows.append(row(name, frame_metrics(facts, frame, photos).model_dump(by_alias=True)))
    return rows


def main() -> None:
    """Prints a table for each folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    for folder in parser.parse_args().folders:
        with tempfile.TemporaryDirectory() as base:
            job = Job(Path(base), dict(PREVIEW), timeout_s=3600)
            shutil.copytree(folder, job.photos)
            result = job.run()
            print(f"\n| {folder.name} | {' | '.join(COLUMNS)} |\n|{'---|' * (len(COLUMNS) + 1)}")
            print(row("as it is", result.metrics["frame"] or {}))
            print("\n".join(spoilt_rows(job, folder)), flush=True)


if __name__ == "__main__":
    main()
