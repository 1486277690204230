"""Exposure and white balance of each photo, learned beside the model, which so has those of the mean photo.

Cameras expose by themselves: one place is brighter in one photo than in the next. Without a word for it, the model
explains such differences by Gaussians that few photos see.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .adam import Moments, adam_step, moments_from, state_of
from .tuning import ExposureTuning

BETAS = (0.9, 0.99)
MIN_PHOTOS = 5  # fewer say nothing about what photos share


@dataclass(frozen=True)
class Exposure:
    """How a photo shows what the mean photo shows, by channel: `gain` (float32[3], > 0) times it plus `offset`."""

    gain: Tensor
    offset: Tensor

    def applied(self, image: Tensor) -> Tensor:
        """A picture, float32[height, width, 3] in [0, 1] or beyond, as the photo would show it; not clamped."""
        return image * self.gain.to(image.device) + self.offset.to(image.device)


class Exposures:
    """Those of the training photos, in their order, while they are learned."""

    def __init__(self, photos: int, device: torch.device, tuning: ExposureTuning) -> None:
        self._tuning = tuning
        self._log_gains = torch.zeros(photos, 3, device=device, requires_grad=True)
        self._offsets = torch.zeros(photos, 3, device=device, requires_grad=True)
        self._moments = {name: Moments.none_of(values) for name, values in self._learned().items()}

    def of(self, index: int) -> Exposure:
        """That of one photo; gradients flow through it."""
        return Exposure(self._log_gains[index].exp(), self._offsets[index])

    def pressure(self) -> Tensor:
        """A loss that keeps photos at the mean where they say nothing, or where the model explains them as well."""
        return self._tuning.weight * (self._log_gains.square().mean() + self._offsets.square().mean())

    def step(self, factor: float) -> None:
        """One step of Adam with the rate times `factor`; the photos' mean stays without change."""
        for name, values in self._learned().items():
            if values.grad is not None:
                values.grad.nan_to_num_(nan=0.0, posinf=0.0, neginf=0.0)
            adam_step(values, self._moments[name], self._tuning.rate * factor, BETAS)
            values.grad = None
            with torch.no_grad():
                values -= values.mean(dim=0)

    def _learned(self) -> dict[str, Tensor]:
        return {"logGains": self._log_gains, "offsets": self._offsets}

    def learned(self) -> "LearnedExposures":
        """As they are now, without gradients."""
        return LearnedExposures(self._log_gains.detach().cpu().clone(), self._offsets.detach().cpu().clone())

    @torch.no_grad()
    def begin_with(self, exposures: "LearnedExposures") -> None:
        """Takes values for as many photos, without momentum."""
        self._log_gains.copy_(exposures.log_gains)
        self._offsets.copy_(exposures.offsets)

    def state(self) -> dict[str, Any]:
        """Everything that `restore` needs."""
        learned = self.learned()
        return {"logGains": learned.log_gains, "offsets": learned.offsets, "adam": state_of(self._moments)}

    @torch.no_grad()
    def restore(self, state: dict[str, Any]) -> None:
        """Goes on from what `state` told."""
        self._log_gains.copy_(state["logGains"])
        self._offsets.copy_(state["offsets"])
        self._moments = moments_from(state["adam"], self._learned())


@dataclass(frozen=True)
class LearnedExposures:
    """Of the training photos in capture order; `log_gains` and `offsets`: float32[photos, 3], of mean zero."""

    log_gains: Tensor
    offsets: Tensor

    def of(self, index: int) -> Exposure:
        """That of a training photo."""
        return Exposure(self.log_gains[index].exp(), self.offsets[index])

    def predicted(self, training: Sequence[int], at: int, exposure_values: Sequence[float | None] = ()) -> Exposure:
        """What a photo that was not trained on would have, from its EXIF and its neighbours in capture order.

        `training`: places of the training photos in that order, ascending; `at`: the photo's own place;
        `exposure_values`: EV at ISO 100 by place, where they are known. What training photos have follows their values
        along a line as far as it does. Of what neighbours differ from that only the part counts that neighbours among
        the training photos share: where exposures jump from photo to photo, they tell nothing.
        """
        before = [index for index, place in enumerate(training) if place < at][-1:]
        after = [index for index, place in enumerate(training) if place > at][:1]
        light = _light(training, at, exposure_values)
        return Exposure(
            _told(self.log_gains, before + after, light).exp(),
            _told(self.offsets, before + after, light),
        )


def _light(training: Sequence[int], at: int, exposure_values: Sequence[float | None]) -> Tensor | None:
    """float32[photos + 1]: light of the training photos and of the one at `at` over their mean, natural logarithm.

    None where one of them is not known.
    """
    values = [exposure_values[place] if place < len(exposure_values) else None for place in (*training, at)]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return None
    light = -math.log(2) * torch.tensor(known)
    return light - light[:-1].mean()


def _told(values: Tensor, around: Sequence[int], light: Tensor | None) -> Tensor:
    """float32[3]: what the photo with the last of `light` has, from values[photos, 3] of mean zero."""
    if len(values) < MIN_PHOTOS:
        return torch.zeros(3)
    if light is None:
        return _shared_part(values) * values[around].mean(dim=0)
    slope = _slope(light[:-1].unsqueeze(1).expand_as(values), values)
    rest = values - slope * light[:-1].unsqueeze(1)
    return slope * light[-1] + _shared_part(rest) * rest[around].mean(dim=0)


def _shared_part(values: Tensor) -> float:
    """Slope, 0 to 1, of each photo's value over the mean of its two neighbours', over [photos, 3]."""
    return min(1.0, max(0.0, _slope((values[:-2] + values[2:]) / 2, values[1:-1])))


def _slope(given: Tensor, values: Tensor) -> float:
    """Of values[n, 3] over given[n, 3], through zero, by least squares; 0 where there is too little to tell."""
    spread = float((given * given).sum())
    return 0.0 if spread == 0 else float((given * values).sum()) / spread
