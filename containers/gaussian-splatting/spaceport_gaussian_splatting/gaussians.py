"""The model: a set of 3D Gaussians with spherical harmonics, as unconstrained tensors."""

from dataclasses import dataclass, fields

import torch
from torch import Tensor


@dataclass
class Gaussians:
    """N Gaussians; `K = (degree + 1)^2` colour coefficients of each channel.

    means: [N, 3], world units. log_scales: [N, 3], natural logarithms of the half axes (one sigma).
    quaternions: [N, 4], w x y z, of any length. opacity_logits: [N]. base_colors: [N, 3], the constant coefficient.
    rest_colors: [N, K - 1, 3], the others in the usual order of real spherical harmonics.
    """

    means: Tensor
    log_scales: Tensor
    quaternions: Tensor
    opacity_logits: Tensor
    base_colors: Tensor
    rest_colors: Tensor

    def __len__(self) -> int:
        return len(self.means)

    @property
    def sh_degree(self) -> int:
        """Degree of the colours, 0 to 3."""
        return {0: 0, 3: 1, 8: 2, 15: 3}[self.rest_colors.shape[1]]

    def tensors(self) -> dict[str, Tensor]:
        """All tensors by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def select(self, rows: Tensor) -> "Gaussians":
        """The Gaussians of some rows (indices or a mask); by index_select, whose gradient needs no sorting on CUDA."""
        if rows.dtype == torch.bool:
            rows = torch.nonzero(rows).squeeze(1)
        return Gaussians(**{name: tensor.index_select(0, rows) for name, tensor in self.tensors().items()})

    def detached(self) -> "Gaussians":
        """The same numbers without gradients."""
        return Gaussians(**{name: tensor.detach() for name, tensor in self.tensors().items()})

    def copied(self) -> "Gaussians":
        """The same numbers, which stay as they are whatever becomes of these."""
        return Gaussians(**{name: tensor.detach().clone() for name, tensor in self.tensors().items()})

    def to(self, device: torch.device) -> "Gaussians":
        """The same numbers on another device."""
        return Gaussians(**{name: tensor.detach().to(device) for name, tensor in self.tensors().items()})

    def finite_rows(self) -> Tensor:
        """bool[N]: every number of the Gaussian is finite."""
        rows = torch.ones(len(self), dtype=torch.bool, device=self.means.device)
        for tensor in self.tensors().values():
            rows &= torch.isfinite(tensor.detach()).reshape(len(self), -1).all(dim=1)
        return rows


def joined(first: Gaussians, second: Gaussians) -> Gaussians:
    """The Gaussians of both, in order; their degrees are equal."""
    others = second.tensors()
    return Gaussians(**{name: torch.cat([tensor, others[name]]) for name, tensor in first.tensors().items()})
