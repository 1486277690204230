"""Which photos are matched with which. Pure rules over names and positions."""

from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .tuning import PairingTuning

Pair = tuple[int, int]
"""Indices of two photos in name order, the lower first."""

Method = Literal["spatial", "exhaustive", "sequential"]


def select_pairs(photos: int, enu: NDArray[np.float64] | None, tuning: PairingTuning) -> tuple[Method, list[Pair]]:
    """The method's name and its pairs, sorted: by GPS where known, else all, else along the order of names.

    `enu`: float64[N, 3] metres, NaN for a photo without GPS (positions.Positions), or None.
    """
    if enu is not None:
        return "spatial", spatial_pairs(enu, tuning.spatial_neighbours)
    if photos <= tuning.exhaustive_max_photos:
        return "exhaustive", exhaustive_pairs(photos)
    return "sequential", sequential_pairs(photos, tuning.sequential_overlap)


def exhaustive_pairs(photos: int) -> list[Pair]:
    """Every pair."""
    return [(first, second) for first in range(photos) for second in range(first + 1, photos)]


def sequential_pairs(photos: int, overlap: int) -> list[Pair]:
    """Every photo with the next `overlap` ones and, for longer baselines and loops, with those 2^k after it."""
    return sorted({pair for first in range(photos) for pair in _followers(first, photos, overlap)})


def spatial_pairs(enu: NDArray[np.float64], neighbours: int) -> list[Pair]:
    """Every photo with its nearest ones on the map; a photo without GPS with its neighbours by name.

    Heights are left out: GPS heights are poor, and photos over one place overlap at any height.
    """
    horizontal = enu[:, :2]
    known = np.flatnonzero(np.isfinite(horizontal[:, 0]))
    partners: dict[int, list[int]] = {}
    for index in range(len(enu)):
        if index in known:
            distances = np.linalg.norm(horizontal[known] - horizontal[index], axis=1)
            nearest = known[np.argsort(distances, kind="stable")].tolist()
            partners[index] = [other for other in nearest if other != index][:neighbours]
        else:
            around = range(max(0, index - neighbours // 2), min(len(enu), index + neighbours // 2 + 1))
            partners[index] = [other for other in around if other != index]
    return sorted({(min(i, other), max(i, other)) for i, others in partners.items() for other in others})


def _followers(first: int, photos: int, overlap: int) -> Iterator[Pair]:
    steps = {*range(1, overlap + 1), *(2**power for power in range(overlap))}
    return ((first, first + step) for step in steps if first + step < photos)
