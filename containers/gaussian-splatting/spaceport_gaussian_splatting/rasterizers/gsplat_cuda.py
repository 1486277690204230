"""Draws with gsplat on CUDA: distortion by the unscented transform, evaluation along rays (3DGUT)."""

from typing import Literal

import torch
from gsplat.rendering import rasterization
from torch import Tensor

from ..camera import Camera
from ..gaussians import Gaussians
from ..lens import Lens
from .protocol import RenderInfo

FAR_PLANE = 1e10


class GsplatRasterizer:
    """See Rasterizer. Its formulation is not the viewers'; metrics are measured with an "ewa" rasteriser."""

    formulation: Literal["eval3d"] = "eval3d"
    name = "gsplat"

    def __init__(self, device: torch.device) -> None:
        self.device = device

    def render(
        self, gaussians: Gaussians, camera: Camera, width: int, height: int, sh_degree: int
    ) -> tuple[Tensor, RenderInfo]:
        """See Rasterizer.render."""
        view = camera.resized(width, height)
        rotation, translation = view.pose(gaussians.means)
        pose = torch.eye(4, device=self.device)
        pose[:3, :3], pose[:3, 3] = rotation, translation
        lens = view.lens
        intrinsics = torch.tensor([[lens.fx, 0.0, lens.cx], [0.0, lens.fy, lens.cy], [0.0, 0.0, 1.0]])
        radial, tangential = _coefficients(lens)
        image, _, info = rasterization(
            means=gaussians.means,
            quats=gaussians.quaternions,  # normalised inside
            scales=gaussians.log_scales.exp(),
            opacities=torch.sigmoid(gaussians.opacity_logits),
            colors=torch.cat([gaussians.base_colors.unsqueeze(1), gaussians.rest_colors], dim=1),
            viewmats=pose.unsqueeze(0),
            Ks=intrinsics.to(self.device).unsqueeze(0),
            width=width,
            height=height,
            near_plane=view.near,
            far_plane=FAR_PLANE,
            sh_degree=sh_degree,
            packed=False,
            rasterize_mode="classic",
            camera_model="fisheye" if lens.fisheye else "pinhole",
            radial_coeffs=radial.to(self.device),
            tangential_coeffs=None if tangential is None else tangential.to(self.device),
            with_ut=True,
            with_eval3d=True,
        )
        rows = torch.nonzero((info["radii"][0] > 0).all(dim=-1)).squeeze(1)
        return image[0], RenderInfo(rows, int(info["flatten_ids"].numel()))


def _coefficients(lens: Lens) -> tuple[Tensor, Tensor | None]:
    """radial_coeffs [1, 6] (k1..k3 over k4..k6), or [1, 4] for fisheye, and tangential_coeffs [1, 2]."""
    if lens.fisheye:
        return torch.tensor([lens.radial]), None
    above = (*lens.radial, 0.0, 0.0, 0.0)[:3]
    below = (*lens.rational, 0.0, 0.0, 0.0)[:3]
    return torch.tensor([above + below]), torch.tensor([lens.tangential])
