"""Which photos are matched with which. Pure rules over names and positions."""

from collections.abc import Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .places import SAME_PLACE_M, place_numbers, repeated_rows
from .tuning import PairingTuning

Pair = tuple[int, int]
"""Indices of two photos in name order, the lower first."""

STANDARD = PairingTuning()

Method = Literal["spatial", "exhaustive", "sequential"]


def select_pairs(
    photos: int, enu: NDArray[np.float64] | None, tuning: PairingTuning = STANDARD
) -> tuple[Method, list[Pair]]:
    """The method's name and its pairs, sorted: by GPS where known, else all, else along the order of names.

    `enu`: float64[N, 3] metres, NaN for a photo without GPS (positions.Positions), or None. Photos that repeat the
    position of another are paired along the order of names too, or with all photos where these are few.
    """
    repeated = np.zeros(photos, bool) if enu is None else repeated_rows(enu)
    few = photos <= tuning.exhaustive_max_photos
    if enu is not None and not (few and repeated.mean() > tuning.max_repeated_share):
        along_names = sequential_pairs(photos, tuning.sequential_overlap) if repeated.any() else []
        by_name = {pair for pair in along_names if repeated[list(pair)].any()}
        return "spatial", sorted(by_name.union(spatial_pairs(enu, tuning.spatial_neighbours)))
    if few:
        return "exhaustive", exhaustive_pairs(photos)
    return "sequential", sequential_pairs(photos, tuning.sequential_overlap)


def exhaustive_pairs(photos: int) -> list[Pair]:
    """Every pair."""
    return [(first, second) for first in range(photos) for second in range(first + 1, photos)]


def sequential_pairs(photos: int, overlap: int) -> list[Pair]:
    """Every photo with the next `overlap` ones and, for longer baselines and loops, with those 2^k after it."""
    return sorted({pair for first in range(photos) for pair in _followers(first, photos, overlap)})


def spatial_pairs(enu: NDArray[np.float64], neighbours: int) -> list[Pair]:
    """Every photo with one at each of the nearest places on the map; a photo without GPS with its neighbours by name.

    Heights do not make a place: GPS heights are poor, and photos over one place overlap at any height. Of several
    photos at one place that at the nearest height is taken (a column of a facade), then that with the nearest name;
    at a photo's own place as many of them as other places.
    """
    horizontal = enu[:, :2]
    known = np.flatnonzero(np.isfinite(horizontal[:, 0]))
    places = np.full(len(enu), -1)
    places[known] = place_numbers(horizontal[known], (SAME_PLACE_M, SAME_PLACE_M))
    partners: dict[int, list[int]] = {}
    for index in range(len(enu)):
        if places[index] >= 0:
            distances = np.linalg.norm(horizontal[known] - horizontal[index], axis=1)
            higher = np.nan_to_num(np.abs(enu[known, 2] - enu[index, 2]))
            order = np.lexsort((np.abs(known - index), np.round(higher), places[known], np.round(distances, 2)))
            nearest = known[order]
            own = nearest[places[nearest] == places[index]]
            _, first_of_place = np.unique(places[nearest], return_index=True)
            others = nearest[np.sort(first_of_place)][1 : neighbours + 1]
            partners[index] = [*own[own != index][:neighbours].tolist(), *others.tolist()]
        else:
            around = range(max(0, index - neighbours // 2), min(len(enu), index + neighbours // 2 + 1))
            partners[index] = [other for other in around if other != index]
    return sorted({(min(i, other), max(i, other)) for i, others in partners.items() for other in others})


def _followers(first: int, photos: int, overlap: int) -> Iterator[Pair]:
    steps = {*range(1, overlap + 1), *(2**power for power in range(overlap))}
    return ((first, first + step) for step in steps if first + step < photos)
