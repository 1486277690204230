"""Our Adam against torch's, and checkpoints of torch's."""

import torch
from spaceport_gaussian_splatting.adam import EPSILON, Moments, adam_step, moments_from, state_of

BETAS = (0.9, 0.999)


def start() -> torch.Tensor:
    return torch.randn(50, 3, generator=torch.Generator().manual_seed(0)).requires_grad_()


def walk(tensor: torch.Tensor, step: int) -> None:
    """Leaves a gradient that differs from step to step."""
    torch.autograd.backward(((tensor * (1 + step)).sin() * tensor).sum())


def test_steps_are_those_of_torch_also_from_a_checkpoint_that_torch_made() -> None:
    theirs, ours = start(), start()
    reference = torch.optim.Adam([theirs], lr=0.01, betas=BETAS, eps=EPSILON, fused=True)
    moments = Moments.none_of(ours)
    for step in range(5):
        walk(theirs, step)
        reference.step()
        reference.zero_grad()
        walk(ours, step)
        adam_step(ours, moments, 0.01, BETAS)
        ours.grad = None
    assert torch.equal(ours, theirs)

    for state in (reference.state_dict(), state_of({"tensor": moments})):
        resumed = ours.detach().clone().requires_grad_()
        found = moments_from(state, {"tensor": resumed})["tensor"]
        walk(resumed, 5)
        adam_step(resumed, found, 0.01, BETAS)
        after = theirs.detach().clone()
        assert float(found.step) == 6 and not torch.equal(resumed, after)
    walk(theirs, 5)
    reference.step()
    assert torch.equal(resumed, theirs)


def test_a_tensor_that_a_checkpoint_lacks_begins_anew_and_one_without_gradient_stays() -> None:
    tensor = start()
    before = tensor.detach().clone()
    moments = moments_from({"state": {}}, {"tensor": tensor})["tensor"]
    adam_step(tensor, moments, 0.01, BETAS)
    assert torch.equal(tensor, before) and float(moments.step) == 0
