import torch
from spaceport_gaussian_splatting.dropout import thinned
from spaceport_gaussian_splatting.rasterizers.torch_tiles import TorchRasterizer
from splatting_testing.synthetic_scene import HEIGHT, WIDTH, camera_at, random_gaussians


def test_so_many_are_left_out_and_the_others_are_as_opaque_together() -> None:
    model = random_gaussians(4000, 1, seed=1)
    model.opacity_logits = torch.zeros(4000).requires_grad_()
    share = torch.cat([torch.zeros(2000), torch.full((2000,), 0.25)])
    thinner, stays = thinned(model, share, torch.Generator().manual_seed(0))
    assert bool(stays[:2000].all()) and 1400 < int(stays[2000:].sum()) < 1600
    expected = torch.where(stays, torch.where(share > 0, 0.5 / 0.75, 0.5), 0.0)
    torch.testing.assert_close(torch.sigmoid(thinner.opacity_logits), expected)
    torch.autograd.backward(torch.sigmoid(thinner.opacity_logits).sum())
    assert model.opacity_logits.grad is not None
    assert torch.equal(model.opacity_logits.grad > 0, stays)


def test_those_that_are_left_out_are_not_in_the_picture() -> None:
    model, rasterizer = random_gaussians(100, 0, seed=1), TorchRasterizer(torch.device("cpu"))
    thinner, stays = thinned(model, torch.full((100,), 0.5), torch.Generator().manual_seed(0))
    image, _ = rasterizer.render(thinner, camera_at(0, 0), WIDTH, HEIGHT, 0)
    without, _ = rasterizer.render(thinner.select(stays), camera_at(0, 0), WIDTH, HEIGHT, 0)
    torch.testing.assert_close(image, without)


def test_nothing_changes_where_all_are_trusted_and_opaque_ones_stay_finite() -> None:
    model = random_gaussians(50, 0, seed=1)
    same, stays = thinned(model, torch.zeros(50), torch.Generator())
    assert same is model and bool(stays.all())
    model.opacity_logits = torch.full((50,), 9.0)
    assert bool(thinned(model, torch.full((50,), 0.3), torch.Generator())[0].finite_rows().all())
