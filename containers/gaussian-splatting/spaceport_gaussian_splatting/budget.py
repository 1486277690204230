"""How many Gaussians and iterations a set of photos is worth."""

from dataclasses import dataclass

import torch
from spaceport_common.machine import available_memory_bytes

from .settings import MIN_GAUSSIANS, TrainingSettings

LEAST_GAUSSIANS = 2 * MIN_GAUSSIANS  # some fade and are cropped: the model must not be a dummy for that
LEAST_ITERATIONS = 300  # fewer teach nothing, however few photos there are
NUMBERS_OF_GAUSSIAN = 11  # beside colours: centre, size, rotation, opacity
# Copies of each number in a step: value, gradient, two moments, and what projection and its gradients keep.
COPIES = 20
MEMORY_SHARE = 0.7  # of what is free: pictures, tiles and files need the rest


@dataclass(frozen=True)
class Budget:
    """Most Gaussians, and iterations. `short_of_memory`: there would be more Gaussians on a larger machine."""

    gaussians: int
    iterations: int
    short_of_memory: bool


def content_budget(settings: TrainingSettings, photos: int, repeated_pixels: float, free_bytes: int) -> Budget:
    """Of `photos` training photos, where `free_bytes` are left.

    Gaussians follow from `repeated_pixels`, those that show again what another photo shows: a place that one photo
    alone shows teaches its colour and not its depth, and Gaussians there only overfit. Iterations follow from the
    number of photos. So both cost time in proportion. `max_gaussians` and `max_iterations` are never exceeded.
    """
    gaussians, iterations = settings.max_gaussians, settings.max_iterations
    if settings.pixels_per_gaussian > 0:
        gaussians = min(gaussians, max(LEAST_GAUSSIANS, round(repeated_pixels / settings.pixels_per_gaussian)))
    if settings.iterations_per_photo > 0:
        iterations = min(iterations, max(LEAST_ITERATIONS, settings.iterations_per_photo * photos))
    bytes_each = 4 * COPIES * (NUMBERS_OF_GAUSSIAN + 3 * (settings.sh_degree + 1) ** 2)
    held = max(min(LEAST_GAUSSIANS, gaussians), int(MEMORY_SHARE * free_bytes / bytes_each))
    return Budget(min(gaussians, held), iterations, short_of_memory=held < gaussians)


def within(settings: TrainingSettings, budget: Budget) -> TrainingSettings:
    """The same settings with the budget's caps."""
    return settings.model_copy(update={"max_gaussians": budget.gaussians, "max_iterations": budget.iterations})


def free_memory_bytes(device: torch.device) -> int:
    """What Gaussians may still take where they lie."""
    return torch.cuda.mem_get_info(device)[0] if device.type == "cuda" else available_memory_bytes()
