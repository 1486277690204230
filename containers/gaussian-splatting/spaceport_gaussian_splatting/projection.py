"""Projects 3D Gaussians to 2D ones (EWA splatting), through the lens's distortion, with exact gradients by autograd.

Sigma' = J W Sigma W^T J^T + 0.3 px^2 (Zwicker et al. 2001, eq. 31; Kerbl et al. 2023, eq. 5), where J is the
Jacobian of the whole camera model, distortion included, at the Gaussian's centre. This is the image that web viewers
draw.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from . import spherical_harmonics
from .camera import Camera
from .gaussians import Gaussians

DILATION_PX2 = 0.3
MIN_ALPHA = 1 / 255  # what is fainter is not drawn
REACH_SIGMAS = 3.34  # exp(-s^2 / 2) = 1/255 at s = 3.33: farther out nothing is drawn
REACH_MARGIN = 1.5  # the Jacobian differs from the quick estimate's


@dataclass
class Projected:
    """M visible Gaussians in the picture.

    rows: int64[M], their rows in the model. xy: [M, 2], pixels. conic: [M, 3], inverse covariance xx, xy, yy.
    depth: [M], along the optical axis. opacity: [M]. color: [M, 3].
    """

    rows: Tensor
    xy: Tensor
    conic: Tensor
    depth: Tensor
    opacity: Tensor
    color: Tensor


def project(gaussians: Gaussians, camera: Camera, sh_degree: int) -> Projected:
    """Projects what `camera` can see; colours use harmonics up to `sh_degree`."""
    rotation, translation = camera.pose(gaussians.means)
    rows = visible_rows(gaussians, camera)
    seen = gaussians.select(rows)

    x_camera, y_camera, z = (seen.means @ rotation.T + translation).unbind(1)
    lens = camera.lens
    x, y = x_camera / z, y_camera / z
    xd, yd, xx, xy, yy = lens.distort(x, y)
    centre = torch.stack([lens.fx * xd + lens.cx, lens.fy * yd + lens.cy], dim=1)

    jacobian_u = torch.stack([xx, xy, -(xx * x + xy * y)], dim=1) * (lens.fx / z).unsqueeze(1)
    jacobian_v = torch.stack([xy, yy, -(xy * x + yy * y)], dim=1) * (lens.fy / z).unsqueeze(1)
    axes = scaled_axes(seen)
    u = ((jacobian_u @ rotation).unsqueeze(2) * axes).sum(dim=1)  # rows of J W R S, [M, 3]
    v = ((jacobian_v @ rotation).unsqueeze(2) * axes).sum(dim=1)
    cov_uu, cov_uv, cov_vv = (u * u).sum(1) + DILATION_PX2, (u * v).sum(1), (v * v).sum(1) + DILATION_PX2
    determinant = cov_uu * cov_vv - cov_uv * cov_uv
    conic = torch.stack([cov_vv, -cov_uv, cov_uu], dim=1) / determinant.unsqueeze(1)

    directions = torch.nn.functional.normalize(seen.means + translation @ rotation, dim=1)
    color = spherical_harmonics.colors(seen.base_colors, seen.rest_colors, directions, sh_degree)
    return Projected(rows, centre, conic, z, torch.sigmoid(seen.opacity_logits), color)


@torch.no_grad()
def visible_rows(gaussians: Gaussians, camera: Camera) -> Tensor:
    """Rows of Gaussians in front of the camera that may reach into the picture; a cautious estimate."""
    rotation, translation = camera.pose(gaussians.means)
    x_camera, y_camera, z = (gaussians.means @ rotation.T + translation).unbind(1)
    lens = camera.lens
    front = z > camera.near
    safe = torch.where(front, z, torch.ones_like(z))
    x, y = x_camera / safe, y_camera / safe
    inside = front & (x * x + y * y < camera.radius_limit**2)
    xd, yd, *_ = lens.distort(x, y)
    slant = torch.sqrt(1 + x * x + y * y)
    sigma = gaussians.log_scales.amax(dim=1).exp() / safe * slant * max(lens.fx, lens.fy)
    reach = REACH_SIGMAS * (REACH_MARGIN * sigma + 1)
    u, v = lens.fx * xd + lens.cx, lens.fy * yd + lens.cy
    inside &= (u > -reach) & (u < camera.width + reach) & (v > -reach) & (v < camera.height + reach)
    return torch.nonzero(inside).squeeze(1)


@torch.no_grad()
def half_sizes(seen: Projected) -> Tensor:
    """[M, 2], pixels: half width and height of the box around alpha >= MIN_ALPHA, with a margin of one; else 0."""
    xx, xy, yy = seen.conic.unbind(1)
    reach = 2 * torch.log(seen.opacity.clamp_min(MIN_ALPHA) / MIN_ALPHA)
    determinant = xx * yy - xy * xy
    halves = torch.sqrt(reach.unsqueeze(1) * torch.stack([yy, xx], dim=1) / determinant.unsqueeze(1)) + 1
    return torch.where((seen.opacity < MIN_ALPHA).unsqueeze(1), torch.zeros_like(halves), halves)


def scaled_axes(gaussians: Gaussians) -> Tensor:
    """R S, [N, 3, 3]: its columns are the half axes in the world; Sigma = R S (R S)^T."""
    w, x, y, z = torch.nn.functional.normalize(gaussians.quaternions, dim=1).unbind(1)
    rotation = torch.stack(
        [
            1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
            2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
            2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
        ],
        dim=1,
    )  # fmt: skip
    return rotation.view(-1, 3, 3) * gaussians.log_scales.exp().unsqueeze(1)
