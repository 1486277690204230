"""Adam over the Gaussians' tensors, with the row surgery that densification needs."""

from typing import Any

import torch
from torch import Tensor

from .gaussians import Gaussians

BETAS = (0.9, 0.999)
EPSILON = 1e-15


class GaussianOptimizer:
    """Owns the trainable Gaussians; one learning rate a tensor."""

    def __init__(self, gaussians: Gaussians, rates: dict[str, float]) -> None:
        parameters = {name: t.detach().clone().requires_grad_() for name, t in gaussians.tensors().items()}
        groups = [{"params": [parameters[name]], "lr": rates[name], "name": name} for name in parameters]
        self._adam = torch.optim.Adam(groups, betas=BETAS, eps=EPSILON, fused=True)
        self._rates = dict(rates)

    @property
    def gaussians(self) -> Gaussians:
        """The trainable tensors."""
        return Gaussians(**{group["name"]: group["params"][0] for group in self._adam.param_groups})

    def step(self, factors: dict[str, float]) -> None:
        """One step with the rates times `factors` (1 where a name is missing), then forgets the gradients.

        A gradient that is not finite counts as zero: one broken pixel must not spoil the model.
        """
        gradients = [group["params"][0].grad for group in self._adam.param_groups]
        gradients = [gradient for gradient in gradients if gradient is not None]
        if gradients and not torch.isfinite(torch.stack([gradient.sum() for gradient in gradients]).sum()):
            for gradient in gradients:
                gradient.nan_to_num_(nan=0.0, posinf=0.0, neginf=0.0)
        for group in self._adam.param_groups:
            group["lr"] = self._rates[group["name"]] * factors.get(group["name"], 1.0)
        self._adam.step()
        self._adam.zero_grad(set_to_none=True)

    @torch.no_grad()
    def overwrite(self, rows: Tensor, values: Gaussians) -> None:
        """Puts `values` into `rows` and forgets the rows' momentum."""
        for group in self._adam.param_groups:
            parameter = group["params"][0]
            parameter[rows] = getattr(values, group["name"])
            for moment in ("exp_avg", "exp_avg_sq"):
                if moment in self._adam.state[parameter]:
                    self._adam.state[parameter][moment][rows] = 0

    @torch.no_grad()
    def append(self, values: Gaussians) -> None:
        """Adds Gaussians without momentum."""
        for group in self._adam.param_groups:
            old = group["params"][0]
            added = getattr(values, group["name"])
            new = torch.cat([old, added]).requires_grad_()
            state = self._adam.state.pop(old, {})
            for moment in ("exp_avg", "exp_avg_sq"):
                if moment in state:
                    state[moment] = torch.cat([state[moment], torch.zeros_like(added)])
            if state:
                self._adam.state[new] = state
            group["params"][0] = new

    def state(self) -> dict[str, Any]:
        """Everything that `restored` needs."""
        return {"gaussians": self.gaussians.detached().tensors(), "adam": self._adam.state_dict(), "rates": self._rates}

    @staticmethod
    def restored(state: dict[str, Any], device: torch.device) -> "GaussianOptimizer":
        """The optimiser that `state` was taken from."""
        optimizer = GaussianOptimizer(Gaussians(**state["gaussians"]).to(device), state["rates"])
        optimizer._adam.load_state_dict(state["adam"])
        return optimizer
