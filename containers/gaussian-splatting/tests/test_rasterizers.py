"""The C++ kernel and gsplat against the torch oracle, and the oracle against finite differences."""

from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch
from spaceport_common.kernel.build import levels, library_path
from spaceport_common.kernel.library import Kernel, load
from spaceport_gaussian_splatting.camera import Camera
from spaceport_gaussian_splatting.gaussians import Gaussians
from spaceport_gaussian_splatting.lens import Lens
from spaceport_gaussian_splatting.rasterizers.choice import training_rasterizer
from spaceport_gaussian_splatting.rasterizers.cpu import CpuRasterizer
from spaceport_gaussian_splatting.rasterizers.protocol import Rasterizer
from spaceport_gaussian_splatting.rasterizers.torch_tiles import TorchRasterizer
from splatting_testing.synthetic_scene import HEIGHT, WIDTH, camera_at, random_gaussians
from torch import Tensor

CPU = torch.device("cpu")


def image_and_gradients(rasterizer: Rasterizer, model: Gaussians, camera: Camera) -> tuple[Tensor, dict[str, Tensor]]:
    leaves = {name: tensor.clone().requires_grad_() for name, tensor in model.to(rasterizer.device).tensors().items()}
    image, _ = rasterizer.render(Gaussians(**leaves), camera, WIDTH, HEIGHT, model.sh_degree)
    weights = torch.linspace(-1, 1, image.numel()).reshape(image.shape).sin()
    torch.autograd.backward((image.cpu() * weights).sum())
    return image.detach().cpu(), {
        name: leaf.grad.cpu() if leaf.grad is not None else torch.zeros_like(model.tensors()[name])
        for name, leaf in leaves.items()
    }


@pytest.fixture(params=["cpu", "gsplat"])
def rasterizer(request: pytest.FixtureRequest) -> Rasterizer:
    """Each rasteriser that trains. gsplat is not among our packages and needs a card."""
    if request.param == "gsplat" and not torch.cuda.is_available():
        pytest.skip("gsplat needs a CUDA card")
    return training_rasterizer(request.param)


def edge_cases() -> Gaussians:
    """Behind the camera, at its centre, larger than the picture, opaque, invisible, thin as a needle."""
    model = random_gaussians(6, 3, seed=5)
    model.means[0] = torch.tensor([0.0, 0.0, -5.0])
    model.means[1] = torch.zeros(3)
    model.log_scales[2] = 2.0
    model.opacity_logits[3] = 12.0
    model.opacity_logits[4] = -12.0
    model.log_scales[5] = torch.tensor([1.0, -6.0, -6.0])
    return model


@pytest.mark.parametrize("case", ["few", "many layers", "edge cases", "none"])
def test_rasterizers_draw_what_the_oracle_draws_and_have_its_gradients(rasterizer: Rasterizer, case: str) -> None:
    models = {
        "few": random_gaussians(300, 3, seed=1),
        "many layers": random_gaussians(4000, 1, seed=2),
        "edge cases": edge_cases(),
        "none": random_gaussians(1, 1, seed=1).select(torch.zeros(1, dtype=torch.bool)),
    }
    model = models[case]
    camera = camera_at(0.3, -0.2)

    if rasterizer.name == "gsplat":
        model.opacity_logits.clamp_max_(4.5)  # below 0.99, where its opaque differs from ours

    assert_like_the_oracle(rasterizer, model, camera)


@pytest.mark.parametrize("lens", ["SIMPLE_RADIAL", "FULL_OPENCV", "OPENCV_FISHEYE"])
def test_rasterizers_draw_through_bent_lenses_as_the_oracle_does(rasterizer: Rasterizer, lens: str) -> None:
    middle = [WIDTH / 2, HEIGHT / 2]
    params = {
        "SIMPLE_RADIAL": [90.0, *middle, -0.2],
        "FULL_OPENCV": [90.0, 90.0, *middle, 0.1, -0.02, 0.001, 0.002, 0.01, 0.05, 0.01, 0.0],
        "OPENCV_FISHEYE": [60.0, 60.0, *middle, 0.05, -0.01, 0.002, 0.0],
    }[lens]
    camera = replace(camera_at(0.2, 0.1), lens=Lens.from_colmap(lens, params))
    assert_like_the_oracle(rasterizer, random_gaussians(500, 1, seed=6), camera)


def assert_like_the_oracle(rasterizer: Rasterizer, model: Gaussians, camera: Camera) -> None:
    """Pictures equal to 1e-4; the gradient of each tensor to 1e-3 of its length."""
    image, gradients = image_and_gradients(rasterizer, model, camera)
    expected, expected_gradients = image_and_gradients(TorchRasterizer(CPU), model, camera)
    assert torch.isfinite(image).all()
    torch.testing.assert_close(image, expected, atol=1e-4, rtol=0)
    for name, gradient in gradients.items():
        error = torch.linalg.vector_norm(gradient - expected_gradients[name])
        assert error <= 1e-3 * torch.linalg.vector_norm(expected_gradients[name]) + 1e-9, name


def test_every_instruction_set_level_of_this_machine_draws_the_same(kernel_dir: Path) -> None:
    best = load().level
    names = list(levels())[: list(levels()).index(best) + 1]
    model, camera = random_gaussians(1000, 1, seed=4), camera_at(0, 0)
    results = [
        image_and_gradients(CpuRasterizer(Kernel(library_path(kernel_dir, name), name)), model, camera)
        for name in names
    ]
    for image, gradients in results[1:]:
        torch.testing.assert_close(image, results[0][0], atol=1e-4, rtol=0)
        for name, gradient in gradients.items():
            torch.testing.assert_close(gradient, results[0][1][name], atol=1e-3, rtol=1e-3)


def test_the_result_does_not_depend_on_the_number_of_threads() -> None:
    model, camera = random_gaussians(1000, 1, seed=4), camera_at(0, 0)
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        alone = image_and_gradients(CpuRasterizer(load()), model, camera)
        torch.set_num_threads(4)
        together = image_and_gradients(CpuRasterizer(load()), model, camera)
    finally:
        torch.set_num_threads(threads)
    assert torch.equal(alone[0], together[0])
    for name, gradient in alone[1].items():
        torch.testing.assert_close(gradient, together[1][name], atol=1e-5, rtol=1e-5)


def test_the_oracles_gradients_are_those_of_finite_differences_in_double() -> None:
    model = random_gaussians(3, 1, seed=8, dtype=torch.float64)
    model.means[:, :2] *= 0.1
    camera = camera_at(0, 0).resized(24, 16)
    rasterizer = TorchRasterizer(CPU)
    weights = torch.linspace(-1, 1, 24 * 16 * 3, dtype=torch.float64).reshape(16, 24, 3).sin()

    def drawn(*tensors: Tensor) -> Tensor:
        image, _ = rasterizer.render(Gaussians(*tensors), camera, 24, 16, 1)
        return (image * weights).sum()

    inputs = [getattr(model, field.name).requires_grad_() for field in fields(Gaussians)]
    assert torch.autograd.gradcheck(drawn, inputs, eps=1e-6, atol=1e-5, rtol=1e-3)
