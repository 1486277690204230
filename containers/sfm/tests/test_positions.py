"""From GPS to metres around the middle of the flight."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from sfm_testing.photo_files import gps_of
from spaceport_sfm.gps import GpsPosition
from spaceport_sfm.positions import examine_positions, positions_of

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


def distances(fixes: Sequence[GpsPosition | None]) -> NDArray[np.float64]:
    """Metres from the first position to each."""
    positions = positions_of(fixes)
    assert positions is not None
    apart: NDArray[np.float64] = np.linalg.norm(positions.enu - positions.enu[0], axis=1)
    return apart


@pytest.mark.parametrize("longitude", [180.0, -180.0, 179.9999])
def test_s06_a_flight_across_the_180th_meridian_is_as_wide_as_beside_it(longitude: float) -> None:
    def around(middle: float) -> list[GpsPosition]:
        shifted = [(middle + (fix.longitude - 8.0) + 180) % 360 - 180 for fix in FIXES]
        return [replace(fix, longitude=value) for fix, value in zip(FIXES, shifted, strict=True)]

    across = positions_of(around(longitude))
    assert across is not None and abs(abs(across.origin.longitude) - 180) < 0.001
    assert distances(around(longitude)) == pytest.approx(distances(around(170.0)), abs=0.01)


@pytest.mark.parametrize("latitude", [89.9999, -89.9999])
def test_s06_a_flight_around_a_pole_is_as_wide_as_it_was(latitude: float) -> None:
    ring = [GpsPosition(latitude, longitude, 100.0) for longitude in np.arange(-180.0, 180.0, 30.0)]
    positions = positions_of(ring)
    assert positions is not None
    assert np.linalg.norm(positions.enu[0, :2] - positions.enu[6, :2]) == pytest.approx(22.3, abs=0.2)


@pytest.mark.parametrize(
    "outlier",
    [GpsPosition(51.5, 8.0, 450.0), GpsPosition(47.0, -172.0, 450.0), GpsPosition(-47.0, 8.0, 450.0)],
    ids=["500 km north", "the other side", "the other hemisphere"],
)
def test_a_position_far_from_all_others_counts_as_missing(outlier: GpsPosition) -> None:
    facts = examine_positions([*FIXES, outlier])
    assert facts.positions is not None and facts.outliers == 1
    assert not facts.positions.known[-1] and facts.positions.known[:-1].all()
    assert distances([*FIXES, outlier])[:-1] == pytest.approx(distances(FIXES), abs=0.01)


def test_three_of_ten_positions_far_away_leave_the_others_in_use() -> None:
    facts = examine_positions([*FIXES[:7], *[replace(fix, latitude=fix.latitude + 4.5) for fix in FIXES[7:10]]])
    assert facts.positions is not None and facts.outliers == 3 and facts.problem is None


def test_the_ends_of_a_corridor_are_no_outliers() -> None:
    corridor = [GpsPosition(47.0 + 0.001 * step, 8.0, 450.0) for step in range(200)]
    assert examine_positions(corridor).outliers == 0


def test_an_altitude_far_from_all_others_counts_as_missing() -> None:
    positions = positions_of([*FIXES, replace(FIXES[5], latitude=FIXES[5].latitude + 1e-4, altitude=9000.0)])
    assert positions is not None
    assert positions.known[-1] and np.isnan(positions.enu[-1, 2]) and np.isfinite(positions.enu[:-1, 2]).all()


def test_s02_repeated_positions_are_known_and_no_priors() -> None:
    facts = examine_positions([*FIXES[:3], *[FIXES[3]] * 9])
    assert facts.positions is not None and facts.places == 4
    assert facts.positions.repeated.tolist() == [False] * 3 + [True] * 9
    assert not facts.positions.are_priors


def test_s02_two_places_set_no_frame_and_the_reason_is_given() -> None:
    facts = examine_positions([FIXES[0]] * 9 + [FIXES[5]] * 9)
    assert facts.positions is not None and not facts.positions.are_priors
    assert facts.problem == "the 18 GPS positions are of 2 places only"


def test_s06_two_places_on_both_sides_of_the_180th_meridian_are_beside_each_other() -> None:
    positions = positions_of([GpsPosition(-16.8, 179.9999 if i % 2 else -179.9999, 100.0) for i in range(20)])
    assert positions is not None and abs(positions.origin.longitude) == pytest.approx(180)
    assert np.ptp(positions.enu[:, 0]) == pytest.approx(21.3, abs=0.2)


def test_s04_positions_that_only_xmp_has_are_used() -> None:
    assert positions_of([None] * len(FIXES)) is None
    assert positions_of([None] * len(FIXES), FIXES) is not None


def test_s04_an_altitude_that_only_xmp_has_is_used() -> None:
    flat = [replace(fix, altitude=None) for fix in FIXES]
    positions = positions_of(flat, FIXES)
    assert positions is not None and positions.has_altitudes


def test_s02_positions_that_firmware_cut_in_exif_come_from_xmp() -> None:
    cut = [replace(fix, latitude=round(fix.latitude, 3), longitude=round(fix.longitude, 3)) for fix in FIXES]
    assert distances_of_both(cut, FIXES) == pytest.approx(distances(FIXES), abs=0.01)
    assert distances_of_both(FIXES, cut) == pytest.approx(distances(FIXES), abs=0.01)


def distances_of_both(exif: list[GpsPosition], xmp: list[GpsPosition]) -> NDArray[np.float64]:
    positions = positions_of(exif, xmp)
    assert positions is not None
    apart: NDArray[np.float64] = np.linalg.norm(positions.enu - positions.enu[0], axis=1)
    return apart


def test_positions_without_hemispheres_choose_pairs_and_nothing_else() -> None:
    facts = examine_positions([replace(fix, signed=False) for fix in FIXES])
    assert facts.positions is not None and not facts.positions.are_priors
    assert facts.problem is not None and "N, S, E, W" in facts.problem


def test_a_missing_hemisphere_is_that_of_xmp_or_of_the_other_photos() -> None:
    west = [replace(fix, longitude=-fix.longitude) for fix in FIXES]
    bare = [replace(fix, signed=False) for fix in FIXES]
    for exif, xmp in ((bare, west), ([*west[:6], *bare[6:]], [None] * len(FIXES))):
        facts = examine_positions(exif, xmp)
        assert facts.problem is None and facts.positions is not None
        assert facts.positions.origin.longitude == pytest.approx(-8.0, abs=0.001)


def test_photos_without_any_position_are_said_to_have_none() -> None:
    assert examine_positions([None] * 5).problem == "the photos have no GPS positions"
