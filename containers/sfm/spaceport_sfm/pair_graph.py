"""The graph of pairs in one piece: photos that no chain of pairs connects can never come into one model."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Pair = tuple[int, int]
"""Indices of two photos in name order, the lower first."""


def parts_of(photos: int, pairs: Iterable[Pair]) -> NDArray[np.intp]:
    """intp[N]: for each photo the lowest index among those that pairs connect it with, itself included."""
    parent = list(range(photos))

    def root(photo: int) -> int:
        while parent[photo] != photo:
            parent[photo] = parent[parent[photo]]
            photo = parent[photo]
        return photo

    for first, second in pairs:
        low, high = sorted((root(first), root(second)))
        parent[high] = low
    return np.array([root(photo) for photo in range(photos)], np.intp)


def bridges(enu: NDArray[np.float64], pairs: Iterable[Pair], each: int) -> set[Pair]:
    """Pairs that make one piece of the graph, smallest part first: of each part the `each` nearest pairs with the rest.

    `enu`: float64[N, 3] metres, NaN where unknown. Nearest in space where both have a position, else in the order of
    names. No two bridges of a part begin at one photo, as long as it has others.
    """
    parts = parts_of(len(enu), pairs)
    added: set[Pair] = set()
    while len(numbers := np.unique(parts, return_counts=True)[0]) > 1:
        sizes = np.unique(parts, return_counts=True)[1]
        part = numbers[np.argmin(sizes)]
        inside, outside = np.flatnonzero(parts == part), np.flatnonzero(parts != part)
        found = _nearest(enu, inside, outside, each)
        added.update((min(pair), max(pair)) for pair in found)
        for other in {parts[second] for _, second in found}:
            parts[parts == other] = part
    return added


def _nearest(enu: NDArray[np.float64], inside: NDArray[np.intp], outside: NDArray[np.intp], count: int) -> list[Pair]:
    """The `count` nearest pairs between two sets of photos, spread over `inside`."""
    everywhere = np.isfinite(enu[:, 0])
    by_place = everywhere[inside].any() and everywhere[outside].any()
    if by_place:
        inside, outside = inside[everywhere[inside]], outside[everywhere[outside]]
    of_each = min(-(-count // len(inside)), len(outside))
    found: list[tuple[float, int, int]] = []
    for photo in inside.tolist():
        gaps = np.abs(outside - photo).astype(np.float64)
        if by_place:
            gaps = np.round(np.linalg.norm(np.nan_to_num(enu[outside] - enu[photo]), axis=1), 2)
        found += [(float(gaps[at]), photo, int(outside[at])) for at in np.argsort(gaps, kind="stable")[:of_each]]
    return [(photo, other) for _, photo, other in sorted(found)[:count]]
