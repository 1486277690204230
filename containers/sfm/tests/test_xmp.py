"""Positions, heights and gimbal angles in XMP, as drones and editors write them."""

import pytest
from spaceport_sfm.gps import GpsPosition
from spaceport_sfm.xmp import gimbal_pitch, height_above_takeoff, position, read_properties

ATTRIBUTES = b"""<rdf:Description drone-dji:AbsoluteAltitude="+198.31" drone-dji:RelativeAltitude="+39.80"
 drone-dji:GpsLatitude="+46.84260708" drone-dji:GpsLongtitude="-91.99455989" drone-dji:GimbalPitchDegree="-89.90"/>"""
ELEMENTS = b"""<drone-dji:GpsLatitude>46.84260708</drone-dji:GpsLatitude>
 <drone-dji:GpsLongitude>-91.99455989</drone-dji:GpsLongitude>
 <drone-dji:AbsoluteAltitude>198.31</drone-dji:AbsoluteAltitude>
 <drone-dji:RelativeAltitude>39.8</drone-dji:RelativeAltitude>
 <drone-dji:GimbalPitchDegree>-89.90</drone-dji:GimbalPitchDegree>"""


@pytest.mark.parametrize("packet", [ATTRIBUTES, ELEMENTS, ATTRIBUTES.decode(), ATTRIBUTES.replace(b'"', b"'")])
def test_s04_the_drones_own_position_is_read_from_attributes_and_elements(packet: object) -> None:
    properties = read_properties(packet)
    assert position(properties) == GpsPosition(46.84260708, -91.99455989, 198.31)
    assert height_above_takeoff(properties) == 39.8
    assert gimbal_pitch(properties) == -89.9


def test_another_makers_prefix_is_read() -> None:
    packet = b'<d drone-skydio:Latitude="47.5" drone-skydio:Longitude="8.5" drone-skydio:AbsoluteAltitude="500"/>'
    assert position(read_properties(packet)) == GpsPosition(47.5, 8.5, 500.0)


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected"),
    [
        ("47,22.5N", "8,30.0W", (47.375, -8.5, True)),
        ("47,22,30S", "8,30,0E", (-47.375, 8.5, True)),
        ("47,22.5", "8,30.0E", (47.375, 8.5, False)),
    ],
)
def test_s04_a_position_that_an_editor_moved_into_xmp_is_read(
    latitude: str, longitude: str, expected: tuple[float, float, bool]
) -> None:
    packet = (
        f'<d exif:GPSLatitude="{latitude}" exif:GPSLongitude="{longitude}" exif:GPSAltitude="61500/1000"'
        ' exif:GPSAltitudeRef="1"/>'
    )
    gps = position(read_properties(packet))
    assert gps is not None
    assert (gps.latitude, gps.longitude, gps.signed) == pytest.approx(expected)
    assert gps.altitude == -61.5


@pytest.mark.parametrize(
    "packet",
    [
        None,
        b"",
        b'<d drone-dji:GpsLatitude="north" drone-dji:GpsLongitude="8"/>',
        b'<d drone-dji:GpsLatitude="0.0" drone-dji:GpsLongitude="0.0"/>',
        b'<d drone-dji:GpsLatitude="1e300" drone-dji:GpsLongitude="8"/>',
        b'<d drone-dji:GpsLatitude="95.0" drone-dji:GpsLongitude="8"/>',
        b'<d exif:GPSLatitude="47,22.5N"/>',
        b'<d exif:GPSLatitude="47/1 22/1 30/1" exif:GPSLongitude="8"/>',
        b'<d my-drone-dji:GpsLatitude="47.0" my-drone-dji:GpsLongitude="8"/>',
    ],
)
def test_a_packet_without_a_whole_position_has_none(packet: object) -> None:
    assert position(read_properties(packet)) is None


@pytest.mark.parametrize("packet", [None, b"", b'<d drone-dji:GimbalPitchDegree="level"/>'])
def test_a_missing_gimbal_pitch_is_none(packet: object) -> None:
    assert gimbal_pitch(read_properties(packet)) is None
