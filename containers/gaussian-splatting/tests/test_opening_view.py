"""The view that a scene opens with: it shows the scene, whatever was photographed from wherever."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from spaceport_common.kernel.library import load
from spaceport_common.opening_view import PhotoCamera, Pose
from spaceport_gaussian_splatting.gaussians import Gaussians
from spaceport_gaussian_splatting.opening_view import MIN_COVERED, Opening, best_opening, camera_at
from spaceport_gaussian_splatting.rasterizers.cpu import CpuRasterizer

NEAR = 0.5


def camera(position: tuple[float, float, float], target: tuple[float, float, float]) -> PhotoCamera:
    """A photo of 800 x 600 pixels from `position` towards `target`, in the export frame: y down."""
    pose = Pose(np.array(position, float), np.array(target, float))
    return PhotoCamera("photo", 800, 600, 600, 600, camera_at(pose, NEAR).rotation, pose.position, held_out=False)


def surface(*corners: tuple[tuple[float, float], tuple[float, float], tuple[float, float]]) -> Gaussians:
    """Opaque Gaussians on boxes given by their ranges of x, y and z, so dense that there is no hole."""
    random = np.random.default_rng(0)
    low, high = np.array(corners, float).transpose(2, 0, 1)
    means = np.concatenate([random.uniform(a, b, (4000 // len(corners), 3)) for a, b in zip(low, high, strict=True)])
    size = float(np.ptp(means, axis=0).max()) / 60
    return Gaussians(
        means=torch.tensor(means, dtype=torch.float32),
        log_scales=torch.full((len(means), 3), float(np.log(size))),
        quaternions=torch.tensor([[1.0, 0.0, 0.0, 0.0]]).repeat(len(means), 1),
        opacity_logits=torch.full((len(means),), 3.0),
        base_colors=torch.zeros(len(means), 3),
        rest_colors=torch.zeros(len(means), 3, 3),
    )


GRID = [(east, north) for east in range(-4, 5, 2) for north in range(-4, 5, 2)]
ROUND = [(np.cos(angle), np.sin(angle)) for angle in np.arange(12) * np.pi / 6]
NADIR = [camera((x, -8, z), (x, 0, z + 1e-6)) for x, z in GRID]
ORBIT = [camera((3 + 10 * x, -5, -2 + 10 * z), (3, -1, -2)) for x, z in ROUND]

SCENES: dict[str, tuple[Gaussians, list[PhotoCamera]]] = {
    "a field": (surface(((-8, 8), (0, 1), (-8, 8))), NADIR),
    "a thing on the ground": (surface(((1, 5), (-3, 0), (-4, 0))), ORBIT),
    "a facade": (
        surface(((-12, 12), (-12, 0), (0, 0.2))),
        [camera((x, -y, -8), (x, -y, 0)) for x in range(-8, 9, 4) for y in range(2, 11, 3)],
    ),
    "a tower": (
        surface(((-2, 2), (-40, 0), (0, 0.2))),
        [camera((x, -y, -10), (x, -y, 0)) for x in (-1, 1) for y in range(2, 40, 3)],
    ),
    "an interior": (
        surface(((-5, -4.8), (-3, 0), (-5, 5)), ((4.8, 5), (-3, 0), (-5, 5)), ((-5, 5), (-3, 0), (4.8, 5)),
                ((-5, 5), (-3, 0), (-5, -4.8)), ((-5, 5), (-0.1, 0), (-5, 5))),
        [camera((x, -1.5, z), (5 * x, -1.5, 5 * z)) for x, z in ROUND],
    ),
    "the underside of a bridge": (
        surface(((-15, 15), (-10, -9.8), (-4, 4))),
        [camera((x, -2, z), (x, -10, z + 1e-6)) for x in range(-12, 13, 3) for z in (-2, 0, 2)],
    ),
    "a narrow strip": (
        surface(((-100, 100), (0, 0.2), (-5, 5))),
        [camera((x, -8, 0), (x, 0, 1e-6)) for x in range(-98, 99, 4)],
    ),
    "a line of photos along a wall": (
        surface(((0, 0.2), (-6, 0), (-80, 80))),
        [camera((-6, -3, z), (0, -3, z)) for z in range(-78, 79, 3)],
    ),
}  # fmt: skip


def of(model: Gaussians, cameras: list[PhotoCamera], near: float = NEAR) -> Opening:
    return best_opening(model, cameras, near, CpuRasterizer(load()))


@pytest.mark.parametrize("name", SCENES)
def test_the_opening_view_shows_the_scene(name: str) -> None:
    assert of(*SCENES[name]).covered >= MIN_COVERED


@pytest.mark.parametrize("name", ["a field", "a thing on the ground"])
def test_it_looks_down_on_what_lies_on_the_ground(name: str) -> None:
    pose = of(*SCENES[name]).pose
    east, down, north = pose.target - pose.position
    assert 29.9 < np.degrees(np.arctan2(down, np.hypot(east, north))) < 60.1


@pytest.mark.parametrize("factor", [1e-3, 1e3])
def test_it_is_the_same_for_a_scene_of_another_size(factor: float) -> None:
    model, cameras = SCENES["a field"]
    scaled = replace(model, means=model.means * factor, log_scales=model.log_scales + float(np.log(factor)))
    moved = [replace(camera, position=camera.position * factor) for camera in cameras]
    expected, found = of(model, cameras), of(scaled, moved, NEAR * factor)
    np.testing.assert_allclose(found.pose.position / factor, expected.pose.position, rtol=1e-6, atol=1e-9)
    assert found.covered == pytest.approx(expected.covered, abs=0.01)


EMPTY: dict[str, Callable[[Gaussians], Gaussians]] = {
    "that can hardly be seen": lambda model: replace(model, opacity_logits=model.opacity_logits - 7),
    "as small as dust": lambda model: replace(model, log_scales=model.log_scales - 7),
    "far from what the photos show": lambda model: replace(model, means=model.means + 1000),
    "that are not there": lambda model: model.select(torch.zeros(len(model), dtype=torch.bool)),
}


@pytest.mark.parametrize("what", EMPTY)
def test_no_view_shows_gaussians(what: str) -> None:
    model, cameras = SCENES["a field"]
    assert of(EMPTY[what](model), cameras).covered < MIN_COVERED


@pytest.mark.parametrize("cameras", [NADIR[:1], [NADIR[0], NADIR[0]]])
def test_one_place_is_enough_for_a_view(cameras: list[PhotoCamera]) -> None:
    pose = of(SCENES["a field"][0], cameras).pose
    assert np.isfinite([*pose.position, *pose.target]).all()
