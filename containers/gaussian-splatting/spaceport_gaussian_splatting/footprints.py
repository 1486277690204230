"""How much of the place photos show: pixels without those that show again what others show."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .initialisation import SparseDepths
from .photos import Photo
from .point_cloud import Vector
from .tuning import InitialisationTuning

MOST_SAMPLES = 256  # of a photo
MOST_LOOKS = 20_000_000  # samples times photos: 2 s of CPU


def distinct_pixels(
    photos: Sequence[Photo], observed: Sequence[NDArray[np.int64]], points: Vector, tuning: InitialisationTuning
) -> float:
    """Pixels of all photos, each over the number of photos that see its place.

    The place is where the photo's own sparse depths say, whatever stands before it; `observed[i]`: rows of
    points[N, 3] that photo i sees. A photo whose depths are not known counts whole.
    """
    samples = max(16, min(MOST_SAMPLES, MOST_LOOKS // max(1, len(photos)) ** 2))
    alone, places, weights = 0.0, [], []
    for photo, rows in zip(photos, observed, strict=True):
        pixels = photo.width * photo.height * photo.visible_share
        depths = SparseDepths.of(photo, points[rows], tuning)
        found = None if depths is None else depths.places(photo, samples)[1]
        if found is None or len(found) == 0:
            alone += pixels
        else:
            places.append(found)
            weights.append(np.full(len(found), pixels / len(found)))
    if not places:
        return alone
    where, weight = np.concatenate(places), np.concatenate(weights)
    views = np.zeros(len(where))
    for photo in photos:
        views += photo.sees(where)
    return alone + float((weight / np.maximum(views, 1)).sum())
