"""`tiles/tileset.json`: the scene at its place on the globe, in levels of detail (3D Tiles 1.1, refinement REPLACE).

A tree of halves: each tile has about as many Gaussians as its parent, of half the place and with twice the detail.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spaceport_common.opening_view import PhotoCamera
from spaceport_common.sog.gaussians import Gaussians

from ..drawing.draw import rotation_matrices
from ..levels.levels import Levels
from ..levels.merging import rows_of
from ..levels.spatial_order import BLOCK
from .glb import SPLATS, SPZ, encode_glb
from .place import Floats, Place

TILESET = "tiles/tileset.json"
REACH_SIGMAS = 3.0
# CesiumJS refines a tile whose error is more than 16 pixels: then a Gaussian takes about one pixel.
PIXELS_OF_ERROR = 16
LARGER = 1.2
# Tiles are turned from glTF's y up to z up: east, north, up of a scene x east, y down, z north.
SCENE_FROM_TILE = np.array([[1, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1]], np.float64)


@dataclass(frozen=True)
class Tileset:
    """tiles: how many. bytes: of all files."""

    tiles: int
    bytes: int


@dataclass(frozen=True)
class _Level:
    """low, high: float64[N, 3], the box of each Gaussian, in the tile's east, north, up."""

    gaussians: Gaussians
    low: Floats
    high: Floats


def write_tileset(
    model: Gaussians, cameras: list[PhotoCamera], place: Place, put: Callable[[str, bytes], None]
) -> Tileset:
    """Hands tiles and then the index to `put`. Raises TooWideError, and what `put` raises."""
    found = Levels(model, cameras)
    levels = [_level(found[number]) for number in range(len(found.sizes))]
    written: list[int] = []

    def put_counted(name: str, data: bytes) -> None:
        put(name, data)
        written.append(len(data))

    root, _ = _tile(levels, len(levels) - 1, 0, len(model), "0", put_counted)
    matrix = place.ecef_from_enu() @ place.enu_from_scene @ SCENE_FROM_TILE
    extensions = [SPLATS, SPZ]
    index = {
        "asset": {"version": "1.1", "extras": {"heights": place.heights, "accuracy": place.accuracy}},
        "extensionsUsed": ["3DTILES_content_gltf"],
        "extensions": {"3DTILES_content_gltf": {"extensionsUsed": extensions, "extensionsRequired": extensions}},
        "geometricError": 2 * max(root["geometricError"], _error(levels[-1], slice(0, None))),
        "root": {"transform": matrix.T.ravel().tolist(), **root},
    }
    tiles = len(written)
    put_counted(TILESET, json.dumps(index, separators=(",", ":"), allow_nan=False).encode())
    return Tileset(tiles, sum(written))


def _level(gaussians: Gaussians) -> _Level:
    turned = SCENE_FROM_TILE[:3, :3].T
    axes = rotation_matrices(gaussians.rotations) * np.exp(gaussians.scales.astype(np.float64))[:, None, :]
    reach = REACH_SIGMAS * np.sqrt(np.square(turned @ axes).sum(axis=2))
    centres = gaussians.positions.astype(np.float64) @ turned.T
    return _Level(gaussians, centres - reach, centres + reach)


def _tile(
    levels: list[_Level], number: int, first: int, last: int, name: str, put: Callable[[str, bytes], None]
) -> tuple[dict[str, Any], NDArray[np.float64]]:
    """The tile of Gaussians `first` to `last` of the finest level, at a coarser one, and its box, float64[2, 3]."""
    level = levels[number]
    rows = slice(first >> number, -(-last >> number))
    uri = f"{name}.glb"
    put(f"tiles/{uri}", encode_glb(rows_of(level.gaussians, rows)))
    box = np.stack([level.low[rows].min(axis=0), level.high[rows].max(axis=0)])
    children: list[dict[str, Any]] = []
    if number:
        middle = first + ((last - first) // BLOCK + 1) // 2 * BLOCK  # where the order is divided too
        halves = [(first, middle), (middle, last)] if first < middle < last else [(first, last)]
        for index, (start, end) in enumerate(halves):
            child, inside = _tile(levels, number - 1, start, end, f"{name}{index}", put)
            children.append(child)
            box = np.stack([np.minimum(box[0], inside[0]), np.maximum(box[1], inside[1])])
    # A coarser tile has an error larger than those of its children, whatever the distances say.
    errors = [_error(level, rows), *(LARGER * child["geometricError"] for child in children)]
    tile: dict[str, Any] = {
        "boundingVolume": {"box": _box(box)},
        "geometricError": max(errors) if number else 0,
        "refine": "REPLACE",
        "content": {"uri": uri},
    }
    return tile | ({"children": children} if children else {}), box


def _box(box: NDArray[np.float64]) -> list[float]:
    """Middle, then half of each side."""
    middle, half = box.mean(axis=0), (box[1] - box[0]) / 2
    return [float(f"{value:.7g}") for value in [*middle, half[0], 0, 0, 0, half[1], 0, 0, 0, half[2]]]


def _error(level: _Level, rows: slice) -> float:
    """Metres: the mean distance between neighbours on a surface as large as the box's two longest sides, in pixels."""
    centres = (level.low[rows] + level.high[rows]) / 2
    sides = np.sort(np.percentile(centres, 95, axis=0) - np.percentile(centres, 5, axis=0))
    return float(f"{PIXELS_OF_ERROR * np.sqrt(max(sides[1] * sides[2], 1e-12) / len(centres)):.4g}")
