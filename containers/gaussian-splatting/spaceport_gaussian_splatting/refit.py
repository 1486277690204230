"""The end of training: once held-out photos were measured with, the delivered model learns from them too.

The numbers stay those of the model before (the judged one): nothing is left to measure the delivered one with.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from .exposure import Exposure, LearnedExposures
from .schedule import Schedule
from .settings import TrainingSettings
from .tuning import RefitTuning


def judged_settings(settings: TrainingSettings) -> TrainingSettings:
    """What is left of the budget for the model that is measured."""
    kept = 1 - settings.refit_share
    return settings.model_copy(
        update={"max_iterations": round(kept * settings.max_iterations), "max_seconds": kept * settings.max_seconds}
    )


def refit_settings(settings: TrainingSettings, judged_iterations: int) -> TrainingSettings:
    """The budget of the refit after so many iterations, fewer than planned where the time or a plateau ended them."""
    share = settings.refit_share
    return settings.model_copy(
        update={
            "max_iterations": round(share / (1 - share) * judged_iterations),
            "max_seconds": share * settings.max_seconds,
        }
    )


@dataclass(frozen=True)
class RefitSchedule(Schedule):
    """Small steps at full resolution, with nothing added, moved or left out that was not before."""

    refit: RefitTuning

    def scale(self, progress: float) -> float:
        """Full resolution."""
        return 1.0

    def sh_degree(self, progress: float) -> int:
        """All harmonics."""
        return self.settings.sh_degree

    def position_factor(self, progress: float) -> float:
        """From the refit's own to the schedule's last."""
        return _between(self.refit.position_factor, self.tuning.final_position_factor, progress)

    def other_factor(self, progress: float) -> float:
        """Likewise."""
        return _between(self.refit.other_factor, self.tuning.final_factor, progress)

    def dropout(self, progress: float) -> float:
        """As at the end of training."""
        return 1.0

    def relocates(self, progress: float) -> bool:
        """There is no time for Gaussians to settle."""
        return False

    def watches_plateau(self, progress: float) -> bool:
        """It is short."""
        return False


def _between(first: float, last: float, progress: float) -> float:
    """Geometric."""
    return float(first * (last / first) ** progress)


def all_exposures(
    photos: int, training: Sequence[int], learned: LearnedExposures, predicted: dict[int, Exposure]
) -> LearnedExposures:
    """Of all photos, by place: what `training` ones have learned, and what was predicted for the others."""
    log_gains, offsets = torch.zeros(photos, 3), torch.zeros(photos, 3)
    log_gains[list(training)], offsets[list(training)] = learned.log_gains, learned.offsets
    for place, exposure in predicted.items():
        log_gains[place], offsets[place] = exposure.gain.log(), exposure.offset
    return LearnedExposures(log_gains, offsets)


def round_of_looks(photos: int, held_out: Sequence[int], tuning: RefitTuning) -> list[int]:
    """Photos of one round by place: held-out ones, which are new, are looked at more often."""
    return [*range(photos), *(place for place in held_out for _ in range(tuning.held_out_looks - 1))]
