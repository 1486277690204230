"""The photometric loss of 3DGS: 0.8 L1 + 0.2 (1 - SSIM)."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from .image_metrics import ssim
from .kernel.build import NoCompilerError
from .kernel.library import Kernel, load

DSSIM_WEIGHT = 0.2

PhotometricLoss = Callable[[Tensor, Tensor], Tensor]


def photometric_loss(image: Tensor, target: Tensor) -> Tensor:
    """Of two pictures [height, width, 3] in [0, 1], in plain torch."""
    return (1 - DSSIM_WEIGHT) * (image - target).abs().mean() + DSSIM_WEIGHT * (1 - ssim(image, target))


class _Fused(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, image: Tensor, target: Tensor, kernel: Kernel) -> Tensor:
        loss, gradient = kernel.photometric_loss(image, target, DSSIM_WEIGHT)
        ctx.save_for_backward(gradient)
        return torch.tensor(loss)

    @staticmethod
    def backward(ctx: Any, grad_loss: Tensor) -> tuple[Tensor, None, None]:
        (gradient,) = ctx.saved_tensors
        return gradient * grad_loss, None, None


def fastest_loss(device: torch.device) -> PhotometricLoss:
    """The C++ kernel's fused loss on the CPU where the kernel is there, else plain torch; equal up to rounding."""
    if device.type == "cpu":
        try:
            kernel = load()
        except NoCompilerError:
            return photometric_loss
        return lambda image, target: _Fused.apply(image, target, kernel)  # type: ignore[no-untyped-call]
    return photometric_loss
