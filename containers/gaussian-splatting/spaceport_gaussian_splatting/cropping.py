"""What is delivered of a trained model: far strays and huge Gaussians ruin what viewers and compression work with."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from .gaussians import Gaussians
from .tuning import CroppingTuning


def shown_rows(gaussians: Gaussians, tuning: CroppingTuning) -> Tensor:
    """bool[N]: finite, and visible at all."""
    seen: Tensor = torch.sigmoid(gaussians.opacity_logits) > tuning.faint
    return gaussians.finite_rows().logical_and(seen)


def near_rows(gaussians: Gaussians, tuning: CroppingTuning) -> Tensor:
    """bool[N] for Gaussians of the training frame: finite, and no far stray."""
    finite = gaussians.finite_rows()
    means = gaussians.means.detach()
    if not bool(finite.any()):
        return finite
    middle = means[finite].median(dim=0).values
    distance = torch.linalg.vector_norm(means - middle, dim=1)
    usual = float(np.quantile(distance[finite].cpu().numpy(), 0.99))
    near: Tensor = distance < max(tuning.reach * usual, tuning.min_reach)
    return finite.logical_and(near)


def delivered(
    gaussians: Gaussians, tuning: CroppingTuning, psnr_of: Callable[[Gaussians], float] | None = None
) -> tuple[Gaussians, int]:
    """What is delivered of Gaussians of the training frame, and how many of it were too large.

    `psnr_of`: what photos think of a model, dB. Far strays stay, all of them, where leaving them out costs more than
    `tuning.guard_db` of it: hills behind an orchard are no floaters. It is not asked where there are none; where it is
    not set, strays go.
    """
    shown = shown_rows(gaussians, tuning)
    kept = shown.logical_and(near_rows(gaussians, tuning))
    cropped = limited_sizes(gaussians.select(kept), tuning)
    if psnr_of is None or bool((kept == shown).all()):
        return cropped
    whole = limited_sizes(gaussians.select(shown), tuning)
    return whole if psnr_of(whole[0]) - psnr_of(cropped[0]) > tuning.guard_db else cropped


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
