"""The photos as pixels: decoded once, kept as uint8, scaled by an area filter."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from spaceport_common.errors import StageError
from torch import Tensor

from .camera import Camera


def scaled_size(width: int, height: int, factor: float) -> tuple[int, int]:
    """Width and height times `factor`, rounded, at least 1."""
    return max(1, round(width * factor)), max(1, round(height * factor))


@dataclass(frozen=True)
class Photo:
    """A photo at the training size with its camera; pixels: uint8[height, width, 3].

    `visible`: bool[height, width]; None where all of it is. The rest is transparent: it has a colour and no meaning.
    """

    camera: Camera
    pixels: Tensor
    visible: Tensor | None = None

    @property
    def width(self) -> int:
        """Pixels across."""
        return self.pixels.shape[1]

    @property
    def height(self) -> int:
        """Pixels down."""
        return self.pixels.shape[0]

    def scaled(self, factor: float) -> "Photo":
        """The same photo, smaller: the mean of the area that each pixel covers."""
        width, height = scaled_size(self.width, self.height, factor)
        if (width, height) == (self.width, self.height):
            return self
        smaller = Image.fromarray(self.pixels.numpy()).resize((width, height), Image.Resampling.BOX)
        visible = None if self.visible is None else _scaled_mask(self.visible, (width, height))
        return Photo(self.camera.resized(width, height), torch.from_numpy(np.array(smaller)), visible)

    def on(self, device: torch.device) -> "Photo":
        """The same photo with its pixels on a device, so that they are not copied at each look."""
        visible = None if self.visible is None else self.visible.to(device)
        return replace(self, pixels=self.pixels.to(device), visible=visible)

    def target(self, device: torch.device) -> Tensor:
        """float32[height, width, 3] in [0, 1]."""
        return self.pixels.to(device).float() / 255

    def target_for(self, image: Tensor) -> Tensor:
        """What a render, float32[height, width, 3], is compared with: where the photo is transparent, with itself."""
        target = self.target(image.device)
        if self.visible is None:
            return target
        return torch.where(self.visible.to(image.device).unsqueeze(2), target, image.detach())

    @property
    def visible_share(self) -> float:
        """Part of the pixels that are visible, above 0 to 1."""
        return 1.0 if self.visible is None else max(float(self.visible.float().mean()), 1e-6)

    def shows(self, pixels: NDArray[np.float64]) -> NDArray[np.bool_]:
        """bool[N]: whether pixels[N, 2] inside the photo are visible."""
        if self.visible is None:
            return np.ones(len(pixels), bool)
        return np.asarray(self.visible.numpy()[pixels[:, 1].astype(int), pixels[:, 0].astype(int)])

    def sees(self, points: NDArray[np.float64]) -> NDArray[np.bool_]:
        """bool[N]: whether points[N, 3] lie in the photo, behind whatever."""
        return np.asarray(self.camera.sees(torch.from_numpy(points)).numpy())


def _scaled_mask(visible: Tensor, size: tuple[int, int]) -> Tensor:
    """bool[height, width] at another size: visible where all that a pixel covers is."""
    covered = Image.fromarray(visible.numpy().astype(np.uint8) * 255).resize(size, Image.Resampling.BOX)
    return torch.from_numpy(np.array(covered) == 255)


def load_photo(images: Path, masks: Path, camera: Camera, image_size: int) -> Photo:
    """Reads a prepared photo, with its mask if it has one, and scales it to a long side of at most `image_size`.

    Raises StageError `MODEL_INVALID` where it is missing, damaged, or of another size than its camera.
    """
    try:
        with Image.open(images / camera.name) as file:
            picture = file.convert("RGB")
        mask = _read_mask(masks / f"{camera.name}.png", picture.size)
    except OSError as error:
        raise StageError("MODEL_INVALID", f"the prepared photo {camera.name} cannot be read: {error}") from error
    if picture.size != (camera.width, camera.height):
        found, wanted = "x".join(map(str, picture.size)), f"{camera.width}x{camera.height}"
        raise StageError("MODEL_INVALID", f"the prepared photo {camera.name} is {found}, its camera says {wanted}")
    factor = min(1.0, image_size / max(picture.size))
    return Photo(camera, torch.from_numpy(np.array(picture)), mask).scaled(factor)


def _read_mask(path: Path, size: tuple[int, int]) -> Tensor | None:
    if not path.exists():
        return None
    with Image.open(path) as file:
        mask = file.convert("L")
    if mask.size != size:
        raise StageError("MODEL_INVALID", f"the mask {path.name} is not of the size of its photo")
    return torch.from_numpy(np.array(mask) > 0)
