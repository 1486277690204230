"""How accurate photos say that their positions are."""

from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image
from sfm_testing.photo_files import gps_of, save_photo
from spaceport_sfm.accuracy import stated_accuracy
from spaceport_sfm.gps import AxisStd, GpsPosition
from spaceport_sfm.photo_metadata import read_metadata
from spaceport_sfm.positions import UNSTATED_STD_M, positions_of
from spaceport_sfm.xmp import read_properties

RADIUS = ExifTags.GPS.GPSHPositioningError


def stated(packet: str, tags: dict[int, object] | None = None) -> AxisStd | None:
    return stated_accuracy(tags or {}, read_properties(packet))


def rtk(flag: int, lon: str = "0.01120", lat: str = "0.03", height: str = "0.05") -> str:
    return (
        f'<d drone-dji:RtkFlag="{flag}" drone-dji:RtkStdLon="{lon}" drone-dji:RtkStdLat="{lat}"'
        f' drone-dji:RtkStdHgt="{height}"/>'
    )


@pytest.mark.parametrize("flag", [50, 51, 34, 32, 49])
def test_a_fix_with_corrections_states_its_deviations_by_axis(flag: int) -> None:
    assert stated(rtk(flag)) == AxisStd(0.02, 0.03, 0.05)


@pytest.mark.parametrize("flag", [0, 1, 16, 17, -1, 9999])
def test_a_fix_without_corrections_states_nothing(flag: int) -> None:
    assert stated(rtk(flag)) is None


def test_deviations_that_a_fix_leaves_out_are_typical_ones() -> None:
    fixed = stated(rtk(50, "0.0", "-1", "nan"))
    floating = stated(rtk(34, "0.0", "99999", ""))
    assert fixed is not None and floating is not None
    assert fixed.east is not None and floating.east is not None and fixed.east < floating.east
    assert fixed.north == fixed.east and fixed.up is not None and floating.up is not None


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        ('<d Camera:GPSXYAccuracy="0.15" Camera:GPSZAccuracy="0.25"/>', AxisStd(0.15, 0.15, 0.25)),
        (
            "<Camera:GPSXYAccuracy>1.5</Camera:GPSXYAccuracy><Camera:GPSZAccuracy>5/2</Camera:GPSZAccuracy>",
            AxisStd(1.5, 1.5, 2.5),
        ),
        ("<d Camera:GPSXYAccuracy='3'/>", AxisStd(3.0, 3.0, None)),
        ('<d Camera:GPSZAccuracy="0"/>', None),
        ('<d exif:GPSHPositioningError="472/100"/>', AxisStd(4.72, 4.72, None)),
        ('<d Camera:GPSXYAccuracy="good"/>', None),
    ],
)
def test_accuracies_in_xmp_are_read_from_attributes_and_elements(packet: str, expected: AxisStd | None) -> None:
    assert stated(packet) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(4.7, 4.7), (0.001, 0.02), (0.0, None), (-1.0, None), (float("nan"), None), (5000.0, None), ("near", None)],
)
def test_exifs_horizontal_error_counts_within_sane_limits(value: object, expected: float | None) -> None:
    found = stated("", {RADIUS: value})
    assert found == (None if expected is None else AxisStd(expected, expected, None))


def test_corrections_come_before_other_statements() -> None:
    assert stated(rtk(50) + '<d Camera:GPSXYAccuracy="9"/>', {RADIUS: 7.0}) == AxisStd(0.02, 0.03, 0.05)
    assert stated(rtk(16) + '<d Camera:GPSXYAccuracy="9"/>', {RADIUS: 7.0}) == AxisStd(9.0, 9.0, None)


def test_the_accuracy_in_a_photo_is_that_of_its_position(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    save_photo(path, Image.new("RGB", (80, 60)), gps=(47.5, 8.25, 400.5), xmp=rtk(50))
    with Image.open(path) as image:
        fix = read_metadata(image).gps
    assert fix is not None and fix.std == AxisStd(0.02, 0.03, 0.05)


def test_positions_have_the_deviations_that_are_stated_and_usual_ones_for_the_rest() -> None:
    centers = np.array([[10.0 * index, 7.0 * (index % 3), 50.0] for index in range(6)])
    fixes = [GpsPosition(*gps_of(center)) for center in centers]
    accurate = GpsPosition(*gps_of(centers[0]), std=AxisStd(0.02, 0.03, None))
    positions = positions_of([accurate, *fixes[1:]])
    assert positions is not None
    assert positions.std_m[0].tolist() == [0.02, 0.03, UNSTATED_STD_M[2]]
    assert positions.std_m[1].tolist() == list(UNSTATED_STD_M)
