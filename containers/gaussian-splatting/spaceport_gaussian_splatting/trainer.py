"""The training loop."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Literal

import torch
from spaceport_common.errors import Interrupted
from spaceport_common.progress import progress
from torch import Tensor

from . import mcmc
from .dropout import thinned
from .exposure import Exposure, Exposures, LearnedExposures
from .gaussians import Gaussians
from .image_metrics import psnr
from .interruption import Interruption, deferred_interruption
from .loss import fastest_loss
from .optimizer import GaussianOptimizer
from .photos import Photo
from .plateau import Plateau
from .rasterizers.protocol import Rasterizer
from .schedule import Schedule
from .settings import TrainingSettings
from .trust import trust_in
from .tuning import Tuning

MAX_BYTES_ON_DEVICE = 2**31  # of photos; more are copied to the card as they are used
SaveState = Callable[[int, dict[str, Any]], None]
LookAt = Callable[[Gaussians, float], None]
Tell = Callable[[int, int, Callable[[], dict[str, float]]], None]
StopReason = Literal["iterations", "seconds", "plateau"]


@dataclass(frozen=True)
class Outcome:
    """The result of training. `seconds`: of all runs, where it was resumed."""

    gaussians: Gaussians
    exposures: LearnedExposures
    iterations: int
    seconds: float
    stop_reason: StopReason


class Trainer:
    """Trains in the normalised frame. `save` is called every `checkpoint_seconds` and when a signal arrives.

    `look` is shown the model after each step, with the part of the budget that is spent. Without `learns_exposures`
    photos are taken as they are. `tell` is called as spaceport_common's progress is, without the phase.
    """

    def __init__(
        self,
        settings: TrainingSettings,
        tuning: Tuning,
        photos: Sequence[Photo],
        initial: Gaussians,
        rasterizer: Rasterizer,
        save: SaveState,
        learns_exposures: bool = True,
        look: LookAt | None = None,
        schedule: Schedule | None = None,
        tell: Tell = partial(progress, "train"),  # noqa: B008
    ) -> None:
        self._settings, self._tuning, self._tell = settings, tuning, tell
        self._photos, self._rasterizer, self._save, self._look = photos, rasterizer, save, look
        self._schedule = schedule or Schedule(settings, tuning.schedule)
        self._device = rasterizer.device
        self._loss = fastest_loss(self._device, settings.dssim_weight)
        self._optimizer = GaussianOptimizer(initial.to(self._device), asdict(tuning.rates))
        self._exposures = Exposures(len(photos), self._device, tuning.exposure)
        self._learns_exposures = learns_exposures
        self._generator = torch.Generator().manual_seed(settings.seed)
        self._initial_count = len(initial)
        self._iteration = 0
        self._started = time.monotonic()
        self._seconds_before = 0.0
        self._round = list(range(len(photos)))
        self._queue: list[int] = []
        self._plateau = Plateau(settings.plateau_patience, settings.plateau_min_delta_db)
        self._scaled: dict[float, list[Photo]] = {}
        self._trust = self._known()

    def go_on(self, optimizer: GaussianOptimizer, exposures: LearnedExposures, looks: Sequence[int]) -> None:
        """Begins where another training has ended, with its momentum; `exposures` are those of the photos here.

        `looks`: the photos of a round, by index, some more often than others.
        """
        self._optimizer, self._round = optimizer, list(looks)
        self._exposures.begin_with(exposures)
        self._trust = self._known()

    @property
    def optimizer(self) -> GaussianOptimizer:
        """The model with its momentum."""
        return self._optimizer

    def restore(self, state: dict[str, Any]) -> None:
        """Resumes from a checkpoint's state."""
        self._optimizer = GaussianOptimizer.restored(state["optimizer"], self._device)
        if "exposures" in state:  # checkpoints from before they were learned have none
            self._exposures.restore(state["exposures"])
        self._generator.set_state(state["generator"])
        self._initial_count = state["initialCount"]
        self._iteration = state["iteration"]
        self._seconds_before = state["seconds"]
        self._queue = list(state["queue"])
        self._trust = state["trust"].to(self._device) if "trust" in state else self._known()  # older ones have none
        self._plateau.best_db = state["plateauBestDb"]
        self._plateau.looks_without_gain = state["plateauLooks"]

    def state(self) -> dict[str, Any]:
        """Everything that `restore` needs."""
        return {
            "optimizer": self._optimizer.state(),
            "exposures": self._exposures.state(),
            "generator": self._generator.get_state(),
            "initialCount": self._initial_count,
            "iteration": self._iteration,
            "seconds": self._seconds(),
            "queue": list(self._queue),
            "trust": self._trust.cpu(),
            "plateauBestDb": self._plateau.best_db,
            "plateauLooks": self._plateau.looks_without_gain,
        }

    def train(self) -> Outcome:
        """Runs until the budget is spent or PSNR has stopped rising.

        Raises Interrupted after saving a checkpoint, when SIGTERM or SIGINT has arrived.
        """
        with deferred_interruption() as interruption:
            self._started = time.monotonic()
            stop_reason = self._loop(interruption)
        gaussians, exposures = self._optimizer.gaussians.copied(), self._exposures.learned()
        return Outcome(gaussians, exposures, self._iteration, self._seconds(), stop_reason)

    def _seconds(self) -> float:
        return self._seconds_before + time.monotonic() - self._started

    def _loop(self, interruption: Interruption) -> StopReason:
        if self._settings.max_iterations == 0:
            return "iterations"
        saved, first_iteration = self._started, self._iteration
        while True:
            spent = self._schedule.progress(self._iteration, self._seconds())
            if spent >= 1:
                return "iterations" if self._iteration >= self._settings.max_iterations else "seconds"
            if self._plateau_reached(spent):
                return "plateau"
            loss, picture_psnr = self._step(spent)
            self._iteration += 1
            if interruption.came:
                self._save(self._iteration, self.state())
                raise Interrupted
            spent = self._schedule.progress(self._iteration, self._seconds())
            if self._look is not None:
                self._look(self._optimizer.gaussians, spent)
            now = time.monotonic()
            if now - saved >= self._settings.checkpoint_seconds:
                self._save(self._iteration, self.state())
                saved = time.monotonic()
            speed = (self._iteration - first_iteration) / (now - self._started + 1e-9)
            figures = partial(self._figures, loss, picture_psnr, speed)
            total = self._settings.max_iterations
            self._tell(round(spent * total), total, figures)

    def _figures(self, loss: float, picture_psnr: Callable[[], float], speed: float) -> dict[str, float]:
        """What a progress line says. PSNR took a tenth of a step: only a line that is printed pays for it."""
        return {
            "iteration": self._iteration,
            "loss": round(loss, 5),
            "psnr": round(picture_psnr(), 3),
            "gaussians": len(self._optimizer.gaussians),
            "itPerSecond": round(speed, 2),
        }

    def _step(self, spent: float) -> tuple[float, Callable[[], float]]:
        """One photo forward and back; returns the loss, and what computes the PSNR of the picture."""
        index = self._next_photo()
        photo = self._at_scale(self._schedule.scale(spent))[index]
        left_out = self._tuning.trust.left_out * self._schedule.dropout(spent) * (1 - self._trust)
        gaussians, stays = thinned(self._optimizer.gaussians, left_out, self._generator)
        degree = self._schedule.sh_degree(spent)
        drawn, info = self._rasterizer.render(gaussians, photo.camera, photo.width, photo.height, degree)
        exposure = self._exposures.of(index) if self._learns_exposures else None
        loss = self._loss(drawn, photo, exposure) + mcmc.regularisation(
            gaussians, info.rows[stays[info.rows]], self._tuning.mcmc
        )
        if self._learns_exposures:
            loss = loss + self._exposures.pressure()
        value = loss.item()
        if math.isfinite(value):  # else the relocation below removes what broke it
            torch.autograd.backward(loss)
            steps = self._trust.clamp_min(self._tuning.trust.least_step)
            self._optimizer.step(self._rate_factors(spent), steps)
            if self._learns_exposures:
                self._exposures.step(self._schedule.other_factor(spent))
        self._rearrange(spent, broken=not math.isfinite(value))
        return (value if math.isfinite(value) else 0.0), partial(_picture_psnr, drawn, photo, exposure)

    def _known(self) -> Tensor:
        return trust_in(self._optimizer.gaussians.means, self._photos, self._tuning.trust)

    def _rate_factors(self, spent: float) -> dict[str, float]:
        factor = self._schedule.other_factor(spent)
        return dict.fromkeys(asdict(self._tuning.rates), factor) | {"means": self._schedule.position_factor(spent)}

    def _rearrange(self, spent: float, broken: bool) -> None:
        due = self._iteration % self._schedule.refine_every() == 0 and self._schedule.relocates(spent)
        weights = self._trust.clamp_min(self._tuning.trust.least_growth)
        if due or broken:
            mcmc.clamp(self._optimizer, self._tuning.mcmc)
            mcmc.relocate_dead(self._optimizer, weights, self._generator, self._tuning.mcmc)
        if due:
            wanted = self._schedule.target_count(spent, self._initial_count)
            missing = wanted - len(self._optimizer.gaussians)
            mcmc.grow(self._optimizer, missing, weights, self._generator, self._tuning.mcmc)
            self._trust = self._known()
        if self._schedule.relocates(spent):
            rate = self._tuning.rates.means * self._schedule.position_factor(spent)
            mcmc.add_noise(self._optimizer, rate, self._generator, self._tuning.mcmc)

    def _plateau_reached(self, spent: float) -> bool:
        if self._iteration % self._schedule.plateau_every() != 0 or not self._schedule.watches_plateau(spent):
            return False
        return self._plateau.reached(self._plateau_psnr(self._schedule.sh_degree(spent)))

    @torch.no_grad()
    def _plateau_psnr(self, degree: int) -> float:
        """Mean over a few training photos spread over the set."""
        stride = max(1, len(self._photos) // self._tuning.schedule.plateau_photos)
        gaussians, values = self._optimizer.gaussians, []
        for index in range(0, len(self._photos), stride):
            photo = self._photos[index]
            image, _ = self._rasterizer.render(gaussians, photo.camera, photo.width, photo.height, degree)
            image = self._exposures.of(index).applied(image).clamp(0, 1)
            values.append(psnr(image, photo.target_for(image), photo.visible_share))
        return sum(values) / len(values)

    def _next_photo(self) -> int:
        """Every photo of a round in random order, then again."""
        if not self._queue:
            order = torch.randperm(len(self._round), generator=self._generator).tolist()
            self._queue = [self._round[place] for place in order]
        return self._queue.pop()

    def _at_scale(self, scale: float) -> list[Photo]:
        if scale not in self._scaled:
            scaled = [photo.scaled(scale) for photo in self._photos]
            if self._device.type != "cpu" and sum(photo.pixels.nbytes for photo in scaled) <= MAX_BYTES_ON_DEVICE:
                scaled = [photo.on(self._device) for photo in scaled]
            self._scaled = {scale: scaled}
        return self._scaled[scale]


@torch.no_grad()
def _picture_psnr(drawn: torch.Tensor, photo: Photo, exposure: Exposure | None) -> float:
    image = drawn if exposure is None else exposure.applied(drawn)
    shown = image.clamp(0, 1).nan_to_num(0.0)
    return psnr(shown, photo.target_for(shown), photo.visible_share)
