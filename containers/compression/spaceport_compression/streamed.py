"""The streamed scene: levels of detail in pieces, which viewers load as they need them.

Format: PlayCanvas's streamed SOG (guides/STREAMED_SOG_FORMAT.md in splat-transform), version 1.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spaceport_common.opening_view import PhotoCamera
from spaceport_common.sog.encoder import GENERATOR, encode_textures
from spaceport_common.sog.gaussians import Gaussians
from spaceport_common.whole_file import whole_file

from .drawing import rotation_matrices
from .merging import merge_pairs, rows_of
from .refinement import Refinement
from .spatial_order import BLOCK, spatial_order

INDEX = "lod-meta.json"
COARSEST = 50_000  # Gaussians of the coarsest level, at most: below 1.5 MB
MAX_LEVELS = 12
FILE_GAUSSIANS = 196_608  # at most; a viewer that needs one leaf loads its whole file
LEAF_BLOCKS = 8  # of the finest level: 32 768 Gaussians
MERGED_BANDS = (3, 3, 1, 1, 0)  # by level; coarser levels have the last
PALETTE_ENTRIES = 4096  # of each file at most: a file has only part of the scene, and viewers load it while they draw
SIGNIFICANT_DIGITS = 7


@dataclass(frozen=True)
class Streamed:
    """levels: Gaussians of each, the finest first. bytes: of all files. coarsest_bytes: of the last level's."""

    levels: list[int]
    bytes: int
    coarsest_bytes: int


def level_sizes(count: int) -> list[int]:
    """Gaussians of each level, the finest first: each has half of those before, rounded up."""
    sizes = [count]
    while sizes[-1] > COARSEST and len(sizes) < MAX_LEVELS:
        sizes.append(-(-sizes[-1] // 2))
    return sizes


def coarser_levels(finest: Gaussians, count: int, cameras: list[PhotoCamera]) -> Iterator[Gaussians]:
    """`count` levels after the finest, which is in spatial order: each merged from the one before, and refined."""
    refinement, level = Refinement(finest, cameras), finest
    for number in range(1, count + 1):
        level = merge_pairs(level).with_bands(MERGED_BANDS[min(number, len(MERGED_BANDS) - 1)])
        level = refinement.refined(level)
        yield level


def write_streamed(
    gaussians: Gaussians,
    folder: Path,
    seed: int,
    cameras: list[PhotoCamera],
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Streamed:
    """Writes `lod-meta.json`, last, and the files that it names into the `folder`.

    Every leaf has all levels. `cameras`: of the photos, from where coarser levels are to look alike. The same model,
    cameras and seed give the same bytes on one processor type. `progress` hears of the Gaussians written.
    """
    sizes = level_sizes(len(gaussians))
    finest = gaussians.reordered(spatial_order(gaussians.positions))
    leaf = LEAF_BLOCKS * BLOCK
    starts = np.arange(0, len(gaussians), leaf)
    leaves: list[dict[str, Any]] = [{} for _ in starts]
    boxes = np.full((len(starts), 2, 3), [[np.inf] * 3, [-np.inf] * 3])
    names: list[str] = []
    written = 0
    level_bytes = [0] * len(sizes)
    levels = chain([finest], coarser_levels(finest, len(sizes) - 1, cameras))
    for number, (size, level) in enumerate(zip(sizes, levels, strict=True)):
        edges = np.append(-(-starts >> number), size)  # leaves begin at multiples of all levels' halvings
        _widen(boxes, level, edges)
        for first, last in _files(edges):
            name = f"{number}_{sum(n.startswith(f'{number}_') for n in names)}"
            part = rows_of(level, slice(edges[first], edges[last]))
            for entry, content in encode_textures(part, PALETTE_ENTRIES, seed=seed).items():
                with whole_file(folder / name / entry) as file:
                    file.write(content)
                level_bytes[number] += len(content)
            for index in range(first, last):
                run = {"offset": int(edges[index] - edges[first]), "count": int(edges[index + 1] - edges[index])}
                leaves[index].setdefault("lods", {})[str(number)] = {"file": len(names), **run}
            names.append(f"{name}/meta.json")
            written += len(part)
            progress(written, sum(sizes))
    index_file = {
        "version": 1,
        "asset": {"generator": GENERATOR},
        "count": sum(sizes),
        "counts": sizes,
        "lodLevels": len(sizes),
        "filenames": names,
        "tree": _tree(leaves, boxes),
    }
    data = json.dumps(index_file, separators=(",", ":"), allow_nan=False).encode()
    with whole_file(folder / INDEX) as file:
        file.write(data)
    return Streamed(sizes, sum(level_bytes) + len(data), level_bytes[-1])


def _files(edges: NDArray[np.integer]) -> list[tuple[int, int]]:
    """Which leaves go into one file: from the first of each pair up to, without it, the second."""
    files: list[tuple[int, int]] = []
    first = 0
    for index in range(1, len(edges) - 1):
        if edges[index + 1] - edges[first] > FILE_GAUSSIANS:
            files.append((first, index))
            first = index
    return [*files, (first, len(edges) - 1)]


def _widen(boxes: NDArray[np.float64], level: Gaussians, edges: NDArray[np.integer]) -> None:
    """Widens the leaves' boxes by those of a level's Gaussians, each one standard deviation each way."""
    reach = np.sqrt((np.square(rotation_matrices(level.rotations) * np.exp(level.scales)[:, None, :])).sum(axis=2))
    for index in range(len(boxes)):
        rows = slice(edges[index], edges[index + 1])
        boxes[index, 0] = np.minimum(boxes[index, 0], (level.positions[rows] - reach[rows]).min(axis=0))
        boxes[index, 1] = np.maximum(boxes[index, 1], (level.positions[rows] + reach[rows]).max(axis=0))


def _tree(leaves: list[dict[str, Any]], boxes: NDArray[np.float64]) -> dict[str, Any]:
    low, high = boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)
    bound = {"min": _rounded(low), "max": _rounded(high)}
    if len(leaves) == 1:
        return {"bound": bound, **leaves[0]}
    half = (len(leaves) + 1) // 2
    return {"bound": bound, "children": [_tree(leaves[:half], boxes[:half]), _tree(leaves[half:], boxes[half:])]}


def _rounded(values: NDArray[np.float64]) -> list[float]:
    return [float(f"{value:.{SIGNIFICANT_DIGITS}g}") for value in values]
