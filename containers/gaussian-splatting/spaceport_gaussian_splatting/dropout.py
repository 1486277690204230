"""Leaving out Gaussians at random while training (DropGaussian, Park et al. 2025): none may paint a photo by itself."""

from dataclasses import replace

import torch
from torch import Tensor

from .gaussians import Gaussians

MAX_OPACITY = 1 - 1e-4
INVISIBLE = -20.0  # logit of an opacity that no rasteriser draws


def thinned(gaussians: Gaussians, share: Tensor, generator: torch.Generator) -> tuple[Gaussians, Tensor]:
    """The Gaussians, each made invisible with the probability `share`[N], in [0, 1); bool[N]: those that are not.

    The opacity of the others is over the probability of staying, so that the picture is as opaque as before.
    """
    stays = torch.ones(len(gaussians), dtype=torch.bool, device=share.device)
    if not bool((share > 0).any()):
        return gaussians, stays
    stays = torch.rand(len(gaussians), generator=generator).to(share.device) >= share
    opacity = (torch.sigmoid(gaussians.opacity_logits) / (1 - share)).clamp_max(MAX_OPACITY)
    return replace(gaussians, opacity_logits=torch.where(stays, torch.logit(opacity), INVISIBLE)), stays
