"""How many photos see each cell of the ground, as numbers and as a picture from above."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from spaceport_common.whole_file import whole_file

from .scene_file import LegendEntry, SceneCoverage

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

POINTS_PER_CELL = 8.0  # on average: fewer leave holes where texture is poor
MAX_CELLS = 256  # along the longer side
MAX_PICTURE_PX = 1024
# From one photo, of which nothing can be measured, to ten, which is plenty.
LEGEND = (
    (1, "#d7191c"),
    (2, "#f17c4a"),
    (3, "#fec980"),
    (4, "#ffffbf"),
    (5, "#b9e176"),
    (7, "#6ec064"),
    (10, "#1a9641"),
)


@dataclass(frozen=True)
class CoverageMap:
    """`counts`: int64[rows, columns], photos that see each cell, the northernmost row first."""

    counts: Ints
    cell_size: float
    west: float
    north: float


def coverage_map(points: Floats, seen_point: Ints, seen_by: Ints) -> CoverageMap | None:
    """The map of float64[N, 3] points (x east, z north); point `seen_point[i]` is seen by the photo `seen_by[i]`.

    The outermost hundredth of the points on each side is left out. None where the others have no area.
    """
    places = points[:, [0, 2]]
    low, high = np.percentile(places, (1, 99), axis=0)
    extent = high - low
    if not (extent > 0).all():
        return None
    cell = max(float(np.sqrt(extent.prod() * POINTS_PER_CELL / len(points))), float(extent.max()) / MAX_CELLS)
    columns, rows = (int(count) for count in np.ceil(extent / cell).clip(1, MAX_CELLS).astype(int))
    column, row = np.floor((places - low) / cell).astype(int).T
    inside = (column >= 0) & (column < columns) & (row >= 0) & (row < rows)
    cells = np.where(inside, row * columns + column, -1)[seen_point]
    photos, photo = np.unique(seen_by, return_inverse=True)
    pairs = np.unique((cells * len(photos) + photo)[cells >= 0])
    counts = np.bincount(pairs // len(photos), minlength=rows * columns).reshape(rows, columns)
    return CoverageMap(counts[::-1].astype(np.int64), cell, float(low[0]), float(low[1] + rows * cell))


def write_coverage(coverage: CoverageMap, path: Path) -> SceneCoverage:
    """Draws the map, at most 1024 pixels wide and high, and returns what scene.json says of it."""
    rows, columns = coverage.counts.shape
    scale = max(1, MAX_PICTURE_PX // max(rows, columns))
    steps = np.array([photos for photos, _ in LEGEND])
    indices = np.searchsorted(steps, coverage.counts, side="right").astype(np.uint8)  # 0 = none
    picture = Image.fromarray(indices).resize((columns * scale, rows * scale), Image.Resampling.NEAREST)
    picture.putpalette([0, 0, 0] + [value for _, colour in LEGEND for value in bytes.fromhex(colour[1:])])
    with whole_file(path) as file:
        picture.save(file, "PNG", transparency=0, optimize=True)
    seen = coverage.counts[coverage.counts > 0]
    return SceneCoverage(
        file="coverage.png",
        cell_size=float(f"{coverage.cell_size:.6g}"),
        pixels_per_cell=scale,
        west=round(coverage.west, 5),
        north=round(coverage.north, 5),
        columns=columns,
        rows=rows,
        max=int(seen.max()),
        median=float(np.median(seen)),
        legend=[LegendEntry(photos=photos, colour=colour) for photos, colour in LEGEND],
    )
