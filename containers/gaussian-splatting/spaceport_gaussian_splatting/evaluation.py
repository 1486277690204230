"""The evaluation protocol's second half (split.py has the first).

Held-out photos are scaled by an area filter to the training size, the model is drawn as viewers draw it, gets the
exposure that the photo's EXIF and neighbours tell (exposure.py; never its picture), is clamped to [0, 1], and compared
as it is. Beside it stands PSNR after the best affine change of colours, which tells shape from exposure. Transparent
parts of a photo do not count. Mean and per photo.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from .exposure import Exposure
from .gaussians import Gaussians
from .image_metrics import color_matched, psnr, ssim
from .photos import Photo
from .rasterizers.protocol import Rasterizer


@dataclass(frozen=True)
class PhotoScore:
    """A photo and its render, float32[height, width, 3] in [0, 1], at its exposure; metrics when asked for."""

    photo: Photo
    render: Tensor

    @cached_property
    def psnr(self) -> float:
        """dB."""
        return psnr(self.render, self._target, self.photo.visible_share)

    @cached_property
    def corrected_psnr(self) -> float:
        """dB, after the best affine change of the render's colours."""
        return psnr(color_matched(self.render, self._target), self._target, self.photo.visible_share)

    @cached_property
    def ssim(self) -> float:
        """0 to 1."""
        return 1 - (1 - float(ssim(self.render, self._target))) / self.photo.visible_share

    @property
    def _target(self) -> Tensor:
        return self.photo.target_for(self.render)


@torch.no_grad()
def score_photos(
    gaussians: Gaussians,
    photos: Sequence[Photo],
    rasterizer: Rasterizer,
    exposures: Sequence[Exposure] = (),
    on_photo: Callable[[int], None] = lambda done: None,
) -> list[PhotoScore]:
    """Scores each photo; Gaussians and the photos' cameras must share a frame. `on_photo` gets the number done.

    `exposures`: of each photo; none = all as the model is.
    """
    model = gaussians.to(rasterizer.device)
    scores = []
    for index, photo in enumerate(photos):
        image, _ = rasterizer.render(model, photo.camera, photo.width, photo.height, model.sh_degree)
        image = (exposures[index].applied(image) if exposures else image).clamp(0, 1).cpu()
        scores.append(PhotoScore(photo, image))
        on_photo(len(scores))
    return scores


def mean_psnr(scores: Sequence[PhotoScore]) -> float:
    """Mean of the photos' PSNR, dB."""
    return sum(score.psnr for score in scores) / len(scores)


def mean_corrected_psnr(scores: Sequence[PhotoScore]) -> float:
    """Mean of the photos' PSNR after the best affine change of colours, dB."""
    return sum(score.corrected_psnr for score in scores) / len(scores)


def mean_ssim(scores: Sequence[PhotoScore]) -> float:
    """Mean of the photos' SSIM."""
    return sum(score.ssim for score in scores) / len(scores)
