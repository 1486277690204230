"""The C++ projection and its gradient against the torch oracle in double precision."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from spaceport_common.kernel.library import load
from spaceport_common.kernel.structures import ModelArrays, ProjectedArrays
from spaceport_gaussian_splatting.camera import Camera
from spaceport_gaussian_splatting.gaussians import Gaussians
from spaceport_gaussian_splatting.lens import Lens
from spaceport_gaussian_splatting.projection import project
from spaceport_gaussian_splatting.rasterizers.cpu import kernel_view
from splatting_testing.synthetic_scene import HEIGHT, WIDTH, camera_at, random_gaussians

MIDDLE = [WIDTH / 2, HEIGHT / 2]
LENSES = {
    "PINHOLE": [90.0, 80.0, *MIDDLE],
    "RADIAL": [90.0, *MIDDLE, -0.2, 0.05],
    "OPENCV": [90.0, 80.0, *MIDDLE, 0.1, -0.02, 0.01, -0.02],
    "FULL_OPENCV": [90.0, 80.0, *MIDDLE, 0.1, -0.02, 0.01, 0.02, 0.03, 0.05, 0.01, -0.01],
    "OPENCV_FISHEYE": [60.0, 50.0, *MIDDLE, 0.05, -0.01, 0.02, 0.003],
}
THREADS = 3


def camera_with(lens: str) -> Camera:
    return replace(camera_at(0.3, -0.2), lens=Lens.from_colmap(lens, LENSES[lens]))


def projected(model: Gaussians, camera: Camera, sh_degree: int) -> tuple[ModelArrays, ProjectedArrays]:
    arrays = ModelArrays.of([tensor.numpy() for tensor in model.tensors().values()])
    return arrays, load().project(arrays, kernel_view(camera), sh_degree, THREADS)


@pytest.mark.parametrize(("lens", "sh_degree"), list(zip(LENSES, (0, 1, 2, 3, 1), strict=True)))
def test_the_kernel_projects_and_has_gradients_as_the_oracle(lens: str, sh_degree: int) -> None:
    """Places to 1e-3 pixels, all else to 1e-4 of its size, gradients to 1e-4 of each tensor's length."""
    camera, model = camera_with(lens), random_gaussians(2500, 3, seed=4)
    model.means[::9, 2] = -5  # behind the camera
    leaves = {name: tensor.double().requires_grad_() for name, tensor in model.tensors().items()}
    expected = project(Gaussians(**leaves), camera, sh_degree)
    arrays, seen = projected(model, camera, sh_degree)

    assert 1500 < len(seen.rows) < 2500
    np.testing.assert_array_equal(seen.rows, expected.rows.numpy())
    np.testing.assert_allclose(seen.xy, expected.xy.detach().numpy(), atol=1e-3)
    for name in ("conic", "opacity", "color", "depth"):
        found, wanted = getattr(seen, name), getattr(expected, name).detach().numpy()
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-4 * np.abs(wanted).max(), err_msg=name)

    weights = torch.linspace(-1, 1, 9 * len(seen.rows), dtype=torch.float64).reshape(-1, 9).mul(50).sin()
    looks = torch.cat([expected.xy, expected.conic, expected.opacity.unsqueeze(1), expected.color], dim=1)
    torch.autograd.backward((looks * weights).sum())
    gradient = load().project_back(arrays, kernel_view(camera), sh_degree, THREADS, seen, weights.float().numpy())
    for (name, leaf), found in zip(leaves.items(), gradient.arrays, strict=True):
        wanted = np.zeros_like(found) if leaf.grad is None else leaf.grad.numpy()
        assert np.linalg.norm(found - wanted) <= 1e-4 * np.linalg.norm(wanted), name


def test_results_do_not_depend_on_the_number_of_threads() -> None:
    camera, model = camera_with("OPENCV"), random_gaussians(5000, 1, seed=9)
    arrays, seen = projected(model, camera, 1)
    looks = np.random.default_rng(0).standard_normal((len(seen.rows), 9), np.float32)
    one, some = (load().project_back(arrays, kernel_view(camera), 1, threads, seen, looks) for threads in (1, 4))
    for first, second in zip(one.arrays, some.arrays, strict=True):
        np.testing.assert_array_equal(first, second)


def test_broken_gaussians_and_those_out_of_sight_are_left_out() -> None:
    model = random_gaussians(40, 1, seed=3)
    model.means[:, :2] *= 0.3
    model.means[0, 1] = torch.nan
    model.log_scales[17, 2] = torch.nan
    model.means[20, 2] = -10
    model.means[39, 0] = 1e6
    _, seen = projected(model, camera_at(0, 0), 1)
    assert seen.rows.tolist() == [row for row in range(40) if row not in (0, 17, 20, 39)]
    arrays, nothing = projected(model.select(torch.tensor([0, 20])), camera_at(0, 0), 1)
    gradient = load().project_back(arrays, kernel_view(camera_at(0, 0)), 1, 2, nothing, np.zeros((0, 9), np.float32))
    assert all((array == 0).all() for array in gradient.arrays)
