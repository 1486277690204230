"""An order in which neighbours in space are neighbours in the list: a kd-tree without nodes."""

import numpy as np
from numpy.typing import NDArray
from spaceport_common.sog.gaussians import Float32s

BLOCK = 4096  # Gaussians below which all blocks are divided at once; a power of two

Indices = NDArray[np.intp]


def spatial_order(positions: Float32s) -> Indices:
    """Order of float32[N, 3] such that each aligned run of 1, 2, 4 ... places is a cell of a kd-tree.

    Cells are divided at the median of their longest axis: blocks of BLOCK places one by one, smaller ones all at
    once. So a run may be cut, or neighbours be merged in pairs, again and again, and each part stays compact.
    """
    order = np.arange(len(positions))
    _divide(positions, order)
    count = -(-len(order) // BLOCK)
    places = np.full(count * BLOCK, -1)
    places[: len(order)] = order
    size = min(BLOCK, 1 << max(0, len(order) - 1).bit_length())
    blocks = places.reshape(-1, size) if size < BLOCK else places.reshape(-1, BLOCK)
    while blocks.shape[1] > 1:
        points = np.where(blocks[:, :, None] < 0, np.nan, positions[blocks])
        low = np.where(np.isnan(points), np.inf, points).min(axis=1)
        high = np.where(np.isnan(points), -np.inf, points).max(axis=1)
        axis = (high - low).argmax(axis=1)
        keys = np.take_along_axis(points, axis[:, None, None], axis=2)[:, :, 0]
        blocks = np.take_along_axis(blocks, np.argsort(keys, axis=1, kind="stable"), axis=1)  # NaN, no place, is last
        blocks = blocks.reshape(-1, blocks.shape[1] // 2)
    places = blocks.ravel()
    return places[places >= 0]


def _divide(positions: Float32s, order: Indices) -> None:
    """Sorts `order` in place into a kd-tree whose leaves are whole blocks, but for the last."""
    if len(order) <= BLOCK:
        return
    points = positions[order]
    axis = int((points.max(axis=0) - points.min(axis=0)).argmax())
    middle = (len(order) // BLOCK + 1) // 2 * BLOCK
    order[:] = order[np.argpartition(points[:, axis], middle)]
    _divide(positions, order[:middle])
    _divide(positions, order[middle:])
