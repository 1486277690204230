"""From GPS to metres around the middle of the flight."""

import numpy as np
from sfm_testing.photo_files import gps_of
from spaceport_sfm.photo_metadata import GpsPosition
from spaceport_sfm.positions import positions_of

CENTERS = np.array([[10.0 * x, 15.0 * y, 50.0 + x] for x in range(4) for y in range(3)])
FIXES = [GpsPosition(*gps_of(center)) for center in CENTERS]


def test_positions_are_metres_east_north_up() -> None:
    positions = positions_of(FIXES)
    assert positions is not None and positions.has_altitudes
    relative = positions.enu - positions.enu.mean(axis=0)
    assert np.abs(relative - (CENTERS - CENTERS.mean(axis=0))).max() < 0.01


def test_a_photo_without_gps_and_one_without_altitude_are_marked() -> None:
    last = FIXES[-1]
    positions = positions_of([None, GpsPosition(last.latitude, last.longitude, None), *FIXES])
    assert positions is not None
    assert np.isnan(positions.enu[0]).all()
    assert np.isfinite(positions.enu[1, :2]).all() and np.isnan(positions.enu[1, 2])
    assert positions.known.tolist() == [False] + [True] * 13


def test_positions_of_less_than_four_fifths_of_the_photos_are_not_used() -> None:
    assert positions_of([*FIXES[:3], None]) is None
    assert positions_of([*FIXES[:8], None, None]) is not None


def test_positions_at_one_place_are_not_used() -> None:
    assert positions_of([FIXES[0]] * 10) is None


def test_missing_altitudes_leave_a_map() -> None:
    positions = positions_of([GpsPosition(fix.latitude, fix.longitude, None) for fix in FIXES])
    assert positions is not None and not positions.has_altitudes
