import sys

import pytest
import torch
from spaceport_common.errors import StageError
from spaceport_common.kernel.library import load
from spaceport_gaussian_splatting.camera import Camera
from spaceport_gaussian_splatting.gaussians import Gaussians
from spaceport_gaussian_splatting.rasterizers.choice import draw_one, training_rasterizer
from spaceport_gaussian_splatting.rasterizers.cpu import CpuRasterizer
from spaceport_gaussian_splatting.rasterizers.protocol import RenderInfo
from torch import Tensor


@pytest.fixture
def cuda_card(monkeypatch: pytest.MonkeyPatch) -> None:
    """What PyTorch says on a machine with an NVIDIA card and its driver, where gsplat is not installed."""
    monkeypatch.setitem(sys.modules, "gsplat", None)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)


@pytest.mark.usefixtures("cuda_card")
def test_t01_a_card_that_gsplat_cannot_draw_on_is_left_alone_with_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    rasterizer = training_rasterizer("auto")
    assert rasterizer.name.startswith("cpu")
    assert rasterizer.device == torch.device("cpu")
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("WARNING: training on the CPU, although there is a CUDA card: ")


@pytest.mark.usefixtures("cuda_card")
def test_t01_gsplat_asked_for_by_name_is_refused_where_it_cannot_draw() -> None:
    with pytest.raises(StageError, match=r"^SETTINGS_INVALID: rasterizer: `gsplat` cannot run here: "):
        training_rasterizer("gsplat")


def test_t01_gsplat_asked_for_by_name_is_refused_without_a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(StageError, match=r"SETTINGS_INVALID.*needs a CUDA card"):
        training_rasterizer("gsplat")


class _Black(CpuRasterizer):
    """A rasteriser that fails without saying so."""

    def render(
        self, gaussians: Gaussians, camera: Camera, width: int, height: int, sh_degree: int
    ) -> tuple[Tensor, RenderInfo]:
        image, info = super().render(gaussians, camera, width, height, sh_degree)
        return image * 0, info


def test_t01_the_trial_passes_what_draws_and_not_what_stays_black() -> None:
    draw_one(CpuRasterizer(load()))
    with pytest.raises(RuntimeError, match="draws nothing"):
        draw_one(_Black(load()))
