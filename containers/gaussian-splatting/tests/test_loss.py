from functools import partial

import pytest
import torch
from spaceport_gaussian_splatting.exposure import Exposure
from spaceport_gaussian_splatting.image_metrics import psnr, ssim
from spaceport_gaussian_splatting.loss import fastest_loss, photometric_loss
from spaceport_gaussian_splatting.photos import Photo
from splatting_testing.synthetic_scene import camera_at


def pictures(width: int = 53, height: int = 37) -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(0)
    target = torch.rand(height, width, 3, generator=random)
    return (target + 0.2 * torch.rand(height, width, 3, generator=random) - 0.1).clamp(0, 1), target


def photo_of(target: torch.Tensor, masked: bool) -> Photo:
    visible = None
    if masked:
        visible = torch.ones(target.shape[:2], dtype=torch.bool)
        visible[3:20, 5:30] = False
    return Photo(camera_at(0, 0), (target * 255).round().byte(), visible)


@pytest.mark.parametrize(("width", "height"), [(53, 37), (400, 70), (7, 3)])
@pytest.mark.parametrize(("exposed", "masked"), [(False, False), (True, True)])
def test_the_fused_loss_and_its_gradients_are_those_of_plain_torch(
    width: int, height: int, exposed: bool, masked: bool
) -> None:
    image, target = pictures(width, height)
    photo = photo_of(target, masked)
    tensors = (image, torch.tensor([0.9, 1.0, 1.2]), torch.tensor([0.02, 0.0, -0.03]))
    results = []
    for loss in (fastest_loss(torch.device("cpu"), 0.2), partial(photometric_loss, dssim_weight=0.2)):
        leaves = [tensor.clone().requires_grad_() for tensor in tensors]
        value = loss(leaves[0], photo, Exposure(leaves[1], leaves[2]) if exposed else None)
        torch.autograd.backward(value * 3)
        results.append([value.detach(), *(leaf.grad for leaf in leaves if leaf.grad is not None)])
    (fused, *gradients), (plain, *expected) = results
    torch.testing.assert_close(fused, plain, atol=1e-6, rtol=1e-5)
    assert len(gradients) == len(expected) == (3 if exposed else 1)
    for gradient, wanted in zip(gradients, expected, strict=True):
        torch.testing.assert_close(gradient, wanted, atol=1e-4 * float(wanted.abs().max()), rtol=1e-3)


def test_the_fused_loss_does_not_depend_on_the_number_of_threads() -> None:
    image, target = pictures(400, 70)
    threads, results = torch.get_num_threads(), []
    try:
        for count in (1, 4):
            torch.set_num_threads(count)
            leaf = image.clone().requires_grad_()
            loss = fastest_loss(torch.device("cpu"), 0.2)(leaf, photo_of(target, masked=True), None)
            torch.autograd.backward(loss)
            results.append((loss.detach(), leaf.grad))
    finally:
        torch.set_num_threads(threads)
    for one, some in zip(*results, strict=True):
        assert one is not None and some is not None and torch.equal(one, some)


def test_metrics_know_equal_and_different_pictures() -> None:
    image, target = pictures()
    assert psnr(target, target) == 100.0
    assert abs(psnr(torch.full((4, 4, 3), 0.6), torch.full((4, 4, 3), 0.5)) - 20.0) < 1e-4
    assert abs(float(ssim(target, target)) - 1) < 1e-5
    assert float(ssim(image, target)) < 0.99
