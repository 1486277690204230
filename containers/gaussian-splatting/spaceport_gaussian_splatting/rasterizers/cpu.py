"""Draws with the C++ kernel: projection in torch, tiles in C++."""

from typing import Any, Literal

import torch
from torch import Tensor

from ..camera import Camera
from ..gaussians import Gaussians
from ..kernel.library import Kernel
from ..projection import project
from .protocol import RenderInfo


class _Tiles(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, xy: Tensor, conic: Tensor, opacity: Tensor, color: Tensor, depth: Tensor, view: "_View"
    ) -> Tensor:
        plan = view.kernel.plan(xy, conic, opacity, color, depth, view.width, view.height)
        image = plan.forward(torch.zeros(3))
        view.intersections = plan.intersections
        ctx.plan = plan
        ctx.save_for_backward(image)
        return image

    @staticmethod
    def backward(ctx: Any, grad_image: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, None, None]:
        (image,) = ctx.saved_tensors
        gradients = ctx.plan.backward(image, grad_image)
        return gradients[:, 0:2], gradients[:, 2:5], gradients[:, 5], gradients[:, 6:9], None, None


class _View:
    def __init__(self, kernel: Kernel, width: int, height: int) -> None:
        self.kernel, self.width, self.height, self.intersections = kernel, width, height, 0


class CpuRasterizer:
    """See Rasterizer. float32 on the CPU; as many threads as torch has."""

    device = torch.device("cpu")
    formulation: Literal["ewa"] = "ewa"

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.name = f"cpu-{kernel.level}"

    def render(
        self, gaussians: Gaussians, camera: Camera, width: int, height: int, sh_degree: int
    ) -> tuple[Tensor, RenderInfo]:
        """See Rasterizer.render."""
        seen = project(gaussians, camera.resized(width, height), sh_degree)
        view = _View(self._kernel, width, height)
        image = _Tiles.apply(seen.xy, seen.conic, seen.opacity, seen.color, seen.depth.detach(), view)  # type: ignore[no-untyped-call]
        return image, RenderInfo(seen.rows, view.intersections)
