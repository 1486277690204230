"""The photos as pixels: decoded once, kept as uint8, scaled by an area filter."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from spaceport_common.errors import StageError
from torch import Tensor

from .camera import Camera


def scaled_size(width: int, height: int, factor: float) -> tuple[int, int]:
    """Width and height times `factor`, rounded, at least 1."""
    return max(1, round(width * factor)), max(1, round(height * factor))


@dataclass(frozen=True)
class Photo:
    """A photo at the training size with its camera; pixels: uint8[height, width, 3]."""

    camera: Camera
    pixels: Tensor

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
        return Photo(self.camera.resized(width, height), torch.from_numpy(np.array(smaller)))

    def target(self, device: torch.device) -> Tensor:
        """float32[height, width, 3] in [0, 1]."""
        return self.pixels.to(device).float() / 255


def load_photo(folder: Path, camera: Camera, image_size: int) -> Photo:
    """Reads a prepared photo and scales it to a long side of at most `image_size`.

    Raises StageError `MODEL_INVALID` where it is missing, damaged, or of another size than its camera.
    """
    try:
        with Image.open(folder / camera.name) as file:
            picture = file.convert("RGB")
    except OSError as error:
        raise StageError("MODEL_INVALID", f"the prepared photo {camera.name} cannot be read: {error}") from error
    if picture.size != (camera.width, camera.height):
        found, wanted = "x".join(map(str, picture.size)), f"{camera.width}x{camera.height}"
        raise StageError("MODEL_INVALID", f"the prepared photo {camera.name} is {found}, its camera says {wanted}")
    width, height = scaled_size(*picture.size, min(1.0, image_size / max(picture.size)))
    if (width, height) != picture.size:
        picture = picture.resize((width, height), Image.Resampling.BOX)
    return Photo(camera.resized(width, height), torch.from_numpy(np.array(picture)))
