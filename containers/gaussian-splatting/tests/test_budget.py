"""How many Gaussians and iterations photos are worth."""

from typing import Any

import numpy as np
import pytest
import torch
from spaceport_gaussian_splatting.budget import LEAST_GAUSSIANS, LEAST_ITERATIONS, content_budget, within
from spaceport_gaussian_splatting.footprints import distinct_pixels
from spaceport_gaussian_splatting.photos import Photo
from spaceport_gaussian_splatting.settings import TrainingSettings
from spaceport_gaussian_splatting.tuning import InitialisationTuning
from splatting_testing.synthetic_scene import HEIGHT, SETTINGS, WIDTH, camera_at

MUCH_MEMORY = 2**36


def settings(**changes: Any) -> TrainingSettings:
    content = {"maxIterations": 10_000, "iterationsPerPhoto": 65, "maxGaussians": 100_000, "pixelsPerGaussian": 46}
    return TrainingSettings.model_validate(SETTINGS | content | changes)


def test_gaussians_and_iterations_grow_with_the_photos_in_proportion() -> None:
    few = content_budget(settings(), 15, 460_000, MUCH_MEMORY)
    many = content_budget(settings(), 150, 4_600_000, MUCH_MEMORY)
    assert (few.gaussians, few.iterations, few.short_of_memory) == (10_000, 975, False)
    assert (many.gaussians, many.iterations) == (10 * few.gaussians, 10 * few.iterations)


def test_caps_of_the_job_are_never_exceeded_and_small_sets_get_enough_to_be_a_scene() -> None:
    capped = content_budget(settings(maxGaussians=1000, maxIterations=10), 150, 1e9, MUCH_MEMORY)
    assert (capped.gaussians, capped.iterations) == (1000, 10)
    least = content_budget(settings(), 2, 1000, MUCH_MEMORY)
    assert (least.gaussians, least.iterations) == (LEAST_GAUSSIANS, LEAST_ITERATIONS)
    own = content_budget(settings(iterationsPerPhoto=0, pixelsPerGaussian=0), 2, 1000, MUCH_MEMORY)
    assert (own.gaussians, own.iterations) == (100_000, 10_000)


def test_a_small_memory_holds_fewer_gaussians_which_is_said() -> None:
    full = content_budget(settings(pixelsPerGaussian=0), 150, 0, MUCH_MEMORY)
    half = content_budget(settings(pixelsPerGaussian=0), 150, 0, 10**8)
    assert LEAST_GAUSSIANS < half.gaussians < full.gaussians and half.short_of_memory
    harmonics = content_budget(settings(pixelsPerGaussian=0, shDegree=3), 150, 0, 10**8)
    assert harmonics.gaussians < half.gaussians
    assert content_budget(settings(maxGaussians=1000), 150, 1e9, 1).gaussians == 1000
    assert within(settings(), half).max_gaussians == half.gaussians


def photos_at(places: list[float]) -> list[Photo]:
    pixels = torch.zeros(HEIGHT, WIDTH, 3, dtype=torch.uint8)
    cameras = [camera_at(x, 0) for x in places]
    return [Photo(camera, pixels) for camera in cameras]


def distinct(photos: list[Photo]) -> float:
    ground = np.stack(
        [*np.meshgrid(np.linspace(-60, 60, 121), np.linspace(-9, 9, 19)), np.full((19, 121), 10.0)], axis=2
    )
    points = ground.reshape(-1, 3)
    observed = [np.nonzero(photo.sees(points))[0] for photo in photos]
    return distinct_pixels(photos, observed, points, InitialisationTuning()) / (WIDTH * HEIGHT)


@pytest.mark.parametrize(
    ("places", "expected"),
    [([0.0], 1.0), ([0.0, 0.0, 0.0], 1.0), ([-40.0, 0.0, 40.0], 3.0), ([0.0, 5.3], 1.5)],
    ids=["one", "three of one place", "three places", "half overlap"],
)
def test_pixels_that_show_a_place_again_do_not_count(places: list[float], expected: float) -> None:
    assert distinct(photos_at(places)) == pytest.approx(expected, rel=0.1)


def test_a_photo_without_depths_counts_whole() -> None:
    photos = [*photos_at([0.0]), *photos_at([0.0])]
    points = np.array([[0.0, 0.0, 10.0]])
    assert distinct_pixels(photos, [np.array([0])] * 2, points, InitialisationTuning()) == 2 * WIDTH * HEIGHT
