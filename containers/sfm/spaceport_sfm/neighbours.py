"""Which photos are neighbours by where they were taken. Plain numpy over metres.

The nearest few alone would not do: where photos follow each other closely along a strip, all of them are of that
strip, and where they climb a facade, all are of that column. So each photo has a neighbour in every direction in which
there is one: around the horizon, above and below. A graph of such neighbours holds together by itself, since of two
parts of it the nearest photos see each other (Yao 1982; Gabriel graphs are the same idea).
"""

import numpy as np
from numpy.typing import NDArray

from .tuning import PairingTuning
from .views import Views

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Indices = NDArray[np.intp]

# Nearer photos have no direction: receivers without RTK scatter by more, also while a drone hovers.
ONE_SPOT_M = 0.5
STEEP = 0.5  # rise over distance on the map, from which a photo is above another, and not beside it
CONSIDERED = 1000  # nearest photos that neighbours are sought among: time grows with the photos, not their square


def spatial_neighbours(enu: Floats, photo: int, views: Views | None, tuning: PairingTuning) -> list[int]:
    """The photos that `photo` is to be matched with, nearest first within each rule.

    `enu`: float64[N, 3] metres, NaN for photos without a position and for unknown heights; `photo` has a position.
    A photo without a height counts as one at the height of whichever it is compared with. Of photos at one distance
    those next in the order of names come first.
    """
    offsets = np.nan_to_num(enu - enu[photo], nan=0.0)
    known = np.isfinite(enu[:, 0])
    known[photo] = False
    distances = np.linalg.norm(offsets, axis=1)
    others = np.flatnonzero(known)
    if len(others) > CONSIDERED:
        others = np.sort(others[np.argpartition(distances[others], CONSIDERED)[:CONSIDERED]])
    order = others[np.lexsort((np.abs(others - photo), np.round(distances[others], 2)))]
    wanted = np.ones(len(order), bool)
    if views is not None:
        wanted = ~views.cannot_share(photo, enu)[order]
    sharing = order[wanted]
    picked = dict.fromkeys(sharing[: tuning.nearest_photos].tolist())
    picked |= dict.fromkeys(nearest_by_direction(offsets[sharing], sharing, np.radians(tuning.direction_degrees)))
    if views is not None:
        picked |= dict.fromkeys(_from_other_sides(enu, photo, views, sharing, tuning))
    for other in (*sharing.tolist(), *order[~wanted].tolist()):
        if len(picked) >= tuning.spatial_neighbours:
            break
        picked[other] = None
    return list(picked)


def nearest_by_direction(offsets: Floats, names: Indices, width: float) -> list[int]:
    """Of photos at `offsets` (float64[K, 3], nearest first): one above, one below, and around the horizon one in each
    direction, where none that was taken before lies within `width` radians of azimuth.

    Above and below mean steeper than STEEP. Azimuths alone tell the others apart, since heights scatter.
    """
    flat, rise = np.hypot(offsets[:, 0], offsets[:, 1]), offsets[:, 2]
    azimuths = np.arctan2(offsets[:, 0], offsets[:, 1])
    apart = np.hypot(flat, rise) > ONE_SPOT_M
    picked = [
        int(names[np.argmax(steep)])
        for steep in (apart & (rise > STEEP * flat), apart & (-rise > STEEP * flat))
        if steep.any()
    ]
    free: Mask = apart & (np.abs(rise) <= STEEP * flat)
    while free.any():
        first = int(np.argmax(free))
        picked.append(int(names[first]))
        turn = np.abs(azimuths - azimuths[first])
        free &= np.minimum(turn, 2 * np.pi - turn) >= width
    return picked


def _from_other_sides(enu: Floats, photo: int, views: Views, sharing: Indices, tuning: PairingTuning) -> list[int]:
    """Photos of the same ground from another side, by the distance of their aims: obliques and those from above."""
    aims = views.aims(enu)
    between = np.linalg.norm(aims[sharing] - aims[photo], axis=1)
    angles = np.degrees(views.angles_to(photo)[sharing])
    low, high = tuning.other_side_degrees
    candidates = np.flatnonzero((angles >= low) & (angles <= high) & np.isfinite(between))
    nearest = candidates[np.argsort(np.round(between[candidates], 2), kind="stable")]
    return [int(other) for other in sharing[nearest[: tuning.other_sides]]]
