"""Rate and distortion: how much of the harmonics is given up for a size, and how far pictures may differ for it."""

from dataclasses import dataclass

import numpy as np
from spaceport_common.opening_view import Pose

from .drawing import draw, opening_view
from .gaussians import Gaussians
from .palette import SH3_PLY_BYTES
from .pictures import psnr
from .sog_decoder import decode
from .sog_encoder import Encoded, encode

MIN_PSNR_DB = 40.0  # of what is decoded, drawn, against the model: nobody sees the difference
WIDTH, HEIGHT = 480, 300
EXTENT_PERCENT = (5, 95)  # of the positions along each axis: floaters do not move the view away
RADII_AWAY = 1.8


@dataclass(frozen=True)
class Choice:
    """model: what was encoded. ratio: of 248 bytes a Gaussian to the file. The sentences are None where none is due."""

    model: Gaussians
    encoded: Encoded
    ratio: float
    given_up: str | None
    below_target: str | None


def chosen_encoding(model: Gaussians, target_ratio: float | None, seed: int) -> Choice:
    """The encoding with the most bands of harmonics that reaches the ratio, all of them where none is asked.

    Bands stop being dropped where pictures of the decoded file would differ by less than MIN_PSNR_DB: the file is then
    larger than asked, and `below_target` says so. Raises ValueError as encode does.
    """
    best = _encoded(model, seed)
    stop: str | None = None
    while target_ratio and best.ratio < target_ratio:
        if not best.model.sh_bands:
            stop = (
                f"harmonics are all gone, and the rest takes {len(best.encoded.data) / len(model):.1f} bytes a Gaussian"
            )
            break
        smaller = _encoded(best.model.with_bands(best.model.sh_bands - 1), seed)
        found = fidelity(model, decode(smaller.encoded.data).gaussians, smaller.encoded)
        if found < MIN_PSNR_DB:
            stop = f"with {smaller.model.sh_bands} bands of harmonics pictures would differ, at {found:.1f} dB"
            break
        best = smaller
    lost = model.sh_bands - best.model.sh_bands
    given_up = f"{lost} of {model.sh_bands} bands of harmonics were given up for the ratio" if lost else None
    below = f"the ratio is {best.ratio:.2f} and not {target_ratio:g}: {stop}" if stop else None
    return Choice(best.model, best.encoded, best.ratio, given_up, below)


def _encoded(model: Gaussians, seed: int) -> Choice:
    encoded = encode(model, seed=seed)
    return Choice(model, encoded, SH3_PLY_BYTES * len(model) / len(encoded.data), None, None)


def fidelity(model: Gaussians, decoded: Gaussians, encoded: Encoded) -> float:
    """The smallest PSNR, dB, of pictures of both from the four sides of `overviews`."""
    ordered = model.reordered(encoded.order)
    views = [opening_view(pose, WIDTH, HEIGHT) for pose in overviews(model)]
    return min(psnr(draw(ordered, view).rgb, draw(decoded, view).rgb) for view in views)


def overviews(model: Gaussians) -> list[Pose]:
    """Four views from above, from south, east, north and west: what a model without cameras is looked at from."""
    low, high = np.percentile(model.positions.astype(np.float64), EXTENT_PERCENT, axis=0)
    target, radius = (low + high) / 2, max(float(np.linalg.norm(high - low)) / 2, 1e-9)
    sides = ((0, -1), (1, 0), (0, 1), (-1, 0))
    away = RADII_AWAY * radius / np.sqrt(2)
    return [Pose(target + away * np.array([x, -1, z], np.float64), target) for x, z in sides]
