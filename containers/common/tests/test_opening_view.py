import json
import math
from pathlib import Path

import numpy as np
import pytest
from spaceport_common.opening_view import opening_pose, shown_pose, usable_cameras

Entry = dict[str, object]


def camera(position: tuple[float, float, float], target: tuple[float, float, float]) -> Entry:
    """An entry of cameras.json that looks from `position` to `target`."""
    forward = np.subtract(target, position)
    rotation = [[1, 0, 0], [0, 1, 0], (forward / np.linalg.norm(forward)).tolist()]
    entry: Entry = {"name": "a.jpg", "width": 800, "height": 600, "fx": 600, "fy": 600, "heldOut": False}
    return entry | {"rotation": rotation, "position": list(position)}


GRID = [(east, -8.0, north) for east in (-4.0, -2.0, 0.0, 2.0, 4.0) for north in (-4.0, -2.0, 0.0, 2.0, 4.0)]
NADIR = [camera(place, (place[0], 0, place[2])) for place in GRID]
ANGLES = np.arange(12) * math.pi / 6
ORBIT = [camera((3 + 10 * math.cos(a), -5, -2 + 10 * math.sin(a)), (3, -1, -2)) for a in ANGLES]


def test_the_view_of_a_scene_file_is_taken_and_none_of_a_file_that_is_damaged(tmp_path: Path) -> None:
    file = tmp_path / "scene.json"
    assert shown_pose(file) is None
    file.write_text(json.dumps({"openingView": {"position": [1, -2, 3], "target": [0, 0, 0], "fieldOfViewDeg": 60}}))
    pose = shown_pose(file)
    assert pose is not None and pose.position.tolist() == [1, -2, 3]
    for damaged in ({}, {"openingView": None}, {"openingView": {"position": [1], "target": [0, 0, 0]}}):
        file.write_text(json.dumps(damaged))
        assert shown_pose(file) is None


def test_the_view_looks_at_the_point_that_an_orbit_looks_at() -> None:
    target = opening_pose(usable_cameras(ORBIT)).target
    assert np.linalg.norm(target - (3, -1, -2)) < 0.5


@pytest.mark.parametrize("outwards", [0, 0.035, -0.035], ids=["straight", "two degrees out", "two degrees in"])
def test_the_view_looks_at_the_ground_below_photos_taken_straight_down(outwards: float) -> None:
    aside = 8 * outwards
    photos = [camera((x, y, z), (x + np.sign(x) * aside, 0, z + np.sign(z) * aside)) for x, y, z in GRID]
    east, down, north = opening_pose(usable_cameras(photos)).target
    assert (east, north) == pytest.approx((0, 0), abs=0.005)
    assert -4 < down < 4


@pytest.mark.parametrize("cameras", [NADIR, ORBIT], ids=["straight down", "an orbit"])
def test_the_view_is_from_above(cameras: list[Entry]) -> None:
    pose = opening_pose(usable_cameras(cameras))
    away = pose.target - pose.position
    elevation = math.degrees(math.atan2(away[1], math.hypot(away[0], away[2])))
    assert 29.9 <= elevation <= 60.1


@pytest.mark.parametrize("cameras", [NADIR[:1], [NADIR[0], NADIR[0]], [], "nonsense", {"cameras": []}])
def test_few_cameras_and_none_have_a_view_too(cameras: object) -> None:
    pose = opening_pose(usable_cameras(cameras))
    assert np.isfinite([*pose.position, *pose.target]).all()
    assert np.linalg.norm(pose.target - pose.position) > 0


@pytest.mark.parametrize(
    "damage", [None, {}, 7, {"position": [1, 2]}, {"rotation": "x"}, {"fx": 0}, {"fy": math.nan}], ids=str
)
def test_entries_that_are_not_cameras_are_left_out(damage: object) -> None:
    entry = NADIR[0] | damage if isinstance(damage, dict) and damage else damage
    assert len(usable_cameras([entry, NADIR[1]])) == 1
