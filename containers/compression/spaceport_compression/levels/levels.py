"""Levels of detail: the scene with half of the Gaussians, a quarter and so on, which look alike from farther away."""

from spaceport_common.opening_view import PhotoCamera
from spaceport_common.sog.gaussians import Gaussians

from .merging import merge_pairs
from .refinement import Refinement
from .spatial_order import spatial_order

COARSEST = 65_536  # Gaussians of the coarsest level, at most: below 1.5 MB
MAX_LEVELS = 12
MERGED_BANDS = (3, 3, 3, 2, 2, 1)  # by level; coarser levels have the last


def level_sizes(count: int) -> list[int]:
    """Gaussians of each level that is delivered, the finest first: each has half of those before, rounded up."""
    sizes = [count]
    while sizes[-1] > COARSEST and len(sizes) < MAX_LEVELS:
        sizes.append(-(-sizes[-1] // 2))
    return sizes


class Levels:
    """A model in spatial order, number 0, and coarser: each is merged from the one before it, refined, and kept.

    They are made when they are first asked for, so that the formats which have levels share the work.
    """

    def __init__(self, model: Gaussians, cameras: list[PhotoCamera]) -> None:
        """`cameras`: of the photos, from where coarser levels are to look alike."""
        self._made = [model.reordered(spatial_order(model.positions))]
        self._refinement = Refinement(self._made[0], cameras)
        self.sizes = level_sizes(len(model))

    def __getitem__(self, number: int) -> Gaussians:
        """The same model and cameras give the same numbers on one processor type."""
        while len(self._made) <= number:
            bands = MERGED_BANDS[min(len(self._made), len(MERGED_BANDS) - 1)]
            self._made.append(self._refinement.refined(merge_pairs(self._made[-1]).with_bands(bands)))
        return self._made[number]
