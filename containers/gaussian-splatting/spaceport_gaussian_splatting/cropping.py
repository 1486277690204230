"""Which Gaussians are delivered: far strays ruin the bounds that viewers and compression work with."""

import numpy as np
import torch
from torch import Tensor

from .gaussians import Gaussians

REACH = 4.0  # times the distance that holds 99 % of the Gaussians
MIN_REACH = 3.0  # median depths: never less
FAINT = 0.005  # opacity below which nothing is seen


def delivered_rows(gaussians: Gaussians) -> Tensor:
    """bool[N] for Gaussians of the training frame: finite, visible at all and not a far stray."""
    finite = gaussians.finite_rows()
    means = gaussians.means.detach()
    if not bool(finite.any()):
        return finite
    middle = means[finite].median(dim=0).values
    distance = torch.linalg.vector_norm(means - middle, dim=1)
    usual = float(np.quantile(distance[finite].cpu().numpy(), 0.99))
    near: Tensor = distance < max(REACH * usual, MIN_REACH)
    seen: Tensor = torch.sigmoid(gaussians.opacity_logits) > FAINT
    return finite.logical_and(near).logical_and(seen)
