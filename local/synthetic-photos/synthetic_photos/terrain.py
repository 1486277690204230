"""The ground's shape: a sum of sine waves, so that heights and slopes are exact everywhere."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

WAVELENGTHS_M = (97.0, 61.0, 43.0, 29.0, 19.0)
AMPLITUDES_M = (1.8, 0.9, 0.5, 0.25, 0.12)


@dataclass(frozen=True)
class Terrain:
    """height(x, y) = sum of amplitude * sin(kx x + ky y + phase); heights within +-3.6 m.

    The slopes are too gentle for one hill to hide another from a camera that looks down by 20 degrees or more.
    """

    kx: Floats
    ky: Floats
    phase: Floats

    @classmethod
    def random(cls, seed: int) -> "Terrain":
        """Directions and phases of the waves by `seed`."""
        random = np.random.default_rng([seed, 2])
        direction = random.uniform(0, np.pi, len(WAVELENGTHS_M))
        k = 2 * np.pi / np.array(WAVELENGTHS_M)
        phase = random.uniform(0, 2 * np.pi, len(WAVELENGTHS_M))
        return cls(k * np.cos(direction), k * np.sin(direction), phase)

    def height_and_slope(self, x: Floats, y: Floats) -> tuple[Floats, Floats, Floats]:
        """Height in metres and its derivatives by x and y, each shaped and typed as `x`."""
        height, slope_x, slope_y = (np.zeros_like(x) for _ in range(3))
        for kx, ky, phase, amplitude in zip(self.kx, self.ky, self.phase, AMPLITUDES_M, strict=True):
            angle = float(kx) * x + float(ky) * y + float(phase)
            height += amplitude * np.sin(angle)
            rate = amplitude * np.cos(angle)
            slope_x += float(kx) * rate
            slope_y += float(ky) * rate
        return height, slope_x, slope_y
