"""Which Gaussians are delivered: far strays ruin the bounds that viewers and compression work with."""

import numpy as np
import torch
from torch import Tensor

from .gaussians import Gaussians
from .tuning import CroppingTuning


def delivered_rows(gaussians: Gaussians, tuning: CroppingTuning) -> Tensor:
    """bool[N] for Gaussians of the training frame: finite, visible at all and not a far stray."""
    finite = gaussians.finite_rows()
    means = gaussians.means.detach()
    if not bool(finite.any()):
        return finite
    middle = means[finite].median(dim=0).values
    distance = torch.linalg.vector_norm(means - middle, dim=1)
    usual = float(np.quantile(distance[finite].cpu().numpy(), 0.99))
    near: Tensor = distance < max(tuning.reach * usual, tuning.min_reach)
    seen: Tensor = torch.sigmoid(gaussians.opacity_logits) > tuning.faint
    return finite.logical_and(near).logical_and(seen)
