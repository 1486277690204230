"""Coordinates of maps to WGS84, and the transformations that must not be replaced by worse ones."""

import numpy as np
import pytest
from spaceport_sfm.projections import ProjectionError, parse_projection, to_wgs84

NAN = float("nan")


def transformed(text: str, *point: float) -> list[float]:
    row: list[float] = to_wgs84(parse_projection(text), np.array([point]))[0].tolist()
    return row


@pytest.mark.parametrize(
    "text",
    [
        "EPSG:32632",
        "epsg: 32632",
        "WGS84 UTM 32N",
        "WGS 84 UTM zone 32 N",
        "+proj=utm +zone=32 +ellps=WGS84 +datum=WGS84 +units=m +no_defs",
    ],
)
def test_a_projection_may_be_written_in_several_ways(text: str) -> None:
    # The central meridian; northing of 47 degrees by the meridian arc of WGS84 times 0.9996.
    latitude, longitude, height = transformed(text, 500_000.0, 5_205_157.6, 412.0)
    assert longitude == pytest.approx(9.0, abs=1e-9) and latitude == pytest.approx(46.999939, abs=1e-5)
    assert height == 412.0


def test_longitude_comes_before_latitude_as_in_odm() -> None:
    assert transformed("EPSG:4326", 8.5, 47.25, NAN)[:2] == [47.25, 8.5]


def test_a_geoid_offset_takes_the_place_of_the_grid_of_heights_above_sea_level() -> None:
    """Heights in metres (EGM96, 5773) and in US feet (NAVD88, 6360); the map is transformed as without heights."""
    with pytest.raises(ProjectionError, match="us_nga_egm96_15"):
        transformed("EPSG:32632+5773", 500_000.0, 5_205_157.6, 412.0)
    with_offset = to_wgs84(parse_projection("EPSG:32632+5773"), np.array([(500_000.0, 5_205_157.6, 412.0)]), 48.5)
    assert with_offset[0].tolist() == [*transformed("EPSG:32632", 500_000.0, 5_205_157.6, NAN)[:2], 460.5]
    feet = to_wgs84(parse_projection("EPSG:32632+6360"), np.array([(500_000.0, 5_205_157.6, 1000.0)]), 48.5)
    assert feet[0, 2] == pytest.approx(1000 * 1200 / 3937 + 48.5)


def test_a_geoid_offset_is_not_added_to_heights_above_the_ellipsoid_nor_to_those_that_say_nothing() -> None:
    for text, point in (("EPSG:4979", (8.5, 47.25, 412.0)), ("EPSG:32632", (500_000.0, 5_205_157.6, 412.0))):
        assert to_wgs84(parse_projection(text), np.array([point]), 48.5)[0, 2] == pytest.approx(412.0)


def test_an_unknown_height_stays_unknown() -> None:
    for text in ("EPSG:4326", "EPSG:4979"):
        latitude, _, height = transformed(text, 8.5, 47.25, NAN)
        assert latitude == 47.25 and np.isnan(height)


@pytest.mark.parametrize(
    ("text", "point", "grid"),
    [
        ("EPSG:4326+5773", (8.5, 47.0, 400.0), "us_nga_egm96_15.tif"),
        ("EPSG:32632+3855", (500_000.0, 5_200_000.0, 400.0), "us_nga_egm08_25.tif"),
        ("EPSG:27700", (500_000.0, 200_000.0, 20.0), "uk_os_OSTN15_NTv2_OSGBtoETRS.tif"),
        ("EPSG:31467", (3_500_000.0, 5_300_000.0, 20.0), "de_adv_BETA2007.tif"),
        ("+proj=utm +zone=32 +datum=WGS84 +geoidgrids=egm96_15.gtx +units=m", (5e5, 5.2e6, 4.0), "egm96_15.gtx"),
        ("+proj=utm +zone=32 +ellps=bessel +nadgrids=shift.gsb +units=m", (5e5, 5.2e6, 4.0), "shift.gsb"),
    ],
)
def test_a_shift_whose_grid_is_missing_is_an_error_that_names_it(
    text: str, point: tuple[float, float, float], grid: str
) -> None:
    with pytest.raises(ProjectionError, match=grid):
        transformed(text, *point)


def test_a_datum_that_is_not_said_is_no_wgs84() -> None:
    with pytest.raises(ProjectionError, match="datum"):
        transformed("+proj=utm +zone=32 +ellps=bessel +units=m +no_defs", 500_000.0, 5_200_000.0, 0.0)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "EPSG:99999",
        "EPSG:5773",
        "EPSG:4978",
        "WGS84 UTM 61N",
        "+proj=nothing",
        "+proj=utm +zone=32 +nadgrids=/etc/passwd",
        "+init=epsg:32632",
        "+proj=pipeline +step +proj=utm +zone=32",
        "+proj=utm" + " +a=1" * 500,
        'GEOGCS["WGS 84"]',
        "https://example.org/crs",
    ],
)
def test_anything_else_is_no_projection(text: str) -> None:
    with pytest.raises(ProjectionError):
        parse_projection(text)


def test_coordinates_outside_of_a_projection_are_an_error_or_not_finite() -> None:
    with pytest.raises(ProjectionError, match="none of the coordinates"):
        transformed("EPSG:32632", 1e30, 3.0, 3.0)
    rows = to_wgs84(parse_projection("EPSG:32632"), np.array([[500_000.0, 5.2e6, 1.0], [1e30, 3.0, 3.0]]))
    assert np.isfinite(rows[0]).all() and not np.isfinite(rows[1, :2]).all()
