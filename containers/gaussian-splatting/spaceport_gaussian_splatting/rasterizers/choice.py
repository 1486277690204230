"""Picks the rasterisers of a run: one to train with, one to measure with."""

import torch
from spaceport_common.errors import StageError
from spaceport_common.kernel.build import NoCompilerError
from spaceport_common.kernel.library import load

from .cpu import CpuRasterizer
from .protocol import Rasterizer
from .torch_tiles import TorchRasterizer


def training_rasterizer(wanted: str) -> Rasterizer:
    """`auto`: gsplat where there is CUDA, else the C++ kernel, else torch with a warning; other names mean just that.

    Raises StageError `SETTINGS_INVALID` where the one asked for by name cannot run here.
    """
    if wanted == "gsplat" or (wanted == "auto" and torch.cuda.is_available()):
        return _gsplat()
    if wanted == "cpu":
        try:
            return CpuRasterizer(load())
        except NoCompilerError as error:
            raise StageError("SETTINGS_INVALID", f"rasterizer: `cpu` cannot run here: {error}") from error
    if wanted == "torch":
        return TorchRasterizer(torch.device("cpu"))
    return _cpu_or_torch()


def viewer_rasterizer(training: Rasterizer) -> Rasterizer:
    """Draws what a web viewer shows (EWA): the training one where it does, else the C++ kernel or torch."""
    return training if training.formulation == "ewa" else _cpu_or_torch()


def _cpu_or_torch() -> Rasterizer:
    try:
        return CpuRasterizer(load())
    except NoCompilerError as error:
        print(f"WARNING: drawing with plain torch, about ten times slower than the C++ kernel: {error}", flush=True)
        return TorchRasterizer(torch.device("cuda" if torch.cuda.is_available() else "cpu"))


def _gsplat() -> Rasterizer:
    if not torch.cuda.is_available():
        raise StageError("SETTINGS_INVALID", "rasterizer: `gsplat` needs a CUDA GPU and this machine has none")
    from .gsplat_cuda import GsplatRasterizer  # compiled against CUDA: not importable elsewhere

    return GsplatRasterizer(torch.device("cuda"))
