"""What a picture itself tells of its worth: sharpness, exposure, and what to know it again by. No rules over sets.

Measured once, on the grey picture that features are found in, in about 10 ms at 1600 pixels.
"""

import hashlib
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

BLACK = 10  # grey levels up to it: a lens cap has this noise
WHITE = 250  # grey levels from it
WHOLLY = 0.999  # part of the visible pixels

FINE_PX, COARSE_PX = 2, 8  # SIFT's first octave sees details from two pixels on
# Steps of the finer picture over those of the coarser one, in a picture without any detail: both are slopes of ramps.
NO_DETAIL = FINE_PX / COARSE_PX
PLAIN_STEP = 1.0  # grey levels: a picture with smaller coarse steps is a plain surface, sharp or not

THUMBNAIL_PX = 32
PLAIN_THUMBNAIL = 2.0  # standard deviation in grey levels, below which thumbnails of plain surfaces are all alike


@dataclass(frozen=True)
class PhotoQuality:
    """Of the visible part of a photo."""

    detail: float | None
    """Fine detail for what there is to see: 0 none, real photos 0.3 to 2.4; None for a plain surface. In motion blur
    it is that of the direction with less."""
    black: float
    """Part of the pixels, 0 to 1; likewise `white`."""
    white: float
    digest: str
    """Equal for photos that are the same in every pixel of the picture for features."""
    thumbnail: NDArray[np.float32] | None = field(compare=False)
    """float32[1024] of mean 0 and length 1: the product of two is their correlation. None for a plain surface."""

    @property
    def shows_nothing(self) -> str | None:
        """Why nothing can be seen on it, for people; None where something can."""
        if self.black >= WHOLLY:
            return "all of it is black: too dark, or taken with the lens covered"
        return "all of it is white: overexposed" if self.white >= WHOLLY else None


def measure_quality(grey: Image.Image, mask: Image.Image | None = None) -> PhotoQuality:
    """Of an upright 8-bit grey picture; `mask` of the same size: 0 where it is transparent."""
    histogram = np.array(grey.histogram(mask), np.float64)
    total = max(histogram.sum(), 1.0)
    digest = hashlib.sha256(repr(grey.size).encode() + grey.tobytes())
    if mask is not None:
        digest.update(mask.tobytes())
    return PhotoQuality(
        detail=_detail(grey),
        black=float(histogram[: BLACK + 1].sum() / total),
        white=float(histogram[WHITE:].sum() / total),
        digest=digest.hexdigest(),
        thumbnail=_thumbnail(grey),
    )


def _detail(grey: Image.Image) -> float | None:
    """RMS step between means of 2x2 pixels over that between means of 8x8, less what the latter explains.

    The ratio hardly depends on what is seen, since the detail of places is much the same at all scales (Field 1987);
    the variance of the Laplacian, which is used more often, differs tenfold between sharp photos of one flight.
    """
    fine, coarse = _steps(grey, FINE_PX), _steps(grey, COARSE_PX)
    if coarse.max() < PLAIN_STEP:
        return None
    return float(max(0.0, (fine / np.maximum(coarse, PLAIN_STEP)).min() - NO_DETAIL))


def _steps(grey: Image.Image, factor: int) -> NDArray[np.float64]:
    """float64[2]: RMS step between neighbouring means of `factor` pixels squared, along rows and along columns."""
    means = np.asarray(grey.reduce(factor), np.float32)
    steps = (np.diff(means, axis=axis) for axis in (1, 0))
    return np.array([np.sqrt(np.mean(step * step)) if step.size else 0.0 for step in steps], np.float64)


def _thumbnail(grey: Image.Image) -> NDArray[np.float32] | None:
    small = grey.resize((THUMBNAIL_PX, THUMBNAIL_PX), Image.Resampling.BOX)
    levels = np.asarray(small, np.float32).reshape(-1)
    levels = levels - levels.mean()
    if levels.std() < PLAIN_THUMBNAIL:
        return None
    scaled: NDArray[np.float32] = levels / np.linalg.norm(levels)
    return scaled
