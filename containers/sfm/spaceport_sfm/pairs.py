"""Which photos are matched with which. Pure rules over names, positions and views."""

from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .neighbours import spatial_neighbours
from .pair_graph import Pair, bridges
from .places import repeated_rows
from .tuning import PairingTuning
from .views import Views

STANDARD = PairingTuning()

Method = Literal["spatial", "exhaustive", "sequential"]


def select_pairs(
    photos: int, enu: NDArray[np.float64] | None, tuning: PairingTuning = STANDARD, views: Views | None = None
) -> tuple[Method, list[Pair]]:
    """The method's name and its pairs, sorted: by GPS where known, else all, else along the order of names.

    `enu`: float64[N, 3] metres, NaN for a photo without GPS (positions.Positions), or None. Photos that repeat the
    position of another are paired along the order of names too, or with all photos where these are few. Any two
    photos are connected by a chain of pairs.
    """
    repeated = np.zeros(photos, bool) if enu is None else repeated_rows(enu)
    few = photos <= tuning.exhaustive_max_photos
    if enu is not None and not (few and repeated.mean() > tuning.max_repeated_share):
        along_names = sequential_pairs(photos, tuning.sequential_overlap) if repeated.any() else []
        by_name = {pair for pair in along_names if repeated[list(pair)].any()}
        return "spatial", sorted(by_name.union(spatial_pairs(enu, tuning, views)))
    if few:
        return "exhaustive", exhaustive_pairs(photos)
    return "sequential", sequential_pairs(photos, tuning.sequential_overlap)


def exhaustive_pairs(photos: int) -> list[Pair]:
    """Every pair."""
    return [(first, second) for first in range(photos) for second in range(first + 1, photos)]


def sequential_pairs(photos: int, overlap: int) -> list[Pair]:
    """Every photo with the next `overlap` ones and, for longer baselines and loops, with those 2^k after it."""
    return sorted({pair for first in range(photos) for pair in _followers(first, photos, overlap)})


def spatial_pairs(enu: NDArray[np.float64], tuning: PairingTuning = STANDARD, views: Views | None = None) -> list[Pair]:
    """Every photo with its neighbours in space (neighbours.py), with the next by name, and with what joins all of them.

    A photo without GPS is paired with `spatial_neighbours` neighbours by name. The next by name is for a single wrong
    position.
    """
    last, reach = len(enu) - 1, tuning.spatial_neighbours // 2
    pairs = {(photo, photo + 1) for photo in range(last)}
    for photo in range(len(enu)):
        if np.isfinite(enu[photo, 0]):
            partners = spatial_neighbours(enu, photo, views, tuning)
        else:
            partners = [other for other in range(photo - reach, photo + reach + 1) if 0 <= other <= last]
        pairs.update((min(photo, other), max(photo, other)) for other in partners if other != photo)
    return sorted(pairs | bridges(enu, pairs, tuning.bridges))


def _followers(first: int, photos: int, overlap: int) -> Iterator[Pair]:
    steps = {*range(1, overlap + 1), *(2**power for power in range(overlap))}
    return ((first, first + step) for step in steps if first + step < photos)
