"""What is delivered of a trained model: far strays and huge Gaussians ruin what viewers and compression work with."""

from dataclasses import replace

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


def delivered(gaussians: Gaussians, tuning: CroppingTuning) -> tuple[Gaussians, int]:
    """What is delivered of Gaussians of the training frame, and how many of it were too large."""
    return limited_sizes(gaussians.select(delivered_rows(gaussians, tuning)), tuning)


def limited_sizes(gaussians: Gaussians, tuning: CroppingTuning) -> tuple[Gaussians, int]:
    """The same Gaussians with no half axis above `tuning.max_size`, and how many had one.

    A few Gaussians as wide as the scene cover the whole screen, and a viewer's sorted drawing of them stalls a graphics
    card (playcanvas/supersplat-viewer #253). Opacities stay: what was dense in the middle remains so.
    """
    if len(gaussians) == 0:
        return gaussians, 0
    low, high = np.quantile(gaussians.means.detach().cpu().numpy(), (0.01, 0.99), axis=0)
    limit = tuning.max_size * float((high - low).max())
    if limit <= 0:  # all in one place
        return gaussians, 0
    limited = gaussians.log_scales.clamp_max(float(np.log(limit)))
    changed = (limited != gaussians.log_scales).any(dim=1)
    return replace(gaussians, log_scales=limited), int(changed.sum())
