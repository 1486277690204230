"""Draws with the C++ kernel: projection, tiles, and both back again."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from spaceport_common.kernel.library import Kernel
from spaceport_common.kernel.structures import ModelArrays, View
from torch import Tensor

from ..camera import Camera
from ..gaussians import Gaussians
from .protocol import RenderInfo


@dataclass
class _Drawing:
    """One picture of a model. `info`: once it is drawn."""

    kernel: Kernel
    view: View
    sh_degree: int
    threads: int
    info: RenderInfo | None = None


class _Drawn(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, drawing: _Drawing, *tensors: Tensor) -> Tensor:
        kernel, view, degree, threads = drawing.kernel, drawing.view, drawing.sh_degree, drawing.threads
        model = ModelArrays.of([tensor.detach().numpy() for tensor in tensors])
        seen = kernel.project(model, view, degree, threads)
        plan = kernel.plan(seen.xy, seen.conic, seen.opacity, seen.color, seen.depth, view.width, view.height, threads)
        image = torch.from_numpy(plan.forward(np.zeros(3, np.float32)))
        drawing.info = RenderInfo(torch.from_numpy(seen.rows), plan.intersections)
        ctx.drawing, ctx.model, ctx.seen, ctx.plan = drawing, model, seen, plan
        ctx.save_for_backward(image)
        return image

    @staticmethod
    def backward(ctx: Any, grad_image: Tensor) -> tuple[Tensor | None, ...]:
        (image,) = ctx.saved_tensors
        looks = ctx.plan.backward(image.numpy(), grad_image.numpy())
        drawing = ctx.drawing
        gradients = drawing.kernel.project_back(
            ctx.model, drawing.view, drawing.sh_degree, drawing.threads, ctx.seen, looks
        )
        return (None, *(torch.from_numpy(array) for array in gradients.arrays))


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
        view = kernel_view(camera.resized(width, height))
        drawing = _Drawing(self._kernel, view, sh_degree, torch.get_num_threads())
        image = _Drawn.apply(drawing, *gaussians.tensors().values())  # type: ignore[no-untyped-call]
        assert drawing.info is not None
        return image, drawing.info


def kernel_view(camera: Camera) -> View:
    """The camera as the kernel takes it."""
    lens = camera.lens
    return View.of(
        rotation=camera.rotation,
        translation=camera.translation,
        focal=(lens.fx, lens.fy),
        centre=(lens.cx, lens.cy),
        radial=lens.radial,
        rational=lens.rational,
        tangential=lens.tangential,
        limits=(camera.near, camera.radius_limit),
        fisheye=lens.fisheye,
        size=(camera.width, camera.height),
    )
