"""Colours by real spherical harmonics up to degree 3."""

import torch
from spaceport_common.spherical_harmonics import C0, harmonics
from torch import Tensor


def base_from_rgb(rgb: Tensor) -> Tensor:
    """Constant coefficient of a colour in [0, 1]."""
    return (rgb - 0.5) / C0


def basis(directions: Tensor, degree: int) -> Tensor:
    """Values[N, (degree + 1)^2 - 1] of the harmonics above the constant one, for unit directions[N, 3], degree >= 1."""
    x, y, z = directions.unbind(1)
    return torch.stack(harmonics(x, y, z, degree), dim=1)


def colors(base: Tensor, rest: Tensor, directions: Tensor, degree: int) -> Tensor:
    """RGB[N, 3], not below 0, of base[N, 3] and rest[N, K - 1, 3] seen along unit directions[N, 3], up to `degree`."""
    rgb = C0 * base + 0.5
    if degree > 0:
        count = (degree + 1) ** 2 - 1
        rgb = rgb + (basis(directions, degree).unsqueeze(2) * rest[:, :count]).sum(dim=1)
    return rgb.clamp_min(0.0)
