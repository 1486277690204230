"""What happens when: everything is a function of the part of the budget that is spent, never of absolute iterations."""

import math
from dataclasses import dataclass

from .settings import TrainingSettings

FULL_DEGREE_AT = 0.4  # harmonics reach their degree here, in equal steps
GROWTH = (0.03, 0.6)  # Gaussians are added in this part of the budget
RELOCATION_END = 0.85
RATES_DECAY_FROM = 0.6  # all other rates than the positions' fall from here
FINAL_POSITION_FACTOR, FINAL_FACTOR = 0.02, 0.1
REFINEMENTS = 40  # over the budget; each rearranges Gaussians
REFINE_EVERY = (10, 100)  # iterations
PLATEAU_CHECKS = 40


@dataclass(frozen=True)
class Schedule:
    """Reads positions off the settings; `progress` is in [0, 1]."""

    settings: TrainingSettings

    def progress(self, iteration: int, seconds: float) -> float:
        """Part of the budget spent: of iterations, or of time where that is farther on."""
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
        return min(degree, int(progress / FULL_DEGREE_AT * (degree + 1)))

    def position_factor(self, progress: float) -> float:
        """Exponential decay of the positions' rate."""
        return float(FINAL_POSITION_FACTOR**progress)

    def other_factor(self, progress: float) -> float:
        """Decay of the other rates at the end, which averages out the photos' disagreement."""
        return float(FINAL_FACTOR ** max(0.0, (progress - RATES_DECAY_FROM) / (1 - RATES_DECAY_FROM)))

    def refine_every(self) -> int:
        """Iterations between two relocations."""
        return max(REFINE_EVERY[0], min(REFINE_EVERY[1], self.settings.max_iterations // REFINEMENTS))

    def relocates(self, progress: float) -> bool:
        """Whether faded Gaussians are moved; not near the end, where they would not settle any more."""
        return GROWTH[0] <= progress < RELOCATION_END

    def target_count(self, progress: float, initial: int) -> int:
        """Gaussians wanted by now: geometric growth from `initial` to the cap, which is reached at the window's end."""
        cap = self.settings.max_gaussians
        if initial >= cap:
            return initial
        part = min(1.0, max(0.0, (progress - GROWTH[0]) / (GROWTH[1] - GROWTH[0])))
        return round(math.exp(math.log(initial) + part * math.log(cap / initial)))

    def watches_plateau(self, progress: float) -> bool:
        """Whether an early stop is allowed: in the last stage, after growth and relocation."""
        last_begins = 1.0 - self.settings.resolution_stages[-1].share
        return progress >= max(last_begins, RELOCATION_END)

    def plateau_every(self) -> int:
        """Iterations between two looks at the plateau photos."""
        return max(5, self.settings.max_iterations // PLATEAU_CHECKS)
