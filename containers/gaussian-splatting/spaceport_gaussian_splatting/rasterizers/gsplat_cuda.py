"""Draws on CUDA: projection in torch, as everywhere, and gsplat's kernels for the tiles.

gsplat itself bends rays through a lens only by the unscented transform with evaluation along rays (3DGUT), whose
picture is not the one that viewers draw. Its tile kernels take projected Gaussians, whoever projected them.
"""

import torch
from gsplat import isect_offset_encode, isect_tiles, rasterize_to_pixels
from torch import Tensor

from ..camera import Camera
from ..gaussians import Gaussians
from ..projection import half_sizes, project
from .protocol import RenderInfo

TILE = 16
MAX_REACH = 4  # of width + height, in pixels: more than any that is drawn, and less than an int overflows with


class GsplatRasterizer:
    """See Rasterizer. float32. An opaque Gaussian's alpha ends at 0.999; in the other rasterisers at 0.99."""

    name = "gsplat"

    def __init__(self, device: torch.device) -> None:
        self.device = device

    def render(
        self, gaussians: Gaussians, camera: Camera, width: int, height: int, sh_degree: int
    ) -> tuple[Tensor, RenderInfo]:
        """See Rasterizer.render."""
        seen = project(gaussians, camera.resized(width, height), sh_degree)
        if len(seen.rows) == 0:
            return torch.zeros(height, width, 3, device=self.device) + seen.color.sum(), RenderInfo(seen.rows, 0)
        across, down = -(-width // TILE), -(-height // TILE)
        reach = half_sizes(seen).ceil().clamp_max(MAX_REACH * (width + height)).int()
        xy, conic, color, opacity = (t.unsqueeze(0) for t in (seen.xy, seen.conic, seen.color, seen.opacity))
        _, keys, order = isect_tiles(
            xy.detach(), reach.unsqueeze(0), seen.depth.detach().unsqueeze(0), TILE, across, down
        )
        starts = isect_offset_encode(keys, 1, across, down).view(1, down, across)
        image, _ = rasterize_to_pixels(xy, conic, color, opacity, width, height, TILE, starts, order)
        return image[0], RenderInfo(seen.rows, len(order))
