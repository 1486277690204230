import torch
from spaceport_gaussian_splatting.image_metrics import psnr, ssim
from spaceport_gaussian_splatting.loss import fastest_loss, photometric_loss


def pictures() -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(0)
    target = torch.rand(37, 53, 3, generator=random)
    return (target + 0.2 * torch.rand(37, 53, 3, generator=random) - 0.1).clamp(0, 1), target


def test_the_fused_loss_and_its_gradient_are_those_of_plain_torch() -> None:
    image, target = pictures()
    fused, plain = image.clone().requires_grad_(), image.clone().requires_grad_()
    loss = fastest_loss(torch.device("cpu"), 0.2)(fused, target)
    expected = photometric_loss(plain, target, 0.2)
    torch.autograd.backward(loss)
    torch.autograd.backward(expected)
    assert fused.grad is not None and plain.grad is not None
    torch.testing.assert_close(loss, expected, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(fused.grad, plain.grad, atol=1e-8, rtol=1e-3)


def test_metrics_know_equal_and_different_pictures() -> None:
    image, target = pictures()
    assert psnr(target, target) == 100.0
    assert abs(psnr(torch.full((4, 4, 3), 0.6), torch.full((4, 4, 3), 0.5)) - 20.0) < 1e-4
    assert abs(float(ssim(target, target)) - 1) < 1e-5
    assert float(ssim(image, target)) < 0.99
