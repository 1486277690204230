"""The standard 3DGS PLY: binary little-endian floats, columns and order as the Inria code writes them."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from spaceport_common.whole_file import whole_file

from .gaussians import Gaussians


class PlyFormatError(ValueError):
    """The file is not a 3DGS PLY as this module writes it."""


def column_names(sh_degree: int) -> list[str]:
    """x y z nx ny nz f_dc_0..2 f_rest_* opacity scale_0..2 rot_0..3: 62 columns at degree 3."""
    rest = 3 * ((sh_degree + 1) ** 2 - 1)
    return [
        *("x", "y", "z", "nx", "ny", "nz"),
        *(f"f_dc_{i}" for i in range(3)),
        *(f"f_rest_{i}" for i in range(rest)),
        "opacity",
        *(f"scale_{i}" for i in range(3)),
        *(f"rot_{i}" for i in range(4)),
    ]


def write_ply(path: Path, gaussians: Gaussians) -> None:
    """Writes all Gaussians; normals are 0, f_rest is channel-major, opacities and scales stay logits and logarithms."""
    count = len(gaussians)
    model = gaussians.to(torch.device("cpu"))
    rotations = torch.nn.functional.normalize(model.quaternions, dim=1)
    rest = model.rest_colors.transpose(1, 2).reshape(count, -1)
    columns = [
        *(model.means, torch.zeros(count, 3), model.base_colors, rest),
        *(model.opacity_logits.unsqueeze(1), model.log_scales, rotations),
    ]
    table = torch.cat(columns, dim=1).numpy().astype("<f4")
    with whole_file(path) as file:
        file.write(_header(count, gaussians.sh_degree))
        file.write(table.tobytes())


def read_ply(path: Path) -> Gaussians:
    """Reads what `write_ply` wrote. Raises PlyFormatError."""
    header, end, body = path.read_bytes().partition(b"end_header\n")
    for degree in range(4):
        columns = len(column_names(degree))
        count = len(body) // (4 * columns)
        if header + end == _header(count, degree) and len(body) == 4 * count * columns:
            return _from_table(np.frombuffer(body, "<f4").reshape(count, columns).astype(np.float32), degree)
    raise PlyFormatError(f"{path.name}: not the header, the columns or the length of a 3DGS PLY")


def _header(count: int, sh_degree: int) -> bytes:
    properties = "".join(f"property float {name}\n" for name in column_names(sh_degree))
    return f"ply\nformat binary_little_endian 1.0\nelement vertex {count}\n{properties}end_header\n".encode("ascii")


def _from_table(table: NDArray[np.float32], degree: int) -> Gaussians:
    values = torch.from_numpy(table)
    rest = (degree + 1) ** 2 - 1
    opacity = 9 + 3 * rest
    return Gaussians(
        means=values[:, 0:3].clone(),
        log_scales=values[:, opacity + 1 : opacity + 4].clone(),
        quaternions=values[:, opacity + 4 : opacity + 8].clone(),
        opacity_logits=values[:, opacity].clone(),
        base_colors=values[:, 6:9].clone(),
        rest_colors=values[:, 9:opacity].reshape(len(table), 3, rest).transpose(1, 2).clone(),
    )
