from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from spaceport_gaussian_splatting.cropping import delivered, limited_sizes
from spaceport_gaussian_splatting.gaussians import Gaussians
from spaceport_gaussian_splatting.ply import COLUMNS, PlyFormatError, read_ply, write_ply
from spaceport_gaussian_splatting.tuning import CroppingTuning
from splatting_testing.synthetic_scene import random_gaussians


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
def test_a_ply_comes_back_as_it_was_written(tmp_path: Path, degree: int) -> None:
    model = random_gaussians(7, degree, seed=degree)
    write_ply(tmp_path / "model.ply", model)
    back = read_ply(tmp_path / "model.ply")
    for name, tensor in model.tensors().items():
        expected = torch.nn.functional.normalize(tensor, dim=1) if name == "quaternions" else tensor
        torch.testing.assert_close(getattr(back, name), expected, rtol=0, atol=1e-7)


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
def test_c01_every_ply_has_the_62_standard_columns_with_channel_major_harmonics(tmp_path: Path, degree: int) -> None:
    assert len(COLUMNS) == 62 and COLUMNS[9:54] == [f"f_rest_{i}" for i in range(45)]
    model = random_gaussians(1, degree, seed=0)
    write_ply(tmp_path / "model.ply", model)
    values = torch.frombuffer(bytearray((tmp_path / "model.ply").read_bytes()[-62 * 4 :]), dtype=torch.float32)
    for channel, first in enumerate((9, 24, 39)):  # f_rest_0..14: red, then green, then blue
        used = model.rest_colors.shape[1]
        torch.testing.assert_close(values[first : first + used], model.rest_colors[0, :, channel])
        assert not values[first + used : first + 15].any()  # higher degrees are filled up with zeros


def test_a_truncated_ply_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.ply"
    write_ply(path, random_gaussians(3, 1, seed=0))
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(PlyFormatError):
        read_ply(path)


def of_size(sizes: list[float], degree: int = 0) -> Gaussians:
    """1000 small Gaussians over a box of 12 x 12 x 1, and one of each size (its largest half axis) among them."""
    model = random_gaussians(1000 + len(sizes), degree, seed=0)
    for row, size in enumerate(sizes):
        model.log_scales[row] = torch.log(torch.tensor([0.1, size, 0.2]))
    return model


def test_c02_no_half_axis_is_above_a_tenth_of_the_scene() -> None:
    model = of_size([38.0, 2.0, 1.19, 1.0])
    limited, changed = limited_sizes(model, CroppingTuning())
    extent = np.ptp(np.percentile(model.means.numpy(), [1, 99], axis=0), axis=0).max()
    assert changed == 3
    assert float(limited.log_scales.exp().max()) < 0.1 * extent
    torch.testing.assert_close(limited.log_scales[:, [0, 2]], model.log_scales[:, [0, 2]])  # the other axes
    torch.testing.assert_close(limited.log_scales[3:], model.log_scales[3:])
    torch.testing.assert_close(limited.opacity_logits, model.opacity_logits)


def test_c02_gaussians_in_one_place_have_no_extent_to_be_measured_by() -> None:
    model = random_gaussians(5, 0, seed=0)
    model.means[:] = 1.0
    assert limited_sizes(model, CroppingTuning())[1] == 0
    assert limited_sizes(model.select(torch.zeros(5, dtype=torch.bool)), CroppingTuning())[1] == 0


def test_strays_and_broken_gaussians_are_not_delivered() -> None:
    model = random_gaussians(200, 0, seed=0)
    model.means /= 10
    model.means[0, 0] = float("nan")
    model.means[1] = 250.0
    model.opacity_logits[2] = -20.0
    kept, _ = delivered(model, CroppingTuning())
    assert torch.equal(kept.means, model.means[3:])


def test_far_strays_stay_where_photos_lose_by_their_absence() -> None:
    model = random_gaussians(200, 0, seed=0)
    model.means /= 10
    model.means[:2] = torch.tensor([250.0, 0.0, 0.0])
    model.opacity_logits[2] = -20.0
    asked: list[int] = []

    def psnr_by(strays_db: float) -> Callable[[Gaussians], float]:
        def psnr(shown: Gaussians) -> float:
            asked.append(len(shown))
            return strays_db if len(shown) == 199 else 0.0

        return psnr

    assert len(delivered(model, CroppingTuning(), psnr_by(0.04))[0]) == 197
    assert len(delivered(model, CroppingTuning(), psnr_by(0.06))[0]) == 199
    assert sorted(asked) == [197, 197, 199, 199]
    delivered(model.select(torch.arange(200) >= 2), CroppingTuning(), psnr_by(0.06))
    assert len(asked) == 4  # without strays nothing is drawn
