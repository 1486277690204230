"""EXIF and XMP, whole and damaged."""

from fractions import Fraction
from pathlib import Path

import pytest
from PIL import ExifTags, Image
from sfm_testing.photo_files import save_photo
from spaceport_sfm.gps import GpsPosition
from spaceport_sfm.photo_metadata import attribution_of, captured_at, exposure_value_of, parse_gps, read_metadata

LATITUDE_REF, LATITUDE, LONGITUDE_REF, LONGITUDE, ALTITUDE_REF, ALTITUDE = range(1, 7)
HOBART = {
    LATITUDE_REF: "S",
    LATITUDE: (42.0, 52.0, 50.4),
    LONGITUDE_REF: "E",
    LONGITUDE: (147.0, 19.0, 30.0),
    ALTITUDE_REF: b"\x00",
    ALTITUDE: 61.5,
}


def test_position_is_read_with_its_hemispheres() -> None:
    gps = parse_gps(HOBART)
    assert gps is not None
    assert gps.latitude == pytest.approx(-42.8806667) and gps.longitude == pytest.approx(147.325)
    assert gps.altitude == 61.5


@pytest.mark.parametrize(
    ("original", "changed", "wanted"),
    [
        ("2024:05:06 07:08:09", "2025:01:01 00:00:00", "2024-05-06T07:08:09"),
        ("0000:00:00 00:00:00", "2025:01:01 00:00:00\0", "2025-01-01T00:00:00"),
        (None, 5, None),
        ("yesterday", "", None),
    ],
)
def test_the_time_of_capture_is_that_of_the_camera(original: object, changed: object, wanted: str | None) -> None:
    detail: dict[int, object] = {ExifTags.Base.DateTimeOriginal: original}
    assert captured_at({ExifTags.Base.DateTime: changed}, detail) == wanted


@pytest.mark.parametrize(
    ("rights", "artist", "wanted"),
    [
        ("(c) 2024\n A. Pilot\0", "B", "(c) 2024 A. Pilot"),
        (" \0", "A. Pilot", "A. Pilot"),
        (None, None, None),
        ("\x01", 7, None),
    ],
)
def test_whose_photo_it_is_is_read_of_its_copyright_or_artist(
    rights: object, artist: object, wanted: str | None
) -> None:
    assert attribution_of({ExifTags.Base.Copyright: rights, ExifTags.Base.Artist: artist}) == wanted


def test_position_without_altitude_is_kept() -> None:
    gps = parse_gps({tag: value for tag, value in HOBART.items() if tag not in (ALTITUDE_REF, ALTITUDE)})
    assert gps is not None and gps.altitude is None


@pytest.mark.parametrize("reference", [1, b"\x01"])
def test_altitude_below_sea_level_is_negative(reference: object) -> None:
    gps = parse_gps(HOBART | {ALTITUDE_REF: reference})
    assert gps is not None and gps.altitude == -61.5


@pytest.mark.parametrize(
    "damage",
    [
        {LATITUDE: None},
        {LATITUDE: (42.0, 52.0)},
        {LATITUDE: (float("nan"), 0.0, 0.0)},
        {LATITUDE: (91.0, 0.0, 0.0)},
        {LATITUDE: (float("inf"), 0.0, 0.0)},
        {LATITUDE: (42.0, 75.0, 0.0)},
        {LONGITUDE: (181.0, 0.0, 0.0)},
        {LATITUDE: (0.0, 0.0, 0.0), LONGITUDE: (0.0, 0.0, 0.0)},
    ],
    ids=["missing", "two parts", "0/0", "out of range", "infinite", "75 minutes", "beyond 180", "no fix"],
)
def test_a_damaged_position_counts_as_missing(damage: dict[int, object]) -> None:
    assert parse_gps(HOBART | damage) is None


@pytest.mark.parametrize("missing", [{LATITUDE_REF: None}, {LONGITUDE_REF: ""}, {LATITUDE_REF: "X"}])
def test_a_missing_hemisphere_is_not_taken_for_north_or_east(missing: dict[int, object]) -> None:
    gps = parse_gps(HOBART | missing)
    assert gps is not None and not gps.signed


@pytest.mark.parametrize("reference", ["S", "s", b"S\x00", "South", None])
def test_a_negative_latitude_is_south_with_and_without_its_letter(reference: object) -> None:
    gps = parse_gps(HOBART | {LATITUDE: (-42.0, 52.0, 50.4), LATITUDE_REF: reference})
    assert gps is not None and gps.signed and gps.latitude == pytest.approx(-42.8806667)


def test_a_negative_latitude_in_the_north_has_no_hemisphere() -> None:
    gps = parse_gps(HOBART | {LATITUDE: (-42.0, 52.0, 50.4), LATITUDE_REF: "N"})
    assert gps is not None and not gps.signed


@pytest.mark.parametrize("altitude", [1e9, -5000.0, float("inf"), float("nan")])
def test_an_impossible_altitude_is_dropped_and_the_position_kept(altitude: float) -> None:
    gps = parse_gps(HOBART | {ALTITUDE: altitude})
    assert gps is not None and gps.altitude is None


def test_everything_survives_the_way_through_a_jpeg(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    save_photo(path, Image.new("RGB", (80, 60)), gps=(47.5, -8.25, 400.5), orientation=6, gimbal_pitch=-45.0)

    with Image.open(path) as image:
        metadata = read_metadata(image)

    assert metadata.orientation == 6
    assert metadata.camera.focal_length_35mm == 28
    assert metadata.gimbal_pitch_degrees == -45.0
    assert isinstance(metadata.gps, GpsPosition)
    assert (metadata.gps.latitude, metadata.gps.longitude) == pytest.approx((47.5, -8.25))
    assert metadata.gps.altitude == pytest.approx(float(Fraction(801, 2)))


def test_a_photo_without_metadata_is_upright_and_unknown(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    Image.new("RGB", (80, 60)).save(path)
    with Image.open(path) as image:
        metadata = read_metadata(image)
    assert metadata.orientation == 1
    assert metadata.gps is None and metadata.camera.focal_length_35mm is None and metadata.gimbal_pitch_degrees is None


def test_an_exposure_value_comes_from_shutter_aperture_and_iso(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    tags: dict[int, object] = {
        ExifTags.Base.ExposureTime: 1 / 125,
        ExifTags.Base.FNumber: 8.0,
        ExifTags.Base.ISOSpeedRatings: 200,
    }
    save_photo(path, Image.new("RGB", (80, 60)), camera=tags)
    with Image.open(path) as image:
        metadata = read_metadata(image)
    assert metadata.exposure_value == pytest.approx(11.97, abs=0.01)  # EV 13 of 1/125 at f/8 is 12.97; ISO 200 is one

    assert exposure_value_of(tags | {ExifTags.Base.ISOSpeedRatings: (200, 0)}) == pytest.approx(11.97, abs=0.01)
    for tag in tags:
        assert exposure_value_of(tags | {tag: 0}) is None
        assert exposure_value_of({name: value for name, value in tags.items() if name != tag}) is None
