"""What viewers will see, beside what was trained: the decoded scene and the model, drawn from the same places."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image
from spaceport_common.opening_view import PhotoCamera, Pose, opening_pose
from spaceport_common.sog.gaussians import Float32s, Gaussians

from ..drawing.draw import Picture, View, draw, opening_view, photo_view

# About the shape of the viewer's frame in the result page.
OPENING_WIDTH, OPENING_HEIGHT = 640, 400
PHOTO_LONG_SIDE = 400
MAX_PHOTOS = 3
OPAQUE = 0.5
EQUAL_PSNR_DB = 100.0
EQUAL_ERROR = 1e-10


@dataclass(frozen=True)
class SeenFrom:
    """psnr: dB, of the decoded scene against the model. covered: share of the pixels with an opacity over one half."""

    name: str
    psnr: float
    covered: float


@dataclass(frozen=True)
class Pictures:
    """The opening view first, then some photos' views. beside: the opening view of the model and of the scene."""

    views: list[SeenFrom]
    beside: Image.Image

    @property
    def psnr(self) -> float:
        """Of the view that differs most, dB."""
        return min(view.psnr for view in self.views)

    @property
    def covered(self) -> float:
        """Of the opening view."""
        return self.views[0].covered


def compare_pictures(
    model: Gaussians,
    decoded: Gaussians,
    cameras: list[PhotoCamera],
    progress: Callable[[int, int], None] = lambda done, total: None,
    opening: Pose | None = None,
) -> Pictures:
    """Draws both from the viewer's opening view and from a few photos' cameras. `progress` hears of each view.

    `opening`: what training chose; None where it chose nothing.
    """
    views = compared_views(cameras, opening)
    seen: list[SeenFrom] = []
    beside: Image.Image | None = None
    for view in views:
        progress(len(seen), len(views))
        wanted, found = draw(model, view), draw(decoded, view)
        beside = beside or _beside(wanted, found)
        covered = float((found.opacity > OPAQUE).mean())
        seen.append(SeenFrom(view.name, psnr(wanted.rgb, found.rgb), covered))
    progress(len(views), len(views))
    assert beside
    return Pictures(seen, beside)


def psnr(wanted: Float32s, found: Float32s) -> float:
    """Peak signal-to-noise ratio in dB of pictures in 0..1; equal ones give 100."""
    error = float(np.square(wanted - found).mean(dtype=np.float64))
    return EQUAL_PSNR_DB if error <= EQUAL_ERROR else -10 * math.log10(error)


def compared_views(cameras: list[PhotoCamera], opening: Pose | None) -> list[View]:
    """The opening view, and photos evenly over the held-out ones, or over all where none were held out."""
    photos = [camera for camera in cameras if camera.held_out] or cameras
    chosen = sorted({round(index) for index in np.linspace(0, len(photos) - 1, min(MAX_PHOTOS, len(photos)))})
    return [
        opening_view(opening or opening_pose(cameras), OPENING_WIDTH, OPENING_HEIGHT),
        *(photo_view(photos[index], PHOTO_LONG_SIDE) for index in chosen),
    ]


def _beside(wanted: Picture, found: Picture) -> Image.Image:
    return Image.fromarray(np.rint(np.hstack([wanted.rgb, found.rgb]) * 255).astype(np.uint8))
