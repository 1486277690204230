"""The photometric loss of 3DGS: (1 - w) L1 + w (1 - SSIM); the paper's w is 0.2 (Kerbl et al. 2023, eq. 7)."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import torch
from spaceport_common.kernel.build import NoCompilerError
from spaceport_common.kernel.library import Kernel, load
from torch import Tensor

from .image_metrics import ssim

PhotometricLoss = Callable[[Tensor, Tensor], Tensor]


def photometric_loss(image: Tensor, target: Tensor, dssim_weight: float) -> Tensor:
    """Of two pictures [height, width, 3] in [0, 1], in plain torch."""
    return (1 - dssim_weight) * (image - target).abs().mean() + dssim_weight * (1 - ssim(image, target))


class _Fused(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, image: Tensor, target: Tensor, kernel: Kernel, dssim_weight: float) -> Tensor:
        pictures = (image.detach().numpy(), target.detach().numpy())
        loss, gradient = kernel.photometric_loss(*pictures, dssim_weight, torch.get_num_threads())
        ctx.save_for_backward(torch.from_numpy(gradient))
        return torch.tensor(loss)

    @staticmethod
    def backward(ctx: Any, grad_loss: Tensor) -> tuple[Tensor, None, None, None]:
        (gradient,) = ctx.saved_tensors
        return gradient * grad_loss, None, None, None


def fastest_loss(device: torch.device, dssim_weight: float) -> PhotometricLoss:
    """The C++ kernel's fused loss on the CPU where the kernel is there, else plain torch; equal up to rounding."""
    if device.type == "cpu":
        with suppress(NoCompilerError):
            kernel = load()
            return lambda image, target: _Fused.apply(image, target, kernel, dssim_weight)  # type: ignore[no-untyped-call]
    return partial(photometric_loss, dssim_weight=dssim_weight)
