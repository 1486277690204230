"""The photometric loss of 3DGS: (1 - w) L1 + w (1 - SSIM); the paper's w is 0.2 (Kerbl et al. 2023, eq. 7)."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
import torch
from spaceport_common.kernel.build import NoCompilerError
from spaceport_common.kernel.library import Kernel, load
from torch import Tensor

from .exposure import Exposure
from .image_metrics import ssim
from .photos import Photo

PhotometricLoss = Callable[[Tensor, Photo, Exposure | None], Tensor]


def photometric_loss(image: Tensor, photo: Photo, exposure: Exposure | None, dssim_weight: float) -> Tensor:
    """Of a picture [height, width, 3] in [0, 1] as the photo exposed it, against the photo, in plain torch."""
    shown = image if exposure is None else exposure.applied(image)
    target = photo.target_for(shown)
    return (1 - dssim_weight) * (shown - target).abs().mean() + dssim_weight * (1 - ssim(shown, target))


class _Fused(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, image: Tensor, gain: Tensor, offset: Tensor, photo: Photo, kernel: Kernel, dssim_weight: float
    ) -> Tensor:
        exposure = np.stack([gain.detach().numpy(), offset.detach().numpy()])
        visible = None if photo.visible is None else photo.visible.numpy().view(np.uint8)
        loss, gradient, exposure_gradient = kernel.photometric_loss(
            image.detach().numpy(), photo.pixels.numpy(), visible, exposure, dssim_weight, torch.get_num_threads()
        )
        ctx.save_for_backward(torch.from_numpy(gradient), torch.from_numpy(exposure_gradient))
        return torch.tensor(loss)

    @staticmethod
    def backward(ctx: Any, grad_loss: Tensor) -> tuple[Tensor | None, ...]:
        gradient, exposure_gradient = ctx.saved_tensors
        gain, offset = exposure_gradient * grad_loss
        return gradient * grad_loss, gain, offset, None, None, None


def fastest_loss(device: torch.device, dssim_weight: float) -> PhotometricLoss:
    """The C++ kernel's fused loss on the CPU where the kernel is there, else plain torch; equal up to rounding."""
    if device.type == "cpu":
        with suppress(NoCompilerError):
            return partial(_fused, load(), dssim_weight)
    return partial(photometric_loss, dssim_weight=dssim_weight)


def _fused(kernel: Kernel, dssim_weight: float, image: Tensor, photo: Photo, exposure: Exposure | None) -> Tensor:
    gain, offset = (torch.ones(3), torch.zeros(3)) if exposure is None else (exposure.gain, exposure.offset)
    loss: Tensor = _Fused.apply(image, gain, offset, photo, kernel, dssim_weight)  # type: ignore[no-untyped-call]
    return loss
