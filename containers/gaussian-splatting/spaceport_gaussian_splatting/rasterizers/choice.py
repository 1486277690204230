"""Picks the rasteriser of a run."""

import numpy as np
import torch
from spaceport_common.errors import StageError
from spaceport_common.kernel.build import NoCompilerError
from spaceport_common.kernel.library import load

from ..camera import Camera
from ..gaussians import Gaussians
from ..lens import Lens
from .cpu import CpuRasterizer
from .protocol import Rasterizer
from .torch_tiles import TorchRasterizer

CPU = torch.device("cpu")


class NoGsplatError(Exception):
    """gsplat cannot draw on this machine; the message says why, in one line."""


def training_rasterizer(wanted: str) -> Rasterizer:
    """`auto`: gsplat where it draws on a CUDA card, else the C++ kernel, else torch; other names mean just that.

    `auto` prints one warning for each choice that it has to pass over. Raises StageError `SETTINGS_INVALID` where the
    one asked for by name cannot run here.
    """
    try:
        if wanted == "gsplat":
            return _gsplat()
        if wanted == "cpu":
            return CpuRasterizer(load())
    except (NoGsplatError, NoCompilerError) as error:
        raise StageError("SETTINGS_INVALID", f"rasterizer: `{wanted}` cannot run here: {error}") from error
    if wanted == "auto" and torch.cuda.is_available():
        try:
            return _gsplat()
        except NoGsplatError as error:
            print(f"WARNING: training on the CPU, although there is a CUDA card: {error}", flush=True)
    return TorchRasterizer(CPU) if wanted == "torch" else _cpu_or_torch()


def _cpu_or_torch() -> Rasterizer:
    try:
        return CpuRasterizer(load())
    except NoCompilerError as error:
        print(f"WARNING: drawing with plain torch, about ten times slower than the C++ kernel: {error}", flush=True)
        return TorchRasterizer(CPU)


def _gsplat() -> Rasterizer:
    """gsplat, after it has drawn. Raises NoGsplatError.

    gsplat and CUDA say only by drawing whether there is a compiled kernel, one for this card's architecture, and a
    driver that is new enough; each of them fails with errors of its own.
    """
    if not torch.cuda.is_available():
        raise NoGsplatError("gsplat needs a CUDA card, and this machine has none that PyTorch can use")
    try:
        from .gsplat_cuda import GsplatRasterizer  # compiled against CUDA: not importable elsewhere

        rasterizer = GsplatRasterizer(torch.device("cuda"))
        draw_one(rasterizer)
    except Exception as error:
        reason = " ".join(str(error).split())[:200]
        raise NoGsplatError(f"gsplat does not run here ({type(error).__name__}: {reason})") from error
    return rasterizer


def draw_one(rasterizer: Rasterizer) -> None:
    """Draws one Gaussian forth and back. Raises whatever keeps it from being drawn."""
    camera = Camera("probe", 16, 16, Lens.from_colmap("SIMPLE_PINHOLE", [16, 8, 8]), np.eye(3), np.zeros(3), 0.01)
    model = Gaussians(
        means=torch.tensor([[0.0, 0.0, 1.0]]),
        log_scales=torch.full((1, 3), -2.0),
        quaternions=torch.tensor([[1.0, 0.0, 0.0, 0.0]]),
        opacity_logits=torch.full((1,), 2.0),
        base_colors=torch.ones(1, 3),
        rest_colors=torch.zeros(1, 0, 3),
    ).to(rasterizer.device)
    model.means.requires_grad_()
    image, _ = rasterizer.render(model, camera, camera.width, camera.height, 0)
    torch.autograd.backward(image.sum())
    if not bool(image.max() > 0):
        raise RuntimeError("it draws nothing")
