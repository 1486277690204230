"""Writes SOG version 2. Format: https://developer.playcanvas.com/user-manual/gaussian-splatting/formats/sog/"""

import json
import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .archive import encode_webp, write_archive
from .codebook import build_codebook, nearest_codes, padded
from .gaussians import SH_COEFFICIENTS, Gaussians
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
    progress: Progress = lambda name, done, total: None,
) -> Encoded:
    """Compresses a model with all its SH bands; the same input and seed give the same bytes on one processor type.

    `phase` wraps each of the phases order, palette and encode; `progress` hears how far each is.
    Raises ValueError when there are no Gaussians, or too many for one texture.
    """
    if not len(gaussians):
        raise ValueError("a SOG needs at least one Gaussian")
    texture_shape(len(gaussians))
    with phase("order"):
        progress("order", 0, 1)
        positions = quantize_positions(gaussians.positions)
        order = morton_order(positions.codes)
        progress("order", 1, 1)
    entries, palette_entries = _textures(gaussians.reordered(order), positions.reordered(order), seed, phase, progress)
    files = {name: len(content) for name, content in entries.items()}
    return Encoded(write_archive(entries), order, files, palette_entries)


def encode_textures(gaussians: Gaussians, *, seed: int) -> dict[str, bytes]:
    """The files of a SOG that is not archived, with the Gaussians in the order in which they come."""
    entries, _ = _textures(
        gaussians,
        quantize_positions(gaussians.positions),
        seed,
        lambda name: nullcontext(),
        lambda name, done, total: None,
    )
    return entries


def _textures(
    gaussians: Gaussians, positions: QuantizedPositions, seed: int, phase: Phase, progress: Progress
) -> tuple[dict[str, bytes], int]:
    """The files of a SOG, and the number of entries of its palette."""
    shape = texture_shape(len(gaussians))
    palette: Palette | None = None
    if gaussians.sh_bands:
        with phase("palette"):
            progress("palette", 0, len(gaussians))
            size = palette_size(len(gaussians), gaussians.sh.shape[1])
            palette = build_palette(gaussians.sh, size, seed, lambda done, total: progress("palette", done, total))
    with phase("encode"):
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
        scale_codes, meta["scales"] = _with_codebook(gaussians.scales, "scales.webp")
        color_codes, meta["sh0"] = _with_codebook(gaussians.colors, "sh0.webp")
        meta["quats"] = {"files": ["quats.webp"]}
        textures = {
            "means_l.webp": _texture(low, shape),
            "means_u.webp": _texture(high, shape),
            "quats.webp": _texture(quantize_rotations(gaussians.rotations), shape),
            "scales.webp": _texture(scale_codes, shape),
            "sh0.webp": _texture(np.column_stack([color_codes, quantize_opacities(gaussians.opacities)]), shape),
        }
        if palette:
            centroids, meta["shN"] = _palette_texture(palette, gaussians.sh_bands)
            labels = np.zeros((len(gaussians), 3), np.uint8)
            labels[:, 0], labels[:, 1] = palette.labels & 0xFF, palette.labels >> 8
            textures |= {"shN_centroids.webp": centroids, "shN_labels.webp": _texture(labels, shape)}
        entries = {"meta.json": json.dumps(meta, separators=(",", ":"), allow_nan=False).encode()}
        for done, (name, pixels) in enumerate(textures.items()):
            progress("encode", done, len(textures))
            entries[name] = encode_webp(pixels)
        progress("encode", len(textures), len(textures))
    return entries, len(palette.centroids) if palette else 0


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


def _with_codebook(values: NDArray[np.float32], file: str) -> tuple[Bytes, dict[str, Any]]:
    codebook = build_codebook(values)
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
