"""Writes SOG version 2. Format: https://developer.playcanvas.com/user-manual/gaussian-splatting/formats/sog/"""

import json
import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .archive import USUAL_EFFORT, WebpEffort, encode_webp, write_archive
from .codebook import MAX_MOVES, build_codebook, nearest_codes, padded
from .gaussians import SH_COEFFICIENTS, Gaussians
from .importance import seen_weights
from .morton import morton_order
from .palette import Palette, build_palette, palette_size
from .quantizers import QuantizedPositions, quantize_opacities, quantize_positions, quantize_rotations

PALETTE_COLUMNS = 64  # palette entries in one row of the centroids' texture
MAX_TEXTURE_SIDE = 16383  # WebP's limit; about 268 million Gaussians
GENERATOR = "spaceport"

Bytes = NDArray[np.uint8]
Phase = Callable[[str], AbstractContextManager[Any]]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Effort:
    """What a small and faithful file may cost. codebook_moves: as `build_codebook` has them."""

    codebook_moves: int = MAX_MOVES
    webp: WebpEffort = USUAL_EFFORT


FULL = Effort()
QUICK = Effort(codebook_moves=0, webp=WebpEffort(quality=0, method=0))


def _unheard(name: str, done: int, total: int) -> None:
    pass


@dataclass(frozen=True)
class Encoded:
    """data: the .sog file. order: intp[N], which Gaussian of the input stands at each place of the file."""

    data: bytes
    order: NDArray[np.intp]
    files: dict[str, int]
    palette_entries: int


def encode(
    gaussians: Gaussians,
    *,
    seed: int,
    phase: Phase = lambda name: nullcontext(),
    progress: Progress = _unheard,
) -> Encoded:
    """Compresses a model with all its SH bands; the same input and seed give the same bytes on one processor type.

    `phase` wraps each of the phases order, encode and palette; `progress` hears how far each is.
    Raises ValueError when there are no Gaussians, or too many for one texture.
    """
    return SceneEncoder(gaussians, seed=seed, phase=phase, progress=progress).encoded(gaussians.sh_bands)


def encode_quickly(gaussians: Gaussians) -> bytes:
    """A .sog for a look at a model that is soon another: without harmonics, and at little effort.

    Needs no faiss. Raises ValueError as encode does.
    """
    return SceneEncoder(gaussians.with_bands(0), seed=0, effort=QUICK).encoded(0).data


class SceneEncoder:
    """Encodes one model with more or less of its harmonics; all else is encoded once. Arguments are those of encode."""

    def __init__(
        self,
        gaussians: Gaussians,
        *,
        seed: int,
        phase: Phase = lambda name: nullcontext(),
        progress: Progress = _unheard,
        effort: Effort = FULL,
    ) -> None:
        if not len(gaussians):
            raise ValueError("a SOG needs at least one Gaussian")
        texture_shape(len(gaussians))
        self._seed, self._phase, self._progress, self._effort = seed, phase, progress, effort
        with phase("order"):
            progress("order", 0, 1)
            positions = quantize_positions(gaussians.positions)
            self.order = morton_order(positions.codes)
            progress("order", 1, 1)
        self.model = gaussians.reordered(self.order)
        self._positions = positions.reordered(self.order)

    def encoded(self, bands: int, entries: int | None = None) -> Encoded:
        """The file with at most so many bands of harmonics and palette entries; None: as many as are customary."""
        common, palette = self._common, None
        model = self.model.with_bands(bands)
        with self._phase("palette"):
            if model.sh_bands:
                palette = _palette(model, entries, self._seed, self._progress)
                self._progress = _unheard  # of a second attempt nobody is told: progress does not go back
            files = _with_harmonics(common, palette, model.sh_bands, texture_shape(len(model)))
        sizes = {name: len(content) for name, content in files.items()}
        return Encoded(write_archive(files), self.order, sizes, len(palette.centroids) if palette else 0)

    @cached_property
    def _common(self) -> "_Common":
        with self._phase("encode"):
            return _common(self.model, self._positions, self._progress, self._effort)


def encode_textures(gaussians: Gaussians, entries: int | None = None, *, seed: int) -> dict[str, bytes]:
    """The files of a SOG that is not archived, with the Gaussians in the order in which they come.

    `entries`: of the palette at most, as in `SceneEncoder.encoded`.
    """
    common = _common(gaussians, quantize_positions(gaussians.positions), _unheard, FULL)
    palette = _palette(gaussians, entries, seed, _unheard) if gaussians.sh_bands else None
    return _with_harmonics(common, palette, gaussians.sh_bands, texture_shape(len(gaussians)))


@dataclass(frozen=True)
class _Common:
    """What does not depend on harmonics: meta.json so far, and the images."""

    meta: dict[str, Any]
    images: dict[str, bytes]


def _common(gaussians: Gaussians, positions: QuantizedPositions, progress: Progress, effort: Effort) -> _Common:
    shape = texture_shape(len(gaussians))
    meta: dict[str, Any] = {
        "version": 2,
        "asset": {"generator": GENERATOR},
        "count": len(gaussians),
        "means": {
            "mins": positions.mins.tolist(),
            "maxs": positions.maxs.tolist(),
            "files": ["means_l.webp", "means_u.webp"],
        },
    }
    low, high = positions.codes & 0xFF, positions.codes >> 8
    scale_codes, meta["scales"] = _with_codebook(gaussians.scales, "scales.webp", effort)
    color_codes, meta["sh0"] = _with_codebook(gaussians.colors, "sh0.webp", effort)
    meta["quats"] = {"files": ["quats.webp"]}
    textures = {
        "means_l.webp": low,
        "means_u.webp": high,
        "quats.webp": quantize_rotations(gaussians.rotations),
        "scales.webp": scale_codes,
        "sh0.webp": np.column_stack([color_codes, quantize_opacities(gaussians.opacities)]),
    }
    images: dict[str, bytes] = {}
    for name, codes in textures.items():
        progress("encode", len(images), len(textures))
        images[name] = encode_webp(_texture(codes, shape), effort.webp)
    progress("encode", len(textures), len(textures))
    return _Common(meta, images)


def _palette(gaussians: Gaussians, entries: int | None, seed: int, progress: Progress) -> Palette:
    progress("palette", 0, len(gaussians))
    customary = palette_size(len(gaussians), gaussians.sh.shape[1])
    size = customary if entries is None else min(entries, customary)
    weights = seen_weights(gaussians)
    return build_palette(gaussians.sh, weights, size, seed, lambda done, total: progress("palette", done, total))


def _with_harmonics(common: _Common, palette: Palette | None, bands: int, shape: tuple[int, int]) -> dict[str, bytes]:
    """The files of a SOG."""
    meta, images = dict(common.meta), dict(common.images)
    if palette:
        centroids, meta["shN"] = _palette_texture(palette, bands)
        labels = np.zeros((len(palette.labels), 3), np.uint8)
        labels[:, 0], labels[:, 1] = palette.labels & 0xFF, palette.labels >> 8
        images["shN_centroids.webp"] = encode_webp(centroids)
        images["shN_labels.webp"] = encode_webp(_texture(labels, shape))
    return {"meta.json": json.dumps(meta, separators=(",", ":"), allow_nan=False).encode(), **images}


def texture_shape(count: int) -> tuple[int, int]:
    """Height and width of the textures: nearly square, multiples of 4, one texel a Gaussian."""
    width = math.ceil(math.sqrt(count) / 4) * 4
    height = math.ceil(count / width / 4) * 4
    if max(width, height) > MAX_TEXTURE_SIDE:
        raise ValueError(f"{count} Gaussians are more than one SOG holds")
    return height, width


def _texture(codes: NDArray[Any], shape: tuple[int, int]) -> Bytes:
    """Lays [N, 3 or 4] codes out row by row; the alpha of three-column codes is 255, unused texels are zero."""
    pixels = np.zeros((shape[0] * shape[1], 4), np.uint8)
    pixels[: len(codes), 3] = 255
    pixels[: len(codes), : codes.shape[1]] = codes
    return pixels.reshape(*shape, 4)


def _with_codebook(values: NDArray[np.float32], file: str, effort: Effort) -> tuple[Bytes, dict[str, Any]]:
    codebook = build_codebook(values, effort.codebook_moves)
    return nearest_codes(values, codebook), {"codebook": padded(codebook), "files": [file]}


def _palette_texture(palette: Palette, bands: int) -> tuple[Bytes, dict[str, Any]]:
    """64 entries a row, one texel a coefficient, red green blue its three channels."""
    count, coefficients = len(palette.centroids), SH_COEFFICIENTS[bands]
    codebook = build_codebook(palette.centroids)
    codes = nearest_codes(palette.centroids, codebook).reshape(count, 3, coefficients)
    rows = math.ceil(count / PALETTE_COLUMNS)
    pixels = _texture(codes.transpose(0, 2, 1).reshape(-1, 3), (rows, PALETTE_COLUMNS * coefficients))
    return pixels, {
        "count": count,
        "bands": bands,
        "codebook": padded(codebook),
        "files": ["shN_centroids.webp", "shN_labels.webp"],
    }
