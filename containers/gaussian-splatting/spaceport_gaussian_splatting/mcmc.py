"""3D Gaussian splatting as Markov chain Monte Carlo (Kheradmand et al. 2024): relocation, growth and noise.

It needs no gradients in the picture, so it is the same for every rasteriser, and its count has a hard cap.
"""

import torch
from torch import Tensor

from .gaussians import Gaussians
from .optimizer import GaussianOptimizer
from .projection import scaled_axes
from .tuning import McmcTuning


@torch.no_grad()
def relocate_dead(optimizer: GaussianOptimizer, weights: Tensor, generator: torch.Generator, tuning: McmcTuning) -> int:
    """Moves Gaussians that have faded, run away or broken onto living ones; returns how many.

    These are drawn by opacity times `weights`[N], which are positive.
    """
    gaussians = optimizer.gaussians
    dead = ~gaussians.finite_rows() | (gaussians.means.abs().amax(dim=1) > tuning.world_limit)
    dead |= torch.sigmoid(gaussians.opacity_logits) <= tuning.dead_opacity
    rows = torch.nonzero(dead).squeeze(1)
    alive = torch.nonzero(~dead).squeeze(1)
    if len(rows) == 0 or len(alive) == 0:
        return 0
    sources = _draw(gaussians, alive, len(rows), weights, generator)
    shared = _shared(gaussians, sources, tuning)
    optimizer.overwrite(sources, shared)
    optimizer.overwrite(rows, shared)
    return len(rows)


@torch.no_grad()
def grow(
    optimizer: GaussianOptimizer, count: int, weights: Tensor, generator: torch.Generator, tuning: McmcTuning
) -> None:
    """Adds `count` copies of Gaussians such that the picture stays nearly the same.

    They are drawn by opacity times `weights`[N], which are positive.
    """
    gaussians = optimizer.gaussians
    if count <= 0 or len(gaussians) == 0:
        return
    everything = torch.arange(len(gaussians), device=gaussians.means.device)
    sources = _draw(gaussians, everything, count, weights, generator)
    shared = _shared(gaussians, sources, tuning)
    optimizer.overwrite(sources, shared)
    optimizer.append(shared)


@torch.no_grad()
def add_noise(
    optimizer: GaussianOptimizer, position_rate: float, generator: torch.Generator, tuning: McmcTuning
) -> None:
    """Shakes the centres of nearly transparent Gaussians within their own shape (eq. 8)."""
    gaussians = optimizer.gaussians
    opacity = torch.sigmoid(gaussians.opacity_logits)
    gate = torch.sigmoid(-tuning.noise_sharpness * (opacity - tuning.dead_opacity))
    rows = torch.nonzero(gate > 1e-4).squeeze(1)  # the others would not move
    faint = gaussians.select(rows)
    axes = scaled_axes(faint)
    noise = torch.randn(len(rows), 3, 1, generator=generator).to(axes.device)
    move = (axes @ (axes.transpose(1, 2) @ noise)).squeeze(2)
    gaussians.means[rows] += move * (gate[rows] * tuning.noise_rate * position_rate).unsqueeze(1)


@torch.no_grad()
def clamp(optimizer: GaussianOptimizer, tuning: McmcTuning) -> None:
    """Keeps every size within what a view can show."""
    optimizer.gaussians.log_scales.clamp_(tuning.min_log_scale, tuning.max_log_scale)


def regularisation(gaussians: Gaussians, rows: Tensor, tuning: McmcTuning) -> Tensor:
    """The paper's pressure on opacities and sizes (eq. 10), which keeps Gaussians dying and so moving.

    Only on `rows`, those that the photo sees: Adam takes full steps along a gradient however small, and would fade out
    every Gaussian without another gradient in this step.
    """
    opacity = torch.sigmoid(gaussians.opacity_logits[rows]).sum()
    size = gaussians.log_scales[rows].exp().sum() / 3
    return (tuning.opacity_weight * opacity + tuning.scale_weight * size) / max(1, len(gaussians))


def shared_opacity_and_scale(opacity: Tensor, copies: Tensor) -> tuple[Tensor, Tensor]:
    """Opacity of each of `copies`[N] equal Gaussians in one place, and the factor for their size (eq. 9).

    The sum over i <= N and k < i of C(i-1, k) (-1)^k o^(k+1) / sqrt(k+1) is summed over i first:
    sum_{j=1..N} C(N, j) (-1)^(j-1) o^j / sqrt(j).
    """
    n = copies.double()
    new = 1 - (1 - opacity.double()) ** (1 / n)
    total = torch.zeros_like(new)
    term = torch.ones_like(new)
    for j in range(1, int(copies.max()) + 1):
        term = term * (n - j + 1).clamp_min(0) / j * new
        total = total + (-1) ** (j - 1) * term / j**0.5
    return new.to(opacity.dtype), (opacity.double() / total).to(opacity.dtype)


def _draw(gaussians: Gaussians, rows: Tensor, count: int, weights: Tensor, generator: torch.Generator) -> Tensor:
    each = torch.sigmoid(gaussians.opacity_logits[rows]).double().nan_to_num(0.0) * weights[rows]
    total = each.cumsum(0).cpu()
    at = torch.rand(count, generator=generator, dtype=torch.float64) * total[-1]
    picked = torch.searchsorted(total, at).clamp_max(len(rows) - 1)
    return rows[picked.to(rows.device)]


def _shared(gaussians: Gaussians, sources: Tensor, tuning: McmcTuning) -> Gaussians:
    """What each of the sources and of its copies becomes."""
    copies = torch.bincount(sources, minlength=len(gaussians))[sources] + 1
    opacity = torch.sigmoid(gaussians.opacity_logits[sources])
    new, factor = shared_opacity_and_scale(opacity, copies.clamp_max(tuning.max_copies))
    shared = gaussians.select(sources).detached()
    shared.opacity_logits = torch.logit(new.clamp(tuning.dead_opacity * 1.01, 1 - 1e-6))
    shared.log_scales = shared.log_scales + factor.log().unsqueeze(1)
    return shared
