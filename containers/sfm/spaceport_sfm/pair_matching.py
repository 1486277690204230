"""Matches of two photos, the few largest features first: they tell whether the photos overlap, and how they lie.

Of 120 pairs of a hand-held set and 111 of flights, those that a fundamental matrix of the largest features led have 10
percent more matches that fit the verified geometry than all features compared with all have, at a tenth of the work:
the nearest descriptor is sought near the epipolar line, where fewer others are nearly as near. docs/registration.md
has the figures.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pycolmap
from numpy.typing import NDArray

from .kernel.library import Gate, Kernel
from .settings import SfmSettings
from .tuning import MatchingTuning

Matches = NDArray[np.int32]
"""int32[K, 2]: indices of features of the first and second photo."""


@dataclass(frozen=True)
class PhotoFeatures:
    """Features of a photo, as matching needs them."""

    xy: NDArray[np.float32]
    """float32[N, 2], pixels."""
    scale: NDArray[np.float32]
    """float32[N], pixels."""
    descriptors: NDArray[np.uint8]
    """uint8[N, 128]."""

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays, with the order by size."""
        return self.xy.nbytes + self.scale.nbytes + self.descriptors.nbytes + 8 * len(self.scale)

    @cached_property
    def largest_first(self) -> NDArray[np.intp]:
        """Indices by falling scale."""
        return np.argsort(-self.scale, kind="stable")


class PairMatcher:
    """Matches photos with given settings. For any number of threads."""

    def __init__(self, kernel: Kernel, settings: SfmSettings, tuning: MatchingTuning, pixel_scale: float) -> None:
        self._kernel = kernel
        self._settings = settings
        self._tuning = tuning
        self._pixel_scale = pixel_scale

    def match(self, first: PhotoFeatures, second: PhotoFeatures, *, thorough: bool) -> Matches | None:
        """Matches by the rules of the settings, not verified yet.

        None where the largest features say that the photos do not overlap; with `thorough` only the last level is
        believed in that.
        """
        for level in self._tuning.levels:
            counts = [level.count(len(photo.scale)) for photo in (first, second)]
            if counts[0] == len(first.scale) and counts[1] == len(second.scale):
                break
            chosen = [photo.largest_first[:count] for photo, count in zip((first, second), counts, strict=True)]
            found = self._nearest(first, second, chosen)
            if len(found) < level.min_matches and not (thorough and level != self._tuning.levels[-1]):
                return None
            gate = self._gate(first, second, found)
            if gate is not None:
                return self._nearest(first, second, None, gate)
        return self._nearest(first, second, None)

    def guided(self, first: PhotoFeatures, second: PhotoFeatures, gate: Gate) -> Matches:
        """Matches that a verified geometry allows."""
        return self._nearest(first, second, None, gate)

    def _nearest(
        self,
        first: PhotoFeatures,
        second: PhotoFeatures,
        chosen: list[NDArray[np.intp]] | None,
        gate: Gate | None = None,
    ) -> Matches:
        one, other = first.descriptors, second.descriptors
        if chosen is not None:
            one, other = one[chosen[0]], other[chosen[1]]
        found = self._kernel.match(
            one,
            other,
            max_ratio=self._settings.max_ratio,
            max_distance=self._settings.max_distance,
            cross_check=self._settings.cross_check,
            gate=gate,
        )
        if chosen is not None:
            found = np.column_stack([chosen[0][found[:, 0]], chosen[1][found[:, 1]]]).astype(np.int32)
        return found[: self._settings.max_num_matches]

    def _gate(self, first: PhotoFeatures, second: PhotoFeatures, found: Matches) -> Gate | None:
        """The strip around epipolar lines that these matches tell; None where too few of them agree."""
        if len(found) < self._tuning.min_agreeing:
            return None
        options = pycolmap.RANSACOptions(
            max_error=self._tuning.agreeing_px * self._pixel_scale,
            min_num_trials=self._tuning.trials[0],
            max_num_trials=self._tuning.trials[1],
            random_seed=self._settings.seed,
        )
        estimate = pycolmap.estimate_fundamental_matrix(
            first.xy[found[:, 0]].astype(np.float64), second.xy[found[:, 1]].astype(np.float64), options
        )
        least = max(self._tuning.min_agreeing, self._tuning.min_agreeing_share * len(found))
        if estimate is None or estimate["num_inliers"] < least:
            return None
        reach = self._tuning.reach_px * self._pixel_scale
        return Gate("fundamental", estimate["F"], reach, first.xy, second.xy)
