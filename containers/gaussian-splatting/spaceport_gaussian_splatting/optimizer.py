"""Adam over the Gaussians' tensors, with the row surgery that densification needs."""

from typing import Any

import torch
from torch import Tensor

from .adam import Moments, adam_step, moments_from, state_of
from .gaussians import Gaussians

BETAS = (0.9, 0.999)


class GaussianOptimizer:
    """Owns the trainable Gaussians; one learning rate a tensor."""

    def __init__(self, gaussians: Gaussians, rates: dict[str, float]) -> None:
        self._parameters = {name: t.detach().clone().requires_grad_() for name, t in gaussians.tensors().items()}
        self._moments = {name: Moments.none_of(tensor) for name, tensor in self._parameters.items()}
        self._rates = dict(rates)

    @property
    def gaussians(self) -> Gaussians:
        """The trainable tensors."""
        return Gaussians(**self._parameters)

    def step(self, factors: dict[str, float], trust: Tensor) -> None:
        """One step with the rates times `factors` (1 where a name is missing), then forgets the gradients.

        Centres go only the part `trust`[N], 0 to 1, of theirs.
        A gradient that is not finite counts as zero: one broken pixel must not spoil the model.
        """
        gradients = [tensor.grad for tensor in self._parameters.values() if tensor.grad is not None]
        if gradients and not torch.isfinite(torch.stack([gradient.sum() for gradient in gradients]).sum()):
            for gradient in gradients:
                gradient.nan_to_num_(nan=0.0, posinf=0.0, neginf=0.0)
        means = self._parameters["means"]
        before = means.detach().clone()
        for name, tensor in self._parameters.items():
            adam_step(tensor, self._moments[name], self._rates[name] * factors.get(name, 1.0), BETAS)
            tensor.grad = None
        with torch.no_grad():
            means.copy_(torch.lerp(before, means, trust.unsqueeze(1)))

    @torch.no_grad()
    def overwrite(self, rows: Tensor, values: Gaussians) -> None:
        """Puts `values` into `rows` and forgets the rows' momentum."""
        for name, tensor in self._parameters.items():
            tensor[rows] = getattr(values, name)
            self._moments[name].exp_avg[rows] = 0
            self._moments[name].exp_avg_sq[rows] = 0

    @torch.no_grad()
    def append(self, values: Gaussians) -> None:
        """Adds Gaussians without momentum."""
        for name, tensor in self._parameters.items():
            added, moments = getattr(values, name), self._moments[name]
            self._parameters[name] = torch.cat([tensor, added]).requires_grad_()
            moments.exp_avg = torch.cat([moments.exp_avg, torch.zeros_like(added)])
            moments.exp_avg_sq = torch.cat([moments.exp_avg_sq, torch.zeros_like(added)])

    def state(self) -> dict[str, Any]:
        """Everything that `restored` needs."""
        return {
            "gaussians": self.gaussians.detached().tensors(),
            "adam": state_of(self._moments),
            "rates": self._rates,
        }

    @staticmethod
    def restored(state: dict[str, Any], device: torch.device) -> "GaussianOptimizer":
        """The optimiser that `state` was taken from."""
        optimizer = GaussianOptimizer(Gaussians(**state["gaussians"]).to(device), state["rates"])
        optimizer._moments = moments_from(state["adam"], optimizer._parameters)
        return optimizer
