"""Reads SOG version 2 from its bytes alone, independently of the encoder."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .archive import decode_webp, read_archive
from .gaussians import SH_COEFFICIENTS, Float32s, Gaussians
from .quantizers import QuantizedPositions, dequantize_opacities, dequantize_positions, dequantize_rotations

PALETTE_COLUMNS = 64


@dataclass(frozen=True)
class Decoded:
    """The model in the file's order, and the file's meta.json."""

    gaussians: Gaussians
    meta: dict[str, Any]


def decode(data: bytes) -> Decoded:
    """Opens and decodes every member of a .sog file.

    Raises zipfile.BadZipFile, OSError, KeyError, IndexError or ValueError when the file is damaged.
    """
    entries = read_archive(data)
    meta: dict[str, Any] = json.loads(entries["meta.json"])
    if meta["version"] != 2:
        raise ValueError(f"SOG version {meta['version']} is not supported")
    count: int = meta["count"]

    def texels(section: str, index: int = 0) -> NDArray[np.uint8]:
        pixels = decode_webp(entries[meta[section]["files"][index]]).reshape(-1, 4)
        if len(pixels) < count:
            raise ValueError(f"{meta[section]['files'][index]} is too small for {count} Gaussians")
        return pixels[:count]

    def codebook(section: str) -> Float32s:
        return np.array(meta[section]["codebook"], np.float32)

    low, high = (texels("means", i)[:, :3].astype(np.uint16) for i in (0, 1))
    mins, maxs = (np.array(meta["means"][key], np.float64) for key in ("mins", "maxs"))
    sh0 = texels("sh0")
    gaussians = Gaussians(
        positions=dequantize_positions(QuantizedPositions(low | (high << np.uint16(8)), mins, maxs)),
        rotations=dequantize_rotations(texels("quats")),
        scales=codebook("scales")[texels("scales")[:, :3]],
        opacities=dequantize_opacities(sh0[:, 3]),
        colors=codebook("sh0")[sh0[:, :3]],
        sh=_decode_sh(meta["shN"], entries, texels("shN", 1)) if "shN" in meta else np.empty((count, 0), np.float32),
    )
    return Decoded(gaussians, meta)


def _decode_sh(section: dict[str, Any], entries: dict[str, bytes], texels: NDArray[np.uint8]) -> Float32s:
    """float32[N, 3 * C], channel-major."""
    coefficients = SH_COEFFICIENTS[section["bands"]]
    pixels = decode_webp(entries[section["files"][0]])
    if pixels.shape[1] != PALETTE_COLUMNS * coefficients:
        raise ValueError("the palette's texture does not have 64 entries a row")
    codes = pixels.reshape(-1, coefficients, 4)[: section["count"], :, :3]
    palette = np.array(section["codebook"], np.float32)[codes.transpose(0, 2, 1)].reshape(len(codes), -1)
    labels = texels[:, 0].astype(np.intp) | (texels[:, 1].astype(np.intp) << 8)
    result: Float32s = palette[labels]
    return result
