"""The standard 3DGS PLY: binary little-endian floats, columns and order as the Inria code writes them."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from spaceport_common.whole_file import whole_file

from .gaussians import Gaussians


class PlyFormatError(ValueError):
    """The file is not a 3DGS PLY as this module writes it."""


HARMONICS = 15  # coefficients a channel, of degree 3
COLUMNS = [
    *("x", "y", "z", "nx", "ny", "nz"),
    *(f"f_dc_{i}" for i in range(3)),
    *(f"f_rest_{i}" for i in range(3 * HARMONICS)),
    "opacity",
    *(f"scale_{i}" for i in range(3)),
    *(f"rot_{i}" for i in range(4)),
]


def write_ply(path: Path, gaussians: Gaussians) -> None:
    """Writes all Gaussians; normals are 0, f_rest is channel-major, opacities and scales stay logits and logarithms.

    Harmonics of lower degree are filled up with zeros to degree 3, since many readers take no others (or read them
    wrongly: scier/MetalSplatter #69, mkkellogg/GaussianSplats3D #375).
    """
    count = len(gaussians)
    model = gaussians.to(torch.device("cpu"))
    rotations = torch.nn.functional.normalize(model.quaternions, dim=1)
    rest = torch.zeros(count, 3, HARMONICS)
    rest[:, :, : model.rest_colors.shape[1]] = model.rest_colors.transpose(1, 2)
    columns = [
        *(model.means, torch.zeros(count, 3), model.base_colors, rest.reshape(count, -1)),
        *(model.opacity_logits.unsqueeze(1), model.log_scales, rotations),
    ]
    table = torch.cat(columns, dim=1).numpy().astype("<f4")
    with whole_file(path) as file:
        file.write(_header(count))
        file.write(table.tobytes())


def read_ply(path: Path) -> Gaussians:
    """Reads what `write_ply` wrote, without degrees of harmonics that are zero throughout. Raises PlyFormatError."""
    header, end, body = path.read_bytes().partition(b"end_header\n")
    count = len(body) // (4 * len(COLUMNS))
    if header + end != _header(count) or len(body) != 4 * count * len(COLUMNS):
        raise PlyFormatError(f"{path.name}: not the header, the columns or the length of a 3DGS PLY")
    return _from_table(np.frombuffer(body, "<f4").reshape(count, len(COLUMNS)).astype(np.float32))


def _header(count: int) -> bytes:
    properties = "".join(f"property float {name}\n" for name in COLUMNS)
    return f"ply\nformat binary_little_endian 1.0\nelement vertex {count}\n{properties}end_header\n".encode("ascii")


def _from_table(table: NDArray[np.float32]) -> Gaussians:
    values = torch.from_numpy(table)
    opacity = 9 + 3 * HARMONICS
    rest = values[:, 9:opacity].reshape(len(table), 3, HARMONICS).transpose(1, 2)
    used = next(count for count in (0, 3, 8, HARMONICS) if not bool(rest[:, count:].any()))
    return Gaussians(
        means=values[:, 0:3].clone(),
        log_scales=values[:, opacity + 1 : opacity + 4].clone(),
        quaternions=values[:, opacity + 4 : opacity + 8].clone(),
        opacity_logits=values[:, opacity].clone(),
        base_colors=values[:, 6:9].clone(),
        rest_colors=rest[:, :used].clone(),
    )
