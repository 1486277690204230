"""How differently photos are exposed, by the brightness of the points that they share: known before any training."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .photos import Photo

DARKEST, BRIGHTEST = 0.08, 0.92  # mean of the channels, 0 to 1: beyond, cameras do not tell light apart
MIN_POINTS = 10  # a photo with fewer shared points says nothing
ROUNDS, TOLERANCE = 50, 1e-4
DAMPING = 0.5  # all photos move at once: full steps would swing


def log_gains(
    photos: Sequence[Photo], observed: Sequence[NDArray[np.int64]], points: NDArray[np.float64]
) -> NDArray[np.float64]:
    """float64[photos], natural logarithms of mean zero: how much brighter each shows points than other photos do.

    `observed`: rows of `points` that each photo sees; points[N, 3] and the cameras share a frame. Of each photo the
    median over its points against the mean of the others, until nothing moves: shine and shadow are outvoted.
    """
    seen_by, rows, values = _brightness(photos, observed, points)
    views = np.bincount(rows, minlength=len(points))
    shared = views[rows] > 1
    seen_by, rows, values = seen_by[shared], rows[shared], values[shared]
    enough = np.bincount(seen_by, minlength=len(photos)) >= MIN_POINTS
    gains = np.zeros(len(photos))
    for _ in range(ROUNDS):
        level = values - gains[seen_by]
        others = (np.bincount(rows, level, minlength=len(points))[rows] - level) / (views[rows] - 1)
        differences = values - others
        found = np.array([np.median(differences[seen_by == i]) if enough[i] else 0.0 for i in range(len(photos))])
        if enough.any():
            found[enough] -= found[enough].mean()
        step = found - gains
        gains = gains + DAMPING * step
        if np.abs(step).max(initial=0.0) < TOLERANCE:
            break
    return gains


def _brightness(
    photos: Sequence[Photo], observed: Sequence[NDArray[np.int64]], points: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Photo, row of the point, and natural logarithm of the brightness of each observation that is good for it."""
    found = []
    for index, (photo, rows) in enumerate(zip(photos, observed, strict=True)):
        at = np.floor(photo.camera.pixels(points[rows])).astype(np.int64)
        inside = ((at >= 0) & (at < (photo.width, photo.height))).all(axis=1)
        rows, at = rows[inside], at[inside]
        values = photo.pixels.numpy()[at[:, 1], at[:, 0]].mean(axis=1) / 255
        good = (values > DARKEST) & (values < BRIGHTEST) & photo.shows(at.astype(np.float64))
        found.append((np.full(int(good.sum()), index), rows[good], np.log(values[good])))
    by_photo, by_row, logs = zip(*found, strict=True)
    return np.concatenate(by_photo), np.concatenate(by_row), np.concatenate(logs)
