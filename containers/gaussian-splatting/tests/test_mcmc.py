from dataclasses import asdict

import torch
from spaceport_gaussian_splatting import mcmc
from spaceport_gaussian_splatting.optimizer import GaussianOptimizer
from spaceport_gaussian_splatting.rasterizers.torch_tiles import TorchRasterizer
from spaceport_gaussian_splatting.schedule import Schedule
from spaceport_gaussian_splatting.settings import TrainingSettings
from spaceport_gaussian_splatting.tuning import McmcTuning, Rates, ScheduleTuning
from splatting_testing.synthetic_scene import HEIGHT, SETTINGS, WIDTH, camera_at, random_gaussians

RATES = asdict(Rates())


def drawn(optimizer: GaussianOptimizer) -> torch.Tensor:
    image, _ = TorchRasterizer(torch.device("cpu")).render(optimizer.gaussians, camera_at(0, 0), WIDTH, HEIGHT, 0)
    return image.detach()


def test_growing_adds_exactly_what_was_asked_for_and_hardly_changes_the_picture() -> None:
    optimizer = GaussianOptimizer(random_gaussians(400, 0, seed=1), RATES)
    before = drawn(optimizer)
    mcmc.grow(optimizer, 40, torch.ones(400), torch.Generator().manual_seed(0), McmcTuning())
    assert len(optimizer.gaussians) == 440
    assert float((drawn(optimizer) - before).abs().mean()) < 0.02


def test_faded_and_broken_gaussians_move_onto_living_ones() -> None:
    model = random_gaussians(50, 0, seed=1)
    model.opacity_logits[:3] = -10.0
    model.means[3, 1] = float("nan")
    optimizer = GaussianOptimizer(model, RATES)
    assert mcmc.relocate_dead(optimizer, torch.ones(50), torch.Generator().manual_seed(0), McmcTuning()) == 4
    moved = optimizer.gaussians
    assert bool(moved.finite_rows().all())
    assert bool((torch.sigmoid(moved.opacity_logits) > McmcTuning().dead_opacity).all())


def test_gaussians_are_added_where_they_have_weight() -> None:
    optimizer = GaussianOptimizer(random_gaussians(50, 0, seed=1), RATES)
    before = optimizer.gaussians.means.detach().clone()
    weights = torch.full((50,), 1e-9)
    weights[7] = 1
    mcmc.grow(optimizer, 5, weights, torch.Generator().manual_seed(0), McmcTuning())
    torch.testing.assert_close(optimizer.gaussians.means[50:].detach(), before[7].expand(5, 3))


def test_centres_go_as_far_as_their_place_is_known() -> None:
    whole, half = (GaussianOptimizer(random_gaussians(5, 0, seed=1), RATES) for _ in range(2))
    before = whole.gaussians.means.detach().clone()
    for optimizer, trust in ((whole, torch.ones(5)), (half, torch.tensor([0, 0.5, 0.5, 0.5, 1.0]))):
        for tensor in optimizer.gaussians.tensors().values():
            tensor.grad = torch.ones_like(tensor)
        optimizer.step({}, trust)
    moved = whole.gaussians.means.detach() - before
    assert (moved != 0).all()
    expected = moved * torch.tensor([0, 0.5, 0.5, 0.5, 1.0]).unsqueeze(1)
    torch.testing.assert_close(half.gaussians.means.detach() - before, expected, atol=1e-6, rtol=0)
    assert torch.equal(half.gaussians.log_scales, whole.gaussians.log_scales)


def test_one_copy_keeps_its_opacity_and_size_and_two_share_it() -> None:
    opacity, factor = mcmc.shared_opacity_and_scale(torch.tensor([0.75, 0.75]), torch.tensor([1, 2]))
    torch.testing.assert_close(opacity, torch.tensor([0.75, 0.5]))
    # Two of opacity 1/2: 0.75 / (2 * 0.5 - 0.25 / sqrt 2), eq. 9 of the paper
    torch.testing.assert_close(factor, torch.tensor([1.0, 0.75 / (1 - 0.25 / 2**0.5)]))


def test_growth_reaches_the_cap_from_any_start_and_never_passes_it() -> None:
    schedule = Schedule(TrainingSettings.model_validate(SETTINGS), ScheduleTuning())
    for initial in (1, 300, 1500):
        counts = [schedule.target_count(step / 100, initial) for step in range(101)]
        assert counts == sorted(counts)
        assert counts[0] == initial and counts[-1] == 1500
    assert schedule.target_count(0.5, 2000) == 2000


def test_a_gradient_that_is_not_finite_changes_nothing() -> None:
    optimizer = GaussianOptimizer(random_gaussians(5, 0, seed=1), RATES)
    before = optimizer.gaussians.means.detach().clone()
    optimizer.gaussians.means.grad = torch.full((5, 3), float("nan"))
    optimizer.step({}, torch.ones(5))
    assert torch.equal(optimizer.gaussians.means, before)
