"""Whether the heights of the cameras agree with their altitudes: a bent model passes every test but this one.

Similarity transforms cannot take out a bend, and altitudes by barometer are good to a metre or two within a flight.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .alignment import MAD_TO_STD

Floats = NDArray[np.float64]

MIN_CAMERAS = 10  # six terms are fitted
MIN_GROUP = 3


@dataclass(frozen=True)
class HeightErrors:
    """Metres. `bend`: range of the curved part of the errors; `between_lenses`: the largest median of one lens."""

    bend: float
    between_lenses: float
    scatter: float
    """Robust standard deviation of what neither explains."""

    @property
    def significant(self) -> float:
        """The larger error where it stands out from the scatter, else 0."""
        worst = max(self.bend, self.between_lenses)
        return worst if worst > 3 * self.scatter else 0.0


def height_errors(centers: Floats, altitudes: Floats, lenses: Sequence[object]) -> HeightErrors | None:
    """`centers`: float64[N, 3] in a metric frame with up third; `altitudes`: float64[N], NaN for unknown.

    `lenses`: one value for each camera; different values are lenses of one body on one flight, whose altitudes have
    one zero. None with fewer than 10 altitudes. A tilt does not count: the frame's own may be uncertain.
    """
    known = np.isfinite(altitudes)
    if known.sum() < MIN_CAMERAS:
        return None
    error = centers[known, 2] - altitudes[known]
    flat = centers[known, :2] - centers[known, :2].mean(axis=0)
    flat = flat / max(float(np.abs(flat).max()), 1e-9)
    kinds = [lens for index, lens in enumerate(lenses) if known[index]]
    groups = [rows for kind in sorted(set(kinds), key=repr) if len(rows := _rows_of(kinds, kind)) >= MIN_GROUP]
    x, y = flat.T
    plane = np.stack([np.ones(len(x)), x, y], axis=1)
    steps = np.zeros((len(x), max(0, len(groups) - 1)))
    for column, rows in enumerate(groups[1:]):
        steps[rows, column] = 1.0
    curve = np.stack([x * x, x * y, y * y], axis=1)
    terms = np.concatenate([plane, steps, curve], axis=1)
    weights = np.ones(len(x))
    for _ in range(10):  # iteratively reweighted, so that a few wrong altitudes do not count
        solution, *_ = np.linalg.lstsq(terms * weights[:, None], error * weights, rcond=None)
        rest = error - terms @ solution
        scatter = MAD_TO_STD * float(np.median(np.abs(rest))) * np.sqrt(len(x) / max(1, len(x) - terms.shape[1]))
        weights = np.sqrt(1 / np.maximum(1.0, np.abs(rest) / max(2 * scatter, 1e-9)))
    offsets = np.concatenate([[0.0], solution[3 : 3 + steps.shape[1]]])
    return HeightErrors(float(np.ptp(curve @ solution[3 + steps.shape[1] :])), float(np.ptp(offsets)), scatter)


def _rows_of(kinds: Sequence[object], kind: object) -> NDArray[np.intp]:
    return np.flatnonzero([other == kind for other in kinds])
