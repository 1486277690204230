"""`python -m sfm_bench.quality FOLDER...`: what photos of good sets and spoilt ones measure, for docs/checks.md.

Each line: the set, then detail as a part of the set's median: that of the photos as they are (least, most), and the
most of the same photos blurred; correlation of neighbouring photos (most), and of photos with themselves moved (least).
"""

import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter
from spaceport_sfm.photo_preparation import FORMATS, find_photos, fit
from spaceport_sfm.photo_quality import measure_quality

LONG_SIDE = 1600
SPOILT = 8  # photos of a set that are spoilt
MOVED = (0.0025, 0.005, 0.02)  # parts of the width


def load(path: Path) -> Image.Image:
    """The grey picture that a preview finds features in."""
    with Image.open(path, formats=FORMATS) as image:
        size = fit(image.size, LONG_SIDE)
        image.draft(None, size)
        return image.convert("L").resize(size, Image.Resampling.LANCZOS)


def out_of_focus(sigma_px: float) -> Callable[[Image.Image], Image.Image]:
    """Blur of this standard deviation."""
    return lambda image: image.filter(ImageFilter.GaussianBlur(sigma_px))


def in_motion(length_px: int) -> Callable[[Image.Image], Image.Image]:
    """Blur along the rows by this many pixels."""

    def move(image: Image.Image) -> Image.Image:
        sums = np.cumsum(np.pad(np.asarray(image, np.float64), ((0, 0), (length_px, 0)), mode="edge"), axis=1)
        return Image.fromarray(((sums[:, length_px:] - sums[:, :-length_px]) / length_px).astype(np.uint8))

    return move


BLURS = {"1 px": out_of_focus(1), "2 px": out_of_focus(2), "3 px": out_of_focus(3), "12 px moved": in_motion(12)}


def correlation(first: Image.Image, second: Image.Image) -> float:
    """Of the thumbnails; 0 for plain surfaces."""
    here, there = measure_quality(first).thumbnail, measure_quality(second).thumbnail
    return 0.0 if here is None or there is None else float(here @ there)


def line(folder: Path) -> str:
    """One line of the table."""
    photos = [load(folder / name) for name in find_photos(folder) if name.lower().endswith((".jpg", ".jpeg"))]
    details = np.array([measure_quality(photo).detail or 0.0 for photo in photos])
    usual = float(np.median(details))
    cells = [folder.name, f"{usual:.2f}", f"{details.min() / usual:.2f} to {details.max() / usual:.2f}"]
    for blur in BLURS.values():
        cells.append(f"{max((measure_quality(blur(photo)).detail or 0.0) / usual for photo in photos[:SPOILT]):.2f}")
    cells.append(f"{max(correlation(first, second) for first, second in pairwise(photos)):.2f}")
    for share in MOVED:
        step = round(share * photos[0].width)
        pairs = [
            (photo.crop((step, 0, *photo.size)), photo.crop((0, 0, photo.width - step, photo.height)))
            for photo in photos[:SPOILT]
        ]
        cells.append(f"{min(correlation(*pair) for pair in pairs):.3f}")
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    moved = (f"moved by {share:.2%}" for share in MOVED)
    print(f"| set | detail | as they are | {' | '.join(BLURS)} | neighbours | {' | '.join(moved)} |")
    for argument in sys.argv[1:]:
        print(line(Path(argument)), flush=True)
