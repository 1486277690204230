import numpy as np
import pycolmap
import pytest
import torch
from spaceport_gaussian_splatting.lens import Lens, UnsupportedLensError

MODELS: dict[str, list[float]] = {
    "SIMPLE_PINHOLE": [500, 320, 240],
    "PINHOLE": [500, 510, 320, 240],
    "SIMPLE_RADIAL": [500, 320, 240, 0.05],
    "RADIAL": [500, 320, 240, 0.05, -0.02],
    "OPENCV": [500, 510, 320, 240, 0.05, -0.02, 0.003, -0.004],
    "FULL_OPENCV": [500, 510, 320, 240, 0.05, -0.02, 0.003, -0.004, 0.01, 0.02, -0.01, 0.005],
    "OPENCV_FISHEYE": [500, 510, 320, 240, 0.05, -0.02, 0.01, -0.004],
}


@pytest.mark.parametrize("model", MODELS)
def test_each_camera_model_projects_as_colmap_does(model: str) -> None:
    camera = pycolmap.Camera(model=model, width=640, height=480, params=MODELS[model])
    points = np.concatenate([np.random.default_rng(0).uniform(-0.6, 0.6, (200, 2)), np.ones((200, 1))], axis=1)
    lens = Lens.from_colmap(model, MODELS[model])
    x, y, *_ = lens.distort(torch.from_numpy(points[:, 0].copy()), torch.from_numpy(points[:, 1].copy()))
    pixels = np.stack([lens.fx * x.numpy() + lens.cx, lens.fy * y.numpy() + lens.cy], axis=1)
    np.testing.assert_allclose(pixels, camera.img_from_cam(points), atol=2e-4)
    np.testing.assert_allclose(lens.unproject(pixels), points[:, :2], atol=1e-7)


@pytest.mark.parametrize("model", MODELS)
def test_each_camera_models_derivatives_are_those_of_autograd(model: str) -> None:
    lens = Lens.from_colmap(model, MODELS[model])
    x = torch.linspace(-0.6, 0.6, 41, dtype=torch.float64).requires_grad_()
    y = torch.linspace(0.5, -0.4, 41, dtype=torch.float64).requires_grad_()
    xd, yd, xx, xy, yy = lens.distort(x, y)
    dxd = torch.autograd.grad(xd.sum(), (x, y), retain_graph=True, materialize_grads=True)
    dyd = torch.autograd.grad(yd.sum(), (x, y), retain_graph=True, materialize_grads=True)
    torch.testing.assert_close(dxd, (xx, xy), atol=1e-6, rtol=1e-6)
    torch.testing.assert_close(dyd, (xy, yy), atol=1e-6, rtol=1e-6)


def test_other_camera_models_are_refused_by_name() -> None:
    with pytest.raises(UnsupportedLensError, match="FOV"):
        Lens.from_colmap("FOV", [500, 500, 320, 240, 0.9])


def test_nothing_is_projected_where_a_lens_folds_back() -> None:
    assert Lens.from_colmap("SIMPLE_RADIAL", [100, 50, 50, -0.5]).radius_limit(40, 40) <= (1 / 1.5) ** 0.5 + 0.01
