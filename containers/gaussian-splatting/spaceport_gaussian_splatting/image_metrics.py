"""PSNR and SSIM of pictures in [0, 1], in plain torch."""

import math

import torch
from torch import Tensor
from torch.nn import functional

WINDOW = 11
SIGMA = 1.5
C1, C2 = 0.01**2, 0.03**2


def psnr(image: Tensor, target: Tensor, share: float = 1.0) -> float:
    """Peak signal-to-noise ratio in dB over all pixels and channels; the peak is 1. Equal pictures give 100.

    `share`: part of the pixels that is compared, where the two are equal by construction elsewhere.
    """
    error = float(torch.mean((image.double() - target.double()) ** 2)) / share
    return 100.0 if error <= 1e-10 else -10.0 * math.log10(error)


def color_matched(image: Tensor, target: Tensor) -> Tensor:
    """A picture [height, width, 3] after the affine change of its colours (3x4) that brings it nearest to another.

    By least squares over all pixels, clamped to [0, 1]. Where both are equal by construction the change is not: there
    the picture stays as it is.
    """
    pixels, wanted = image.reshape(-1, 3).double(), target.reshape(-1, 3).double()
    compared = (pixels != wanted).any(dim=1)
    if int(compared.sum()) <= 3:
        return image
    inputs = torch.cat([pixels, torch.ones_like(pixels[:, :1])], dim=1)
    change = torch.linalg.lstsq(inputs[compared], wanted[compared], driver="gelsd").solution
    matched = torch.where(compared.unsqueeze(1), inputs @ change, pixels).clamp(0, 1)
    return matched.reshape(image.shape).to(image.dtype)


def ssim(image: Tensor, target: Tensor) -> Tensor:
    """Mean structural similarity of [height, width, 3] pictures (Wang et al. 2004), as 3DGS measures it.

    11x11 Gaussian window of sigma 1.5, zero padding, mean over pixels and channels. Differentiable.
    """
    offsets = torch.arange(WINDOW, dtype=image.dtype, device=image.device) - WINDOW // 2
    taps = torch.exp(-0.5 * (offsets / SIGMA) ** 2)
    taps = taps / taps.sum()
    x, y = image.permute(2, 0, 1), target.permute(2, 0, 1)
    stack = torch.cat([x, y, x * x, y * y, x * y]).unsqueeze(1)
    stack = functional.conv2d(stack, taps.view(1, 1, -1, 1), padding=(WINDOW // 2, 0))
    stack = functional.conv2d(stack, taps.view(1, 1, 1, -1), padding=(0, WINDOW // 2))
    mx, my, xx, yy, xy = stack.squeeze(1).chunk(5)
    similar = (2 * mx * my + C1) * (2 * (xy - mx * my) + C2)
    different = (mx * mx + my * my + C1) * ((xx - mx * mx) + (yy - my * my) + C2)
    return (similar / different).mean()
