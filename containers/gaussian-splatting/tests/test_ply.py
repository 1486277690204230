from pathlib import Path

import pytest
import torch
from spaceport_gaussian_splatting.cropping import delivered_rows
from spaceport_gaussian_splatting.ply import PlyFormatError, column_names, read_ply, write_ply
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


def test_degree_3_has_the_62_standard_columns_with_channel_major_harmonics(tmp_path: Path) -> None:
    assert len(column_names(3)) == 62
    model = random_gaussians(1, 3, seed=0)
    write_ply(tmp_path / "model.ply", model)
    values = torch.frombuffer(bytearray((tmp_path / "model.ply").read_bytes()[-62 * 4 :]), dtype=torch.float32)
    torch.testing.assert_close(values[9:24], model.rest_colors[0, :, 0])  # f_rest_0..14: red
    torch.testing.assert_close(values[24:39], model.rest_colors[0, :, 1])  # then green


def test_a_truncated_ply_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.ply"
    write_ply(path, random_gaussians(3, 1, seed=0))
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(PlyFormatError):
        read_ply(path)


def test_strays_and_broken_gaussians_are_not_delivered() -> None:
    model = random_gaussians(200, 0, seed=0)
    model.means /= 10
    model.means[0, 0] = float("nan")
    model.means[1] = 250.0
    model.opacity_logits[2] = -20.0
    kept = delivered_rows(model, CroppingTuning())
    assert kept.tolist() == [False, False, False] + [True] * 197
