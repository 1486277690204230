"""The model in memory, in the units of the 3DGS PLY."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float32s = NDArray[np.float32]

SH_COEFFICIENTS = (0, 3, 8, 15)  # a channel, by number of bands; the constant term is `colors`


@dataclass(frozen=True)
class Gaussians:
    """N Gaussians; every value is finite and no rotation is zero (read_ply checks it).

    positions: float32[N, 3], world units. rotations: float32[N, 4], quaternions w x y z, any length.
    scales: float32[N, 3], natural logarithms. opacities: float32[N], logits. colors: float32[N, 3], the constant
    SH term. sh: float32[N, 3 * C], channel-major (all C coefficients of red first), C = SH_COEFFICIENTS[bands].
    """

    positions: Float32s
    rotations: Float32s
    scales: Float32s
    opacities: Float32s
    colors: Float32s
    sh: Float32s

    def __len__(self) -> int:
        return len(self.positions)

    @property
    def sh_bands(self) -> int:
        """Number of SH bands above the constant one: 0 to 3."""
        return SH_COEFFICIENTS.index(self.sh.shape[1] // 3)

    def without_empty_bands(self) -> "Gaussians":
        """The model without the SH bands above which all coefficients are 0: they only fill up a PLY."""
        sh = self.sh.reshape(len(self), 3, -1)
        used = next(bands for bands, count in enumerate(SH_COEFFICIENTS) if not sh[:, :, count:].any())
        return self.with_bands(used)

    def with_bands(self, bands: int) -> "Gaussians":
        """The model with at most `bands` SH bands; higher ones are dropped, missing ones are not invented."""
        have, keep = SH_COEFFICIENTS[self.sh_bands], SH_COEFFICIENTS[bands]
        if keep >= have:
            return self
        sh = self.sh.reshape(len(self), 3, have)[:, :, :keep].reshape(len(self), 3 * keep)
        return Gaussians(self.positions, self.rotations, self.scales, self.opacities, self.colors, sh)

    def reordered(self, order: NDArray[np.intp]) -> "Gaussians":
        """The Gaussians `order[0]`, `order[1]`, and so on."""
        return Gaussians(**{name: column[order] for name, column in vars(self).items()})
