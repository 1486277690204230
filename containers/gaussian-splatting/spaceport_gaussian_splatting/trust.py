"""How far a place is known: by the number of photos that see it.

What one photo alone sees fits it at any depth, and finer Gaussians or moved ones there only draw sharp what other views
have elsewhere.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from .photos import Photo
from .tuning import TrustTuning


@torch.no_grad()
def trust_in(points: Tensor, photos: Sequence[Photo], tuning: TrustTuning) -> Tensor:
    """float[N], 0 to 1, of points[N, 3]: 0 where one photo or none sees them, 1 from `tuning.views` photos on.

    Of fewer photos all must see them, and a single one is trusted.
    """
    enough = min(tuning.views, len(photos)) - 1
    if enough < 1:
        return points.new_ones(len(points))
    views = points.new_zeros(len(points))
    for photo in photos:
        views += photo.camera.sees(points)
    return ((views - 1) / enough).clamp(0, 1)
