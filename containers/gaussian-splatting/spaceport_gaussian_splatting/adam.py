"""Adam (Kingma and Ba 2015) for a few tensors, by torch's own kernel.

torch.optim does the same, but its first use imports torch's compiler: more than a second, for every run and test.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

EPSILON = 1e-15


@dataclass
class Moments:
    """Of one tensor: the number of steps so far, and the running means of its gradient and of its square."""

    step: Tensor
    exp_avg: Tensor
    exp_avg_sq: Tensor

    @staticmethod
    def none_of(parameter: Tensor) -> "Moments":
        """Those of a tensor before its first step."""
        step = torch.zeros((), dtype=torch.float32, device=parameter.device)
        return Moments(step, torch.zeros_like(parameter), torch.zeros_like(parameter))


@torch.no_grad()
def adam_step(parameter: Tensor, moments: Moments, rate: float, betas: tuple[float, float]) -> None:
    """Moves a tensor along its gradient, in place; without a gradient nothing happens."""
    if parameter.grad is None:
        return
    moments.step += 1
    torch._fused_adam_(
        [parameter],
        [parameter.grad],
        [moments.exp_avg],
        [moments.exp_avg_sq],
        [],
        [moments.step],
        lr=rate,
        beta1=betas[0],
        beta2=betas[1],
        weight_decay=0.0,
        eps=EPSILON,
        amsgrad=False,
        maximize=False,
    )


def state_of(moments: Mapping[str, Moments]) -> dict[str, Any]:
    """For a checkpoint: by place, as torch.optim has it."""
    return {"state": {place: vars(each) for place, each in enumerate(moments.values())}}


def moments_from(state: Mapping[str, Any], parameters: Mapping[str, Tensor]) -> dict[str, Moments]:
    """Of these tensors, from what `state_of` or torch.optim.Adam made; those that it lacks have taken no step."""
    found = {}
    for place, (name, parameter) in enumerate(parameters.items()):
        values = state["state"].get(place)
        device = parameter.device
        found[name] = (
            Moments.none_of(parameter)
            if values is None
            else Moments(
                values["step"].to(device, torch.float32, copy=True),
                values["exp_avg"].to(device, copy=True),
                values["exp_avg_sq"].to(device, copy=True),
            )
        )
    return found
