"""Draws projected Gaussians with numpy alone: the kernel's oracle, and what is left where there is no compiler."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from spaceport_common.sog.gaussians import Float32s
from spaceport_common.sog.quantizers import Float64s

TILE = 16  # pixels
MAX_ALPHA = 0.99
MIN_ALPHA = 1 / 255
MIN_TRANSMITTANCE = 1e-4
HALF = 0.5
LAYERS = 4096  # Gaussians of a tile that are drawn at once: 8 MB a table


class TilePlan:
    """As the kernel's Plan, with its rules (spaceport_common/kernel/splat.cpp): sorts once, draws over any background.

    xy: float32[N, 2], pixels. conic: float32[N, 3]. opacity: float32[N]. color: float32[N, 3]. depth: float32[N].
    """

    def __init__(
        self,
        xy: Float32s,
        conic: Float32s,
        opacity: Float32s,
        color: Float32s,
        depth: Float32s,
        width: int,
        height: int,
    ) -> None:
        order = np.argsort(depth, kind="stable")
        order = order[opacity[order] >= MIN_ALPHA]
        self._xy, self._conic, self._opacity, self._color = xy[order], conic[order], opacity[order], color[order]
        self._order = order
        self._width, self._height = width, height
        xx, cross, yy = self._conic.T
        limit = 2 * np.log(self._opacity / MIN_ALPHA)
        self._reach = np.sqrt(limit[:, None] * np.stack([yy, xx], axis=1) / (xx * yy - cross * cross)[:, None])

    def forward(self, background: Float32s) -> Float32s:
        """The image, float32[height, width, 3]."""
        image = np.empty((self._height, self._width, 3), np.float32)
        for part, left, top in self._parts(image):
            part[:] = self._tile(left, top, part.shape[1], part.shape[0], background)
        return image

    def median(self, values: Float32s) -> Float32s:
        """float32[height, width]: the value of the Gaussian behind which less than half the light is left, else NaN."""
        image = np.full((self._height, self._width), np.nan, np.float32)
        for part, left, top in self._parts(image):
            rows, xs, ys = self._near(left, top, part.shape[1], part.shape[0])
            if len(rows):
                left_over = np.cumprod(1 - self._alphas(rows, xs, ys), axis=0)
                found = values[self._order[rows]][(left_over < HALF).argmax(axis=0)]
                part[:] = np.where(left_over[-1] < HALF, found, np.nan).reshape(part.shape)
        return image

    def _parts(self, image: Float32s) -> Iterator[tuple[Float32s, int, int]]:
        """The image's tiles, each with its left and upper edge."""
        for top in range(0, self._height, TILE):
            for left in range(0, self._width, TILE):
                yield image[top : top + TILE, left : left + TILE], left, top

    def _near(self, left: int, top: int, width: int, height: int) -> tuple[NDArray[np.intp], Float64s, Float64s]:
        """Gaussians that touch a tile, near to far, and its pixels' centres."""
        corner, size = np.array([left, top]), np.array([width, height])
        near = (self._xy + self._reach >= corner) & (self._xy - self._reach <= corner + size)
        ys, xs = (axis.ravel() + 0.5 for axis in np.mgrid[top : top + height, left : left + width])
        return np.flatnonzero(near.all(axis=1)), xs, ys

    def _alphas(self, rows: NDArray[np.intp], xs: Float64s, ys: Float64s) -> Float64s:
        """Alpha of some Gaussians, [rows, pixels]."""
        dx, dy = xs - self._xy[rows, :1], ys - self._xy[rows, 1:]
        xx, cross, yy = (column[:, None] for column in self._conic[rows].T)
        power = 0.5 * (xx * dx * dx + yy * dy * dy) + cross * dx * dy
        alpha: Float64s = np.minimum(self._opacity[rows, None] * np.exp(-power), MAX_ALPHA)
        alpha[alpha < MIN_ALPHA] = 0
        return alpha

    def _tile(self, left: int, top: int, width: int, height: int, background: Float32s) -> NDArray[np.float32]:
        rows, xs, ys = self._near(left, top, width, height)
        colors, through = np.zeros((height * width, 3)), np.ones(height * width)
        ended = np.zeros(height * width, np.bool_)
        for start in range(0, len(rows), LAYERS):
            layer = rows[start : start + LAYERS]
            alpha = self._alphas(layer, xs, ys)
            after = np.cumprod(1 - alpha, axis=0) * through
            before = np.concatenate([through[None], after[:-1]])
            drawn = (after >= MIN_TRANSMITTANCE) & ~ended
            colors += np.einsum("np,nc->pc", np.where(drawn, alpha * before, 0), self._color[layer])
            last = np.where(drawn, after, np.inf).min(axis=0, initial=np.inf)
            through = np.where(np.isfinite(last), last, through)
            ended |= (after < MIN_TRANSMITTANCE).any(axis=0)
        return (colors + through[:, None] * background).reshape(height, width, 3).astype(np.float32)
