"""Binary glTF 2.0 around an SPZ: KHR_gaussian_splatting, and for the SPZ an extension that is still a draft.

CesiumJS (1.140 and later) draws this form: accessors without data, which say what the SPZ holds.
"""

import json
import struct
from typing import Any

from spaceport_common.sog.gaussians import Gaussians

from ..formats.axes import y_up
from ..formats.spz import encode_spz

SPLATS, SPZ = "KHR_gaussian_splatting", "KHR_gaussian_splatting_compression_spz_2"
MAGIC, VERSION, JSON_CHUNK, BINARY_CHUNK = b"glTF", 2, b"JSON", b"BIN\0"
FLOAT, UNSIGNED_BYTE, POINTS = 5126, 5121, 0
COEFFICIENTS = (0, 3, 5, 7)  # of each degree


def encode_glb(gaussians: Gaussians) -> bytes:
    """One tile, x east, y up, z south. Raises TooWideError as encode_spz does."""
    data = encode_spz(gaussians)
    positions = y_up(gaussians).positions
    attributes: dict[str, int] = {}
    accessors: list[dict[str, Any]] = []

    def add(name: str, kind: str, **more: Any) -> None:
        attributes[name] = len(accessors)
        accessors.append({"componentType": FLOAT, "count": len(gaussians), "type": kind} | more)

    add("POSITION", "VEC3", min=positions.min(axis=0).tolist(), max=positions.max(axis=0).tolist())
    add("COLOR_0", "VEC4", componentType=UNSIGNED_BYTE, normalized=True)
    add(f"{SPLATS}:SCALE", "VEC3")
    add(f"{SPLATS}:ROTATION", "VEC4")
    for degree in range(1, gaussians.sh_bands + 1):
        for index in range(COEFFICIENTS[degree]):
            add(f"{SPLATS}:SH_DEGREE_{degree}_COEF_{index}", "VEC3")
    splats = {
        "kernel": "ellipse",
        "colorSpace": "srgb_rec709_display",
        "extensions": {SPZ: {"bufferView": 0}},
    }
    content = {
        "asset": {"version": "2.0", "generator": "Spaceport"},
        "extensionsUsed": [SPLATS, SPZ],
        "extensionsRequired": [SPLATS, SPZ],
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": attributes, "mode": POINTS, "extensions": {SPLATS: splats}}]}],
        "accessors": accessors,
        "bufferViews": [{"buffer": 0, "byteLength": len(data)}],
        "buffers": [{"byteLength": len(data)}],
    }
    chunks = _chunk(JSON_CHUNK, json.dumps(content, separators=(",", ":"), allow_nan=False).encode(), b" ")
    chunks += _chunk(BINARY_CHUNK, data, b"\0")
    return MAGIC + struct.pack("<II", VERSION, 12 + len(chunks)) + chunks


def _chunk(kind: bytes, content: bytes, filler: bytes) -> bytes:
    padded = content + filler * (-len(content) % 4)
    return struct.pack("<I", len(padded)) + kind + padded
