"""What the trainer needs of a rasteriser."""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from ..camera import Camera
from ..gaussians import Gaussians


@dataclass(frozen=True)
class RenderInfo:
    """rows: int64[M], the Gaussians that may be seen. intersections: pairs of Gaussian and tile, the cost."""

    rows: Tensor
    intersections: int


class Rasterizer(Protocol):
    """Draws Gaussians as web viewers do, as projected 2D Gaussians with 0.3 px of dilation; differentiable by every
    tensor of them."""

    @property
    def name(self) -> str:
        """`cpu`, `torch` or `gsplat`, with its variant."""

    @property
    def device(self) -> torch.device:
        """Where the model must lie."""

    def render(
        self, gaussians: Gaussians, camera: Camera, width: int, height: int, sh_degree: int
    ) -> tuple[Tensor, RenderInfo]:
        """image: float[height, width, 3] over black, not clamped above. Harmonics up to `sh_degree` are used."""
