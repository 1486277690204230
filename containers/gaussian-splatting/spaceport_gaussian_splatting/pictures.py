"""Pictures beside the model: a poster and held-out renders next to their photos."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from PIL import Image
from spaceport_common.opening_view import Pose
from torch import Tensor

from .camera import Camera
from .evaluation import PhotoScore
from .gaussians import Gaussians
from .opening_view import camera_at
from .photos import scaled_size
from .rasterizers.protocol import Rasterizer

QUALITY = 90
POSTER_SIZE = (1280, 720)  # pixels; the shape that scene.json's view is made for
POSTER_QUALITY = 80  # 39 to 41 dB to the JPEG's own pixels, as AVIF_QUALITY gives 40 to 42
AVIF_QUALITY = 60
HELD_OUT_FOLDER = "held-out"
SHOWN_LONG_SIDE = 800  # pixels: two of them side by side fill a page
SHOWN_QUALITY = 82


def save_jpeg(file: Path | BinaryIO, picture: Tensor) -> None:
    """Saves float[height, width, 3] in [0, 1]."""
    _image(picture).save(file, "JPEG", quality=QUALITY)


def _image(picture: Tensor) -> Image.Image:
    return Image.fromarray((picture.clamp(0, 1) * 255).round().to(torch.uint8).numpy())


def central_camera(cameras: Sequence[Camera]) -> Camera:
    """The camera nearest to the middle of all: in a survey it sees the most, and the model is best there."""
    positions = np.array([camera.position for camera in cameras])
    distances = np.linalg.norm(positions - np.median(positions, axis=0), axis=1)
    return cameras[int(np.argmin(distances))]


def first_view(shown: Pose | None, cameras: Sequence[Camera], size: tuple[int, int]) -> Camera:
    """Of what a page shows first, in so many pixels; without `shown`, the central photo's at its own size."""
    return central_camera(cameras) if shown is None else camera_at(shown, cameras[0].near, *size)


@torch.no_grad()
def save_poster(
    output: Path, gaussians: Gaussians, shown: Pose | None, cameras: Sequence[Camera], rasterizer: Rasterizer
) -> None:
    """Draws what a page shows first: JPEG for previews of links; AVIF and WebP, a third to a half of it, for pages."""
    picture = _drawn(gaussians, first_view(shown, cameras, POSTER_SIZE), rasterizer)
    save_jpeg(output / "poster.jpg", picture)
    _image(picture).save(output / "poster.webp", quality=POSTER_QUALITY, method=6)
    _image(picture).save(output / "poster.avif", quality=AVIF_QUALITY, speed=6)


@torch.no_grad()
def save_view(path: Path, gaussians: Gaussians, camera: Camera, rasterizer: Rasterizer) -> None:
    """Draws what a camera sees, in small."""
    factor = min(1.0, SHOWN_LONG_SIDE / max(camera.width, camera.height))
    small = camera.resized(*scaled_size(camera.width, camera.height, factor))
    _save_small(path, _drawn(gaussians, small, rasterizer))


def _drawn(gaussians: Gaussians, camera: Camera, rasterizer: Rasterizer) -> Tensor:
    model = gaussians.to(rasterizer.device)
    image, _ = rasterizer.render(model, camera, camera.width, camera.height, model.sh_degree)
    return image.cpu()


@dataclass(frozen=True)
class HeldOutPictures:
    """Where a held-out photo and the model's picture of it lie, below the output."""

    photo: str
    render: str


def save_held_out(output: Path, scores: Sequence[PhotoScore]) -> dict[int, HeldOutPictures]:
    """Writes photo and render, in small, of the worst, the median and the best held-out photo.

    By the photo's index in `scores`. Names say nothing of the photo's own: who may see one need not learn the other.
    """
    ordered = sorted(range(len(scores)), key=lambda index: scores[index].psnr)
    shown = {ordered[place] for place in (0, (len(ordered) - 1) // 2, len(ordered) - 1)}
    saved = {}
    for index in sorted(shown):
        names = HeldOutPictures(*(f"{HELD_OUT_FOLDER}/{index + 1:04d}-{kind}.webp" for kind in ("photo", "render")))
        score = scores[index]
        _save_small(output / names.photo, score.photo.target(torch.device("cpu")))
        _save_small(output / names.render, score.render)
        saved[index] = names
    return saved


def _save_small(path: Path, picture: Tensor) -> None:
    """Saves float[height, width, 3] in [0, 1] with a long side of at most SHOWN_LONG_SIDE."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = _image(picture)
    image.thumbnail((SHOWN_LONG_SIDE, SHOWN_LONG_SIDE), Image.Resampling.BOX)
    image.save(path, "WEBP", quality=SHOWN_QUALITY, method=4)
