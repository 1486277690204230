"""The subject of a scene and the view that shows it whole, for flights, orbits, facades and undersides."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from spaceport_common.opening_view import FIELD_OF_VIEW_DEG
from spaceport_sfm.subject import ASPECT, box_of, whole_view

Floats = NDArray[np.float64]

FIELD = (np.array([-40.0, -2.0, -30.0]), np.array([40.0, 0.0, 30.0]))
STATUE = (np.array([-0.5, -2.0, -0.5]), np.array([0.5, 0.0, 0.5]))
FACADE = (np.array([-20.0, -15.0, 0.0]), np.array([20.0, 0.0, 1.0]))
BRIDGE = (np.array([-30.0, -20.0, -5.0]), np.array([30.0, -18.0, 5.0]))
NADIR = np.array([[x, -60.0, z] for x in np.linspace(-40, 40, 6) for z in np.linspace(-30, 30, 6)])
TURN = np.linspace(0, 2 * math.pi, 24, endpoint=False)
ORBIT = np.stack([3 * np.cos(TURN), np.full(24, -1.5), 3 * np.sin(TURN)], axis=1)
IN_FRONT = np.array([[x, y, -25.0] for x in np.linspace(-20, 20, 9) for y in (-3.0, -9.0)])
BELOW = np.array([[x, -2.0, z] for x in np.linspace(-30, 30, 9) for z in (-2.0, 2.0)])


@pytest.mark.parametrize(
    ("box", "cameras"),
    [(FIELD, NADIR), (STATUE, ORBIT), (FACADE, IN_FRONT), (BRIDGE, BELOW), (FIELD, np.zeros((1, 3)))],
)
def test_every_corner_is_in_the_picture_and_the_picture_is_filled(box: tuple[Floats, Floats], cameras: Floats) -> None:
    view = whole_view(box, cameras)
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    points = box[0] + corners * (box[1] - box[0])
    x, y, z = ((points - view.position) @ view.rotation.T).T
    across = math.tan(math.radians(FIELD_OF_VIEW_DEG) / 2)
    share = np.maximum(np.abs(x) / (z * across), np.abs(y) / (z * across / ASPECT))
    assert (z > 0).all()
    assert 0.85 < share.max() < 1


def test_a_flight_is_opened_obliquely_from_the_south_side_of_its_photos() -> None:
    view = whole_view(FIELD, np.array([[1.0, -60.0, 2.0]]))
    east, down, north = view.position - view.target
    assert east == pytest.approx(0) and north < 0
    assert math.degrees(math.asin(-down / np.linalg.norm(view.position - view.target))) == pytest.approx(60)


def test_an_orbit_is_opened_from_where_photos_stood_and_no_higher() -> None:
    view = whole_view(STATUE, ORBIT)
    direction = (view.position - view.target) / np.linalg.norm(view.position - view.target)
    directions = (ORBIT - view.target) / np.linalg.norm(ORBIT - view.target, axis=1)[:, None]
    assert np.max(directions @ direction) == pytest.approx(1)


def test_a_facade_is_opened_from_its_front_and_a_bridge_from_below() -> None:
    assert whole_view(FACADE, IN_FRONT).position[2] < 0
    assert whole_view(BRIDGE, BELOW).position[1] > BRIDGE[1][1]


def test_a_box_leaves_out_the_far_ends() -> None:
    points = np.stack([np.arange(101.0)] * 3, axis=1)
    low, high = box_of(points, 5, 95)
    assert low.tolist() == [5, 5, 5] and high.tolist() == [95, 95, 95]
