"""Pictures beside the model: a poster and held-out renders next to their photos."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from .camera import Camera
from .evaluation import PhotoScore
from .gaussians import Gaussians
from .rasterizers.protocol import Rasterizer

QUALITY = 90


def save_jpeg(path: Path, picture: Tensor) -> None:
    """Saves float[height, width, 3] in [0, 1]."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = (picture.clamp(0, 1) * 255).round().to(torch.uint8).numpy()
    Image.fromarray(pixels).save(path, quality=QUALITY)


def central_camera(cameras: Sequence[Camera]) -> Camera:
    """The camera nearest to the middle of all: in a survey it sees the most, and the model is best there."""
    positions = np.array([camera.position for camera in cameras])
    distances = np.linalg.norm(positions - np.median(positions, axis=0), axis=1)
    return cameras[int(np.argmin(distances))]


@torch.no_grad()
def save_poster(path: Path, gaussians: Gaussians, cameras: Sequence[Camera], rasterizer: Rasterizer) -> None:
    """Draws the central view at the photo's own size."""
    camera = central_camera(cameras)
    model = gaussians.to(rasterizer.device)
    image, _ = rasterizer.render(model, camera, camera.width, camera.height, model.sh_degree)
    save_jpeg(path, image.cpu())


def save_previews(folder: Path, scores: Sequence[PhotoScore]) -> None:
    """Photo and render side by side for the worst, the median and the best held-out photo."""
    ordered = sorted(scores, key=lambda score: score.psnr)
    for name, index in (("worst", 0), ("median", len(ordered) // 2), ("best", len(ordered) - 1)):
        score = ordered[index]
        photo = score.photo.target(torch.device("cpu"))
        save_jpeg(folder / f"{name}.jpg", torch.cat([photo, score.render], dim=1))
