"""The container of a .sog file: a ZIP of stored entries, its images lossless WebP."""

import io
import zipfile
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class WebpEffort:
    """What lossless WebP may cost; 75 and 4 take two to four times as long, for between 0.3 % less and 0.8 % more."""

    quality: int = 50  # of 100
    method: int = 2  # of 6


USUAL_EFFORT = WebpEffort()


def encode_webp(pixels: Bytes, effort: WebpEffort = USUAL_EFFORT) -> bytes:
    """Lossless WebP of uint8[H, W, 4]; `exact` keeps the colours of transparent pixels, which are data here."""
    buffer = io.BytesIO()
    image = Image.fromarray(pixels, "RGBA")
    image.save(buffer, "WEBP", lossless=True, exact=True, quality=effort.quality, method=effort.method)
    return buffer.getvalue()


def decode_webp(data: bytes) -> Bytes:
    """uint8[H, W, 4]."""
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGBA"))


def write_archive(entries: dict[str, bytes]) -> bytes:
    """A ZIP of stored entries in the given order; no clock goes into it, so that equal input gives equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in entries.items():
            entry = zipfile.ZipInfo(name)  # dated 1980-01-01
            entry.create_system = 3  # Unix on every platform: equal input gives equal bytes
            archive.writestr(entry, data)
    return buffer.getvalue()


def read_archive(data: bytes) -> dict[str, bytes]:
    """All entries, their checksums verified. Raises zipfile.BadZipFile."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
