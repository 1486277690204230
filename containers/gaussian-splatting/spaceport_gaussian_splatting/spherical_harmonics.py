"""Real spherical harmonics up to degree 3, with 3DGS's signs and order."""

import torch
from torch import Tensor

C0 = 0.28209479177387814
C1 = 0.4886025119029199
C2 = (1.0925484305920792, -1.0925484305920792, 0.31539156525252005, -1.0925484305920792, 0.5462742152960396)
C3 = (
    -0.5900435899266435,
    2.890611442640554,
    -0.4570457994644658,
    0.3731763325901154,
    -0.4570457994644658,
    1.445305721320277,
    -0.5900435899266435,
)


def base_from_rgb(rgb: Tensor) -> Tensor:
    """Constant coefficient of a colour in [0, 1]."""
    return (rgb - 0.5) / C0


def basis(directions: Tensor, degree: int) -> Tensor:
    """Values[N, (degree + 1)^2 - 1] of the harmonics above the constant one, for unit directions[N, 3], degree >= 1."""
    x, y, z = directions.unbind(1)
    columns = [-C1 * y, C1 * z, -C1 * x]
    if degree > 1:
        xx, yy, zz, xy, yz, xz = x * x, y * y, z * z, x * y, y * z, x * z
        columns += [C2[0] * xy, C2[1] * yz, C2[2] * (2 * zz - xx - yy), C2[3] * xz, C2[4] * (xx - yy)]
        if degree > 2:
            columns += [
                C3[0] * y * (3 * xx - yy),
                C3[1] * xy * z,
                C3[2] * y * (4 * zz - xx - yy),
                C3[3] * z * (2 * zz - 3 * xx - 3 * yy),
                C3[4] * x * (4 * zz - xx - yy),
                C3[5] * z * (xx - yy),
                C3[6] * x * (xx - 3 * yy),
            ]
    return torch.stack(columns, dim=1)


def colors(base: Tensor, rest: Tensor, directions: Tensor, degree: int) -> Tensor:
    """RGB[N, 3], not below 0, of base[N, 3] and rest[N, K - 1, 3] seen along unit directions[N, 3], up to `degree`."""
    rgb = C0 * base + 0.5
    if degree > 0:
        count = (degree + 1) ** 2 - 1
        rgb = rgb + (basis(directions, degree).unsqueeze(2) * rest[:, :count]).sum(dim=1)
    return rgb.clamp_min(0.0)
