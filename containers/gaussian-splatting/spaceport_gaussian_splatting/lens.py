"""COLMAP's camera models as one differentiable lens, so that photos need no undistortion.

Every supported model is a radial factor L(r^2), a polynomial, a ratio of polynomials or an angle polynomial, plus
Brown's tangential terms (COLMAP, src/colmap/sensor/models.h):
    xd = x L + 2 p1 x y + p2 (r^2 + 2 x^2),  yd = y L + 2 p2 x y + p1 (r^2 + 2 y^2),  r^2 = x^2 + y^2
with x = X / Z, y = Y / Z; a pixel's centre is at .5.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Coefficients = tuple[float, ...]

SERIES_BELOW = 1e-2  # r^2 below which the angle polynomial is a series: the closed form cancels in float32
BORDER_MARGIN = 1.3  # how far outside the picture, in radius, a Gaussian's centre may lie
NEWTON_STEPS = 20


class UnsupportedLensError(ValueError):
    """A camera model that this program cannot project."""


@dataclass(frozen=True)
class Lens:
    """Intrinsics in pixels. `radial`: k1, k2, .. of the numerator (or of the angle); `rational`: of the denominator."""

    fx: float
    fy: float
    cx: float
    cy: float
    radial: Coefficients = ()
    rational: Coefficients = ()
    tangential: tuple[float, float] = (0.0, 0.0)
    fisheye: bool = False

    @staticmethod
    def from_colmap(model: str, params: Sequence[float]) -> "Lens":
        """The lens of a COLMAP camera. Raises UnsupportedLensError for other models than the seven below."""
        p = tuple(float(value) for value in params)
        match model:
            case "SIMPLE_PINHOLE" | "SIMPLE_RADIAL" | "RADIAL":
                return Lens(p[0], p[0], p[1], p[2], radial=p[3:])
            case "PINHOLE" | "OPENCV_FISHEYE":
                return Lens(p[0], p[1], p[2], p[3], radial=p[4:], fisheye=model == "OPENCV_FISHEYE")
            case "OPENCV":
                return Lens(p[0], p[1], p[2], p[3], radial=p[4:6], tangential=(p[6], p[7]))
            case "FULL_OPENCV":
                radial, tangential = (p[4], p[5], p[8]), (p[6], p[7])
                return Lens(p[0], p[1], p[2], p[3], radial=radial, rational=p[9:12], tangential=tangential)
        raise UnsupportedLensError(f"the camera model {model} is not supported")

    def scaled(self, x: float, y: float) -> "Lens":
        """The same lens for pictures scaled by x and y."""
        return replace(self, fx=self.fx * x, fy=self.fy * y, cx=self.cx * x, cy=self.cy * y)

    def distort(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Normalised coordinates to distorted ones: xd, yd and the derivatives dxd/dx, dxd/dy = dyd/dx, dyd/dy."""
        r2 = x * x + y * y
        factor, slope = self._factor(r2)
        p1, p2 = self.tangential
        xd, yd = x * factor, y * factor
        xx, xy, yy = factor + 2 * x * x * slope, 2 * x * y * slope, factor + 2 * y * y * slope
        if p1 != 0 or p2 != 0:
            xd = xd + 2 * p1 * x * y + p2 * (r2 + 2 * x * x)
            yd = yd + 2 * p2 * x * y + p1 * (r2 + 2 * y * y)
            xx = xx + 2 * p1 * y + 6 * p2 * x
            xy = xy + 2 * p1 * x + 2 * p2 * y
            yy = yy + 2 * p2 * x + 6 * p1 * y
        return xd, yd, xx, xy, yy

    def _factor(self, r2: Tensor) -> tuple[Tensor, Tensor]:
        """L and dL/d(r^2)."""
        if self.fisheye:
            return self._angle_factor(r2)
        top, top_slope = _polynomial(self.radial, r2)
        if not self.rational:
            return top, top_slope
        bottom, bottom_slope = _polynomial(self.rational, r2)
        factor = top / bottom
        return factor, (top_slope - factor * bottom_slope) / bottom

    def _angle_factor(self, r2: Tensor) -> tuple[Tensor, Tensor]:
        """theta_d / r with theta_d = theta (1 + k1 theta^2 + ..) and theta = atan r."""
        k1, k2, k3, _ = self.radial
        small = r2 < SERIES_BELOW
        c1, c2, c3 = k1 - 1 / 3, 1 / 5 - k1 + k2, -1 / 7 + 14 / 15 * k1 - 5 / 3 * k2 + k3
        series = 1 + r2 * (c1 + r2 * (c2 + r2 * c3))
        series_slope = c1 + r2 * (2 * c2 + r2 * 3 * c3)
        safe = torch.where(small, torch.ones_like(r2), r2)
        r = safe.sqrt()
        theta = torch.atan(r)
        scale, scale_slope = _polynomial(self.radial, theta * theta)
        bent = theta * scale
        bent_by_theta = scale + 2 * theta * theta * scale_slope
        factor = bent / r
        slope = (bent_by_theta / (1 + safe) - factor) / (2 * safe)
        return torch.where(small, series, factor), torch.where(small, series_slope, slope)

    def unproject(self, pixels: NDArray[np.float64]) -> NDArray[np.float64]:
        """Pixels[N, 2] to normalised coordinates[N, 2], that is, points at depth 1, by Newton's method."""
        target_x, target_y = torch.from_numpy((pixels - (self.cx, self.cy)) / (self.fx, self.fy)).unbind(1)
        x, y = target_x.clone(), target_y.clone()
        for _ in range(NEWTON_STEPS):
            at_x, at_y, xx, xy, yy = self.distort(x, y)
            determinant = xx * yy - xy * xy
            determinant = torch.where(determinant.abs() < 1e-9, torch.full_like(determinant, 1e-9), determinant)
            dx, dy = at_x - target_x, at_y - target_y
            x = x - (yy * dx - xy * dy) / determinant
            y = y - (xx * dy - xy * dx) / determinant
        return torch.stack([x, y], dim=1).numpy()

    def radius_limit(self, width: int, height: int) -> float:
        """Largest r = |(x, y)| to project: past the corners by BORDER_MARGIN, but never where the lens folds back."""
        xs, ys = np.meshgrid([0.0, width / 2, width], [0.0, height / 2, height])
        border = self.unproject(np.stack([xs.ravel(), ys.ravel()], axis=1))
        corner = float(np.linalg.norm(border, axis=1).max())
        radii = torch.linspace(0.0, corner * BORDER_MARGIN, 257, dtype=torch.float64)
        factor, slope = self._factor(radii * radii)
        rising = factor + 2 * radii * radii * slope > 0
        folded = torch.nonzero(~rising)
        return float(radii[-1] if len(folded) == 0 else radii[max(int(folded[0]) - 1, 0)])


def _polynomial(coefficients: Coefficients, t: Tensor) -> tuple[Tensor, Tensor]:
    """1 + k1 t + k2 t^2 + .. and its derivative."""
    value, slope = torch.ones_like(t), torch.zeros_like(t)
    power = torch.ones_like(t)
    for n, k in enumerate(coefficients, start=1):
        if k != 0:
            slope = slope + n * k * power
            value = value + k * power * t
        power = power * t
    return value, slope
