"""Photos for each cell of the ground."""

from pathlib import Path

import numpy as np
from PIL import Image
from spaceport_sfm.coverage import LEGEND, MAX_PICTURE_PX, CoverageMap, coverage_map, write_coverage

GRID = np.array([[x, 0.0, z] for x in np.linspace(0, 100, 60) for z in np.linspace(0, 50, 30)])


def test_a_photo_counts_once_in_a_cell_however_many_of_its_points_it_sees() -> None:
    everything = np.arange(len(GRID))
    west = np.flatnonzero(GRID[:, 0] < 50)
    coverage = coverage_map(GRID, np.concatenate([everything, west]), np.repeat([7, 9], [len(GRID), len(west)]))
    assert coverage is not None
    rows, columns = coverage.counts.shape
    assert columns > rows
    assert set(np.unique(coverage.counts[:, : columns // 3])) == {2}
    assert set(np.unique(coverage.counts[:, -columns // 3 :])) == {1}


def test_north_is_the_upper_row() -> None:
    north = np.flatnonzero(GRID[:, 2] > 25)
    coverage = coverage_map(GRID, north, np.zeros(len(north), np.int64))
    assert coverage is not None
    assert coverage.counts[0].min() == 1 and coverage.counts[-1].max() == 0
    assert coverage.north > coverage.west


def test_points_on_a_line_have_no_map() -> None:
    line = np.stack([np.arange(50.0), np.zeros(50), np.zeros(50)], axis=1)
    assert coverage_map(line, np.arange(50), np.zeros(50, np.int64)) is None


def test_the_picture_has_the_colours_of_the_legend_and_is_clear_where_nobody_looked(tmp_path: Path) -> None:
    coverage = CoverageMap(np.array([[0, 1, 2, 3], [4, 6, 9, 40]]), cell_size=2.5, west=-5.0, north=5.0)
    said = write_coverage(coverage, tmp_path / "coverage.png")
    assert (said.max, said.median, said.columns, said.rows) == (40, 4.0, 4, 2)
    with Image.open(tmp_path / "coverage.png") as picture:
        assert max(picture.size) <= MAX_PICTURE_PX
        scale = said.pixels_per_cell
        pixels = np.asarray(picture.convert("RGBA"))[scale // 2 :: scale, scale // 2 :: scale]
    assert pixels[0, 0, 3] == 0
    colours = [f"#{bytes(pixel).hex()}" for pixel in pixels[..., :3].reshape(-1, 3)[1:]]
    legend = dict(LEGEND)
    assert colours == [legend[step] for step in (1, 2, 3, 4, 5, 7, 10)]
