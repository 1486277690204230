"""When things happen: as a function of the part of the budget that is spent, never of absolute iterations."""

import math
from dataclasses import dataclass

from .settings import TrainingSettings
from .tuning import ScheduleTuning


@dataclass(frozen=True)
class Schedule:
    """The course of one training; `progress` is the part of the budget spent, in [0, 1]."""

    settings: TrainingSettings
    tuning: ScheduleTuning

    def progress(self, iteration: int, seconds: float) -> float:
        """Part of the budget spent: of iterations, or of time where that is more."""
        limit = self.settings.max_seconds
        by_time = seconds / limit if limit > 0 else 0.0
        return min(1.0, max(iteration / self.settings.max_iterations, by_time))

    def scale(self, progress: float) -> float:
        """Resolution, as a part of the training size."""
        end = 0.0
        for stage in self.settings.resolution_stages:
            end += stage.share
            if progress < end:
                return stage.scale
        return self.settings.resolution_stages[-1].scale

    def sh_degree(self, progress: float) -> int:
        """Degree of harmonics in use."""
        degree = self.settings.sh_degree
        return min(degree, int(progress / self.tuning.full_degree_at * (degree + 1)))

    def position_factor(self, progress: float) -> float:
        """Exponential decay of the positions' rate."""
        return float(self.tuning.final_position_factor**progress)

    def other_factor(self, progress: float) -> float:
        """Decay of the other rates at the end, which averages out the photos' disagreement."""
        begin = self.tuning.rates_decay_from
        return float(self.tuning.final_factor ** max(0.0, (progress - begin) / (1 - begin)))

    def dropout(self, progress: float) -> float:
        """Part of `TrustTuning.left_out` by now, in [0, 1]."""
        return progress

    def refine_every(self) -> int:
        """Iterations between two relocations."""
        wanted = self.settings.max_iterations // self.tuning.refinements
        return max(self.tuning.min_refine_iterations, min(self.tuning.max_refine_iterations, wanted))

    def relocates(self, progress: float) -> bool:
        """Whether faded Gaussians are moved; not near the end, where they would not settle any more."""
        return self.tuning.growth_begin <= progress < self.tuning.relocation_end

    def target_count(self, progress: float, initial: int) -> int:
        """Gaussians wanted by now: geometric growth from `initial` to the cap, which is reached at the window's end."""
        cap = self.settings.max_gaussians
        if initial >= cap:
            return initial
        begin, end = self.tuning.growth_begin, self.tuning.growth_end
        part = min(1.0, max(0.0, (progress - begin) / (end - begin)))
        return round(math.exp(math.log(initial) + part * math.log(cap / initial)))

    def watches_plateau(self, progress: float) -> bool:
        """Whether an early stop is allowed: in the last stage, after growth and relocation."""
        last_begins = 1.0 - self.settings.resolution_stages[-1].share
        return progress >= max(last_begins, self.tuning.relocation_end)

    def plateau_every(self) -> int:
        """Iterations between two looks at the plateau photos."""
        return max(5, self.settings.max_iterations // self.tuning.plateau_checks)
