"""What the trainer needs of a rasteriser."""

from dataclasses import dataclass
from typing import Literal, Protocol

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
    """Draws Gaussians; differentiable by every tensor of them.

    `formulation`: "ewa" is the projected 2D Gaussian with 0.3 px dilation that web viewers show, "eval3d" gsplat's
    evaluation along rays. They are not the same image.
    """

    @property
    def name(self) -> str:
        """`cpu`, `torch` or `gsplat`, with its variant."""

    @property
    def device(self) -> torch.device:
        """Where the model must lie."""

    @property
    def formulation(self) -> Literal["ewa", "eval3d"]:
        """Which image it draws."""

    def render(
        self, gaussians: Gaussians, camera: Camera, width: int, height: int, sh_degree: int
    ) -> tuple[Tensor, RenderInfo]:
        """image: float[height, width, 3] over black, not clamped above. Harmonics up to `sh_degree` are used."""
