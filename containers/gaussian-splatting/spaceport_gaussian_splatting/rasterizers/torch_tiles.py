"""Draws with torch alone: the oracle that the kernel is compared with, and the slow fallback without a compiler."""

import torch
from torch import Tensor

from ..camera import Camera
from ..gaussians import Gaussians
from ..projection import MIN_ALPHA, Projected, half_sizes, project
from .protocol import RenderInfo

TILE = 16
MAX_ALPHA = 0.99
MIN_TRANSMITTANCE = 1e-4


class TorchRasterizer:
    """See Rasterizer. Any float type, any device; about ten times slower than the C++ kernel."""

    name = "torch"

    def __init__(self, device: torch.device) -> None:
        self.device = device

    def render(
        self, gaussians: Gaussians, camera: Camera, width: int, height: int, sh_degree: int
    ) -> tuple[Tensor, RenderInfo]:
        """See Rasterizer.render."""
        seen = project(gaussians, camera.resized(width, height), sh_degree)
        order = torch.argsort(seen.depth.detach(), stable=True)
        boxes = _boxes(seen)
        rows = []
        intersections = 0
        for top in range(0, height, TILE):
            row = []
            for left in range(0, width, TILE):
                right, bottom = min(left + TILE, width), min(top + TILE, height)
                hit = (boxes[:, 0] < right) & (boxes[:, 1] > left) & (boxes[:, 2] < bottom) & (boxes[:, 3] > top)
                tile = order[hit[order]]
                intersections += len(tile)
                row.append(_draw(seen, tile, left, top, right, bottom))
            rows.append(torch.cat(row, dim=1))
        return torch.cat(rows, dim=0), RenderInfo(seen.rows, intersections)


def _boxes(seen: Projected) -> Tensor:
    """[M, 4]: left, right, top, bottom of what is drawn; NaN, which compares false, where nothing is."""
    half_width, half_height = half_sizes(seen).unbind(1)
    x, y = seen.xy.detach().unbind(1)
    boxes = torch.stack([x - half_width, x + half_width, y - half_height, y + half_height], dim=1)
    return torch.where((half_width > 0).unsqueeze(1), boxes, torch.nan)


def _draw(seen: Projected, tile: Tensor, left: int, top: int, right: int, bottom: int) -> Tensor:
    """The pixels of one tile from its Gaussians, near to far; by the rules of spaceport_common/kernel/splat.cpp."""
    like = seen.xy
    ys, xs = torch.meshgrid(
        torch.arange(top, bottom, dtype=like.dtype, device=like.device) + 0.5,
        torch.arange(left, right, dtype=like.dtype, device=like.device) + 0.5,
        indexing="ij",
    )
    dx = xs.reshape(1, -1) - seen.xy[tile, 0:1]
    dy = ys.reshape(1, -1) - seen.xy[tile, 1:2]
    xx, xy, yy = seen.conic[tile].unsqueeze(2).unbind(1)
    power = 0.5 * (xx * dx * dx + yy * dy * dy) + xy * dx * dy
    alpha = (seen.opacity[tile].unsqueeze(1) * torch.exp(-power)).clamp_max(MAX_ALPHA)
    alpha = torch.where(alpha < MIN_ALPHA, torch.zeros_like(alpha), alpha)
    after = torch.cumprod(1 - alpha, dim=0)
    before = torch.cat([torch.ones_like(after[:1]), after[:-1]], dim=0)
    weights = torch.where(after < MIN_TRANSMITTANCE, torch.zeros_like(alpha), alpha * before)
    return (weights.T @ seen.color[tile]).view(bottom - top, right - left, 3)
