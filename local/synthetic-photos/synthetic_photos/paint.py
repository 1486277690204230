"""Textures: non-repeating at every scale, so that SIFT finds distinct corners from any height."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Floats = NDArray[np.floating[Any]]

MIP_LEVELS = 5
GROUND_SHAPES = 9000


@dataclass(frozen=True)
class Texture:
    """A mip pyramid: `levels[i]` is float32[H, W, 3] (0..255) with texels of `texel` * 2**i metres."""

    levels: tuple[Floats, ...]
    texel: float

    @classmethod
    def from_colours(cls, colours: Floats, texel: float) -> "Texture":
        """Builds the pyramid by averaging 2x2 texels; stops early when a side gets shorter than 4."""
        levels: list[Floats] = [np.ascontiguousarray(colours, np.float32)]
        while len(levels) < MIP_LEVELS and min(levels[-1].shape[:2]) >= 8:
            last = levels[-1]
            even = last[: last.shape[0] // 2 * 2, : last.shape[1] // 2 * 2]
            levels.append((even[0::2, 0::2] + even[1::2, 0::2] + even[0::2, 1::2] + even[1::2, 1::2]) / 4)
        return cls(tuple(levels), texel)

    def sample(self, x: Floats, y: Floats, footprint: Floats) -> Floats:
        """Bilinear colours float32[N, 3] at metres from the texture's corner, in the level that fits `footprint`.

        `footprint` is the width in metres that one sample stands for. Outside the texture the border repeats.
        """
        level = np.log2(np.maximum(footprint / np.float32(self.texel), 1)).round().astype(np.int8)
        level = np.minimum(level, len(self.levels) - 1)
        first = int(level.min(initial=len(self.levels)))
        if first == level.max(initial=0):
            return self._bilinear(first, x, y)
        colours = np.empty((*x.shape, 3), np.float32)
        for i in range(first, int(level.max()) + 1):
            chosen = np.flatnonzero(level == i)
            if chosen.size:
                colours[chosen] = self._bilinear(i, x[chosen], y[chosen])
        return colours

    def _bilinear(self, level: int, x: Floats, y: Floats) -> Floats:
        texels = self.levels[min(level, len(self.levels) - 1)]
        height, width = texels.shape[:2]
        per_metre = np.float32(1 / (self.texel * 2**level))
        tx = np.clip(x * per_metre - np.float32(0.5), 0, np.float32(width - 1.001))
        ty = np.clip(y * per_metre - np.float32(0.5), 0, np.float32(height - 1.001))
        left, top = tx.astype(np.int32), ty.astype(np.int32)
        right_share = (tx - left)[:, None]
        bottom_share = (ty - top)[:, None]
        flat = texels.reshape(-1, 3)
        index = top * np.int32(width) + left
        upper: Floats = flat[index]
        upper += right_share * (flat[index + 1] - upper)
        index += width
        lower = flat[index]
        lower += right_share * (flat[index + 1] - lower)
        lower -= upper
        lower *= bottom_share
        upper += lower
        return upper


def noise(height: int, width: int, cell: float, random: np.random.Generator) -> Floats:
    """Smooth noise with features of `cell` texels: float32[height, width], about -1..1."""
    rows, columns = (max(2, int(np.ceil(n / cell)) + 1) for n in (height, width))
    grid = random.uniform(-1, 1, (rows, columns)).astype(np.float32)
    return np.asarray(Image.fromarray(grid).resize((width, height), Image.Resampling.BICUBIC))


def ground_colours(size: int, random: np.random.Generator) -> Floats:
    """Fields, paths, stones and plants: float32[size, size, 3], 0..255, before lighting."""
    field = noise(size, size, 230, random)[..., None]
    dryness = noise(size, size, 90, random)[..., None]
    grass, straw, soil = (np.array(c, np.float32) for c in ([88, 112, 62], [168, 156, 104], [132, 104, 80]))
    colours = grass + (straw - grass) * np.clip(field * 1.6 + 0.4, 0, 1)
    colours += (soil - colours) * np.clip(dryness * 2.2 - 0.5, 0, 1)
    image = Image.fromarray(np.clip(colours, 0, 255).astype(np.uint8))
    _draw_paths(image, random)
    _draw_shapes(image, GROUND_SHAPES, 2, 26, random)
    colours = np.asarray(image).astype(np.float32)
    brightness = np.ones((size, size), np.float32)
    for cell, strength in ((48, 0.14), (17, 0.14), (6, 0.13), (2.5, 0.11)):
        brightness += noise(size, size, cell, random) * np.float32(strength)
    colours *= brightness[..., None]
    return colours


def facade(
    width_m: float, height_m: float, texel: float, base: Floats, random: np.random.Generator, *, windows: bool
) -> Floats:
    """One side of a house: float32[H, W, 3]; plaster or tiles with stains, and rows of windows where asked."""
    width, height = (max(4, round(m / texel)) for m in (width_m, height_m))
    image = Image.new("RGB", (width, height), tuple(int(c) for c in np.clip(base, 0, 255)))
    _draw_shapes(image, 6 + width * height // 260, 2, 12, random)
    if windows:
        draw = ImageDraw.Draw(image)
        for left in range(8, width - 14, 22):
            for bottom in range(8, height - 16, 30):
                if random.uniform() < 0.75:
                    pane = tuple(int(c) for c in random.uniform([20, 30, 40], [90, 110, 150]))
                    draw.rectangle((left, bottom, left + 10, bottom + 15), fill=pane, outline=(235, 235, 230))
    colours = np.asarray(image).astype(np.float32)
    brightness = 1 + 0.12 * noise(height, width, 9, random) + 0.12 * noise(height, width, 3, random)
    return colours * brightness[..., None]


def muted_colours(count: int, random: np.random.Generator) -> Floats:
    """Colours of earth, stone and plaster: float64[count, 3], 30..230."""
    brightness = random.uniform(45, 210, (count, 1))
    tint = np.array([1.06, 1.0, 0.88]) * random.normal(1.0, 0.09, (count, 3))
    colours: Floats = np.clip(brightness * tint, 30, 230)
    return colours


def _draw_paths(image: Image.Image, random: np.random.Generator) -> None:
    draw = ImageDraw.Draw(image)
    size = image.width
    for _ in range(9):
        points = [tuple(p) for p in np.cumsum(random.normal(0, size / 14, (14, 2)), axis=0) + size * random.random(2)]
        grey = int(random.uniform(110, 190))
        draw.line(points, fill=(grey, grey - 6, grey - 18), width=int(random.uniform(8, 40)), joint="curve")


def _draw_shapes(image: Image.Image, count: int, smallest: float, largest: float, random: np.random.Generator) -> None:
    """Random polygons, many small ones and few large ones: stones, plants, stains, loose tiles."""
    draw = ImageDraw.Draw(image)
    radii = smallest * (largest / smallest) ** (random.random(count) ** 1.6)
    centres = random.random((count, 2)) * image.size
    colours = muted_colours(count, random).astype(int)
    corners = random.integers(3, 8, count)
    for radius, centre, colour, n in zip(radii, centres, colours, corners, strict=True):
        angles = np.sort(random.uniform(0, 2 * np.pi, n))
        reach = radius * random.uniform(0.5, 1.0, n)
        points = np.column_stack([np.cos(angles), np.sin(angles)]) * reach[:, None] + centre
        draw.polygon([tuple(p) for p in points], fill=tuple(colour))
