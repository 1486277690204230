"""Draws with the C++ kernel: projection in torch, tiles in C++."""

from typing import Any

import numpy as np
import torch
from spaceport_common.kernel.library import Kernel, Plan
from torch import Tensor

from ..camera import Camera
from ..gaussians import Gaussians
from ..projection import project
from .protocol import RenderInfo


class _Tiles(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, xy: Tensor, conic: Tensor, opacity: Tensor, color: Tensor, plan: Plan) -> Tensor:
        image = torch.from_numpy(plan.forward(np.zeros(3, np.float32)))
        ctx.plan = plan
        ctx.save_for_backward(image)
        return image

    @staticmethod
    def backward(ctx: Any, grad_image: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, None]:
        (image,) = ctx.saved_tensors
        gradients = torch.from_numpy(ctx.plan.backward(image.numpy(), grad_image.numpy()))
        return gradients[:, 0:2], gradients[:, 2:5], gradients[:, 5], gradients[:, 6:9], None


class CpuRasterizer:
    """See Rasterizer. float32 on the CPU; as many threads as torch has."""

    device = torch.device("cpu")

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.name = f"cpu-{kernel.level}"

    def render(
        self, gaussians: Gaussians, camera: Camera, width: int, height: int, sh_degree: int
    ) -> tuple[Tensor, RenderInfo]:
        """See Rasterizer.render."""
        seen = project(gaussians, camera.resized(width, height), sh_degree)
        looks = (seen.xy, seen.conic, seen.opacity, seen.color)
        xy, conic, opacity, color, depth = (tensor.detach().numpy() for tensor in (*looks, seen.depth))
        plan = self._kernel.plan(xy, conic, opacity, color, depth, width, height, torch.get_num_threads())
        image = _Tiles.apply(*looks, plan)  # type: ignore[no-untyped-call]
        return image, RenderInfo(seen.rows, plan.intersections)
