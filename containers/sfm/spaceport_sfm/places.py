"""Which positions are one and the same. Plain numpy over metres."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SAME_PLACE_M = 0.01  # receivers never repeat themselves to the centimetre; files that were cut or copied do


def place_numbers(points: NDArray[np.float64], steps_m: Sequence[float]) -> NDArray[np.intp]:
    """intp[N]: numbers from 0, equal for points (float64[N, D], finite) that are one within `steps_m`, D metres."""
    _, numbers = np.unique(np.round(points / np.asarray(steps_m)), axis=0, return_inverse=True)
    return np.asarray(numbers, np.intp).reshape(-1)


def places_on_map(enu: NDArray[np.float64]) -> int:
    """The number of different places; float64[N, 2 or more] metres, NaN for unknown ones."""
    known = enu[np.isfinite(enu[:, 0]), :2]
    return len(np.unique(place_numbers(known, (SAME_PLACE_M, SAME_PLACE_M))))


def repeated_rows(enu: NDArray[np.float64]) -> NDArray[np.bool_]:
    """bool[N]: photos that share their place on the map with another photo; NaN for unknown places.

    A receiver that hangs repeats its last position, and so does a file with few decimals: such positions say nothing.
    Several photos from one tripod are right to repeat theirs, and lose little: the photos around them have it.
    """
    known = np.flatnonzero(np.isfinite(enu[:, 0]))
    repeated = np.zeros(len(enu), bool)
    if len(known):
        numbers = place_numbers(enu[known, :2], (SAME_PLACE_M, SAME_PLACE_M))
        repeated[known] = np.bincount(numbers)[numbers] > 1
    return repeated
