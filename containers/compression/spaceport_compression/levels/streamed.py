"""The streamed scene: levels of detail in pieces, which viewers load as they need them.

Format: PlayCanvas's streamed SOG (guides/STREAMED_SOG_FORMAT.md in splat-transform), version 1.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spaceport_common.sog.encoder import GENERATOR, encode_textures
from spaceport_common.sog.gaussians import Gaussians
from spaceport_common.whole_file import whole_file

from ..drawing.draw import rotation_matrices
from .levels import Levels
from .merging import rows_of
from .spatial_order import BLOCK

INDEX = "lod-meta.json"
FILE_GAUSSIANS = 196_608  # at most; a viewer that needs one leaf loads its whole file
LEAF_BLOCKS = 8  # of the finest level: 32 768 Gaussians
PALETTE_ENTRIES = 4096  # of each file at most: a file has only part of the scene, and viewers load it while they draw
SIGNIFICANT_DIGITS = 7


@dataclass(frozen=True)
class Streamed:
    """levels: Gaussians of each, the finest first. bytes: of all files. coarsest_bytes: of the last level's."""

    levels: list[int]
    bytes: int
    coarsest_bytes: int


def write_streamed(
    levels: Levels, folder: Path, seed: int, progress: Callable[[int, int], None] = lambda done, total: None
) -> Streamed:
    """Writes `lod-meta.json`, last, and the files that it names into the `folder`.

    Every leaf has all levels. The same levels and seed give the same bytes. `progress` hears of the Gaussians written.
    """
    sizes = levels.sizes
    leaf = LEAF_BLOCKS * BLOCK
    starts = np.arange(0, sizes[0], leaf)
    leaves: list[dict[str, Any]] = [{} for _ in starts]
    boxes = np.full((len(starts), 2, 3), [[np.inf] * 3, [-np.inf] * 3])
    names: list[str] = []
    written = 0
    level_bytes = [0] * len(sizes)
    for number, size in enumerate(sizes):
        level = levels[number]
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
