"""`geo.txt` and tables of positions beside photos: which positions they give, and what is said of wrong ones."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from spaceport_common.errors import StageError
from spaceport_sfm.gps import AxisStd, GpsPosition
from spaceport_sfm.photo_preparation import find_files, find_photos
from spaceport_sfm.positions import examine_positions
from spaceport_sfm.surveyed_positions import SurveyedPositions, read_surveyed_positions

PHOTOS = ["DJI_0001.JPG", "DJI_0002.JPG", "DJI_0003.JPG"]
LINES = "DJI_0001.JPG 8.1 47.1 400\nDJI_0002.JPG 8.2 47.2 410\nDJI_0003.JPG 8.3 47.3 420\n"


def read(folder: Path, files: dict[str, str | bytes], photos: list[str] = PHOTOS) -> SurveyedPositions:
    for name, content in {**dict.fromkeys(photos, b"photo"), **files}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return read_surveyed_positions(folder, find_files(folder), find_photos(folder))


def refused(folder: Path, files: dict[str, str | bytes], photos: list[str] = PHOTOS) -> str:
    with pytest.raises(StageError) as caught:
        read(folder, files, photos)
    assert caught.value.code == "POSITION_FILE_INVALID"
    return caught.value.sentence


def test_position_files_are_no_photos(tmp_path: Path) -> None:
    read(tmp_path, {"geo.txt": "EPSG:4326\n" + LINES, "flight/GCP_LIST.TXT": "", "ppk/Events.CSV": ""})
    assert find_photos(tmp_path) == PHOTOS


def test_geo_txt_gives_positions_heights_and_accuracies(tmp_path: Path) -> None:
    text = (
        "EPSG:4979\n# name lon lat height yaw pitch roll horizontal vertical\n\n"
        "DJI_0001.JPG 8.1 47.1 400 10 20 30 0.03 0.05\r\nDJI_0002.JPG\t8.2\t47.2\n"
        "DJI_0003.JPG 8.3 47.3 420.5 1 2 3 0 -1 extras\nDJI_0009.JPG 1 2 3\n"
    )
    surveyed = read(tmp_path, {"geo.txt": text})
    assert surveyed.of(PHOTOS) == [
        GpsPosition(47.1, 8.1, 400.0, std=AxisStd(0.03, 0.03, 0.05), heights="ellipsoid"),
        GpsPosition(47.2, 8.2, None, heights="ellipsoid"),
        GpsPosition(47.3, 8.3, 420.5, std=AxisStd(None, None, None), heights="ellipsoid"),
    ]
    assert surveyed.photos_of == {"geo.txt": 3}


def test_heights_of_a_projection_without_heights_do_not_say_what_they_count_from(tmp_path: Path) -> None:
    first = read(tmp_path, {"geo.txt": "EPSG:4326\n" + LINES}).of(PHOTOS)[0]
    assert first is not None and first.heights == "file" and first.altitude == 400.0


@pytest.mark.parametrize("text", [LINES, LINES.replace("JPG", "jpg"), LINES.replace(".JPG", ""), LINES.lower()])
def test_photos_are_found_by_their_names_in_any_case_and_without_ending(tmp_path: Path, text: str) -> None:
    assert None not in read(tmp_path, {"geo.txt": "EPSG:4326\n" + text}).of(PHOTOS)


def test_names_may_have_spaces_and_folders(tmp_path: Path) -> None:
    photos = ["flight 1/DJI 01.JPG", "flight 2/DJI 01.JPG", "flight 2/DJI 02.JPG"]
    lines = ["flight 1/DJI 01.JPG 8.1 47.1", "D:\\all\\flight 2\\DJI 01.JPG 8.2 47.2", "DJI 02.JPG 8 47"]
    found = read(tmp_path, {"geo.txt": "\n".join(["EPSG:4326", *lines])}, photos).of(photos)
    assert [fix.longitude for fix in found if fix is not None] == [8.1, 8.2, 8.0]
    assert "may be" in refused(tmp_path, {"geo.txt": "EPSG:4326\nDJI 01.JPG 8.1 47.1"}, photos)


def test_a_file_in_a_folder_means_the_photos_of_that_folder_first(tmp_path: Path) -> None:
    photos = ["a/1.jpg", "b/1.jpg"]
    surveyed = read(tmp_path, {"a/geo.txt": "EPSG:4326\n1.jpg 8 47", "b/geo.txt": "EPSG:4326\n1.jpg 9 48"}, photos)
    assert [fix.longitude for fix in surveyed.of(photos) if fix is not None] == [8.0, 9.0]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "geo.txt, line 1: "),
        (LINES, "geo.txt, line 1: "),
        ("EPSG:32632\n" + LINES, "are degrees"),
        ("EPSG:4326\nDJI_0001.JPG 8.1\n", "geo.txt, line 2: "),
        ("EPSG:4326\nDJI_0001.JPG 8,1 47,1 400\n", "with points in numbers"),
        ("EPSG:4326\nDJI_0001.JPG nan 47.1\n", "geo.txt, line 2: "),
        ("EPSG:4326\nDJI_0001.JPG 8.1 97.1\n", "none of the coordinates"),
        ("EPSG:4326\nDJI_0001.JPG 8.1 97.1\nDJI_0002.JPG 8 47\n", "line 2"),
        ("EPSG:4326\nDJI_0001.JPG 8 47\nDJI_0001.JPG 8 47.1\n", "line 2 already"),
        ("EPSG:4326\nother.jpg 8 47\n", "names none of the photos"),
        ("EPSG:4326+5773\n" + LINES, "us_nga_egm96_15.tif"),
        (b"\xff\xd8\xff\x00\x00", "not text"),
        (b"EPSG:4326\n" * 500_000, "larger than 4 MB"),
    ],
)
def test_a_geo_txt_that_cannot_be_honoured_ends_the_run_with_the_reason(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    sentence = refused(tmp_path, {"geo.txt": text})
    assert sentence.startswith("geo.txt") and said in sentence


@pytest.mark.parametrize(
    ("table", "heights"),
    [
        (
            "Image Name,Latitude,Longitude,Ellipsoidal height,Std N,Std E,Std U\n{},47.1,8.1,400,0.02,0.03,0.05",
            "ellipsoid",
        ),
        ("#Label,X/Longitude,Y/Latitude,Z/Altitude,Accuracy_horz,Accuracy_vert\n{},8.1,47.1,400,.03,.05", "file"),
        ("file;lat;lon;Orthometric height [m]\r\n{};47,1;8,1;400,0\r\n", "sea level"),
        (
            "SourceFile\tGPSLatitudeRef\tGPSLatitude\tGPSLongitude\tImageHeight\tGPSAltitude\n./{}\tN\t47.1\t8.1\t9\t400",
            "file",
        ),
        ("photo,elevation,ellipsoid height,latitude,longitude\n{},350,400,47.1,8.1", "ellipsoid"),
    ],
)
def test_tables_are_read_by_the_names_of_their_columns(tmp_path: Path, table: str, heights: str) -> None:
    surveyed = read(tmp_path, {"ppk.csv": "\ufeff" + table.format("DJI_0002.JPG")})
    fix = surveyed.of(PHOTOS)[1]
    assert fix is not None and surveyed.photos_of == {"ppk.csv": 1}
    assert (fix.latitude, fix.longitude, fix.altitude, fix.heights) == (47.1, 8.1, 400.0, heights)
    if fix.std is not None:
        assert fix.std.up == 0.05 and fix.std.east == 0.03


def test_rows_without_a_position_and_of_other_photos_are_left_out(tmp_path: Path) -> None:
    table = "file,lat,lon,height\nDJI_0001.JPG,,,\nother.jpg,1,2,3\n\nDJI_0003.JPG,47,8,\n"
    assert [fix is not None for fix in read(tmp_path, {"t.csv": table}).of(PHOTOS)] == [False, False, True]


def test_a_table_that_is_not_about_photos_is_nothing_to_stumble_over(tmp_path: Path) -> None:
    log = "time,latitude,longitude\n1,47,8\n2,47,8\n"
    assert read(tmp_path, {"flight-log.csv": log, "empty.csv": "", "text.csv": "hello"}).photos_of == {}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("name,easting,northing\nDJI_0001.JPG,500000,5200000\n", "which columns"),
        ("DJI_0000.JPG,47,8\nDJI_0001.JPG,47,8\n", "which columns"),
        ('file,lat,lon\nDJI_0001.JPG,"47 deg 22\' 3",8\n', "ppk.csv, line 2"),
        ("\n\nfile,lat,lon\nDJI_0001.JPG,47,200\n", "ppk.csv, line 4"),
        ("file,lat,lon,alt\nDJI_0001.JPG,47,8,high\n", "height"),
        ("file,lat,lon\nDJI_0001.JPG,47,8\nDJI_0001.JPG,47,9\n", "earlier line"),
        ("file,lat,lon\nother.jpg,47,8\n", "none of the photos"),
    ],
)
def test_a_table_that_cannot_be_honoured_ends_the_run_with_the_reason(tmp_path: Path, table: str, said: str) -> None:
    sentence = refused(tmp_path, {"ppk.csv": table})
    assert sentence.startswith("ppk.csv") and said in sentence


def test_two_tables_that_differ_on_a_photo_are_refused_and_geo_txt_comes_before_tables(tmp_path: Path) -> None:
    first, second = "file,lat,lon\nDJI_0001.JPG,47,8\n", "file,lat,lon\nDJI_0001.JPG,47.5,8\n"
    assert "than a.csv" in refused(tmp_path, {"a.csv": first, "b.csv": second})
    surveyed = read(tmp_path, {"a.csv": first, "b.csv": first, "geo.txt": "EPSG:4326\nDJI_0001.JPG 8 46"})
    fix = surveyed.of(PHOTOS)[0]
    assert fix is not None and fix.latitude == 46.0


OWN = [GpsPosition(47.0 + index * 1e-4, 8.0 + (index % 3) * 1e-4, 400.0 + index) for index in range(10)]


def test_positions_of_files_take_the_place_of_the_photos_own() -> None:
    surveyed = [GpsPosition(47.0, 8.001, 450.0, heights="file"), *[None] * 9]
    facts = examine_positions(OWN, (), surveyed)
    assert facts.positions is not None and facts.moved_m == pytest.approx(76, abs=1)
    assert facts.positions.enu[0, 0] - facts.positions.enu[3, 0] == pytest.approx(76, abs=1)


def test_heights_that_count_from_something_else_are_not_mixed_in() -> None:
    surveyed: list[GpsPosition | None] = [
        replace(fix, altitude=447.0 + index, heights="ellipsoid") for index, fix in enumerate(OWN[:8])
    ]
    facts = examine_positions(OWN, (), [*surveyed, None, None])
    assert facts.positions is not None and facts.unlike_altitudes == 2
    assert [bool(known) for known in facts.positions.enu[:, 2] > -1e9] == [True] * 8 + [False] * 2


def test_a_geoid_offset_makes_heights_above_sea_level_heights_above_the_ellipsoid() -> None:
    """So none is left out, and those that say nothing are not mixed in with them."""
    above_sea = [replace(fix, altitude=100.0 + index, heights="sea level") for index, fix in enumerate(OWN)]
    above_ellipsoid = [replace(OWN[0], altitude=147.5, heights="ellipsoid")]
    facts = examine_positions([*above_ellipsoid, *above_sea[1:]], geoid_offset_m=47.5)
    assert facts.unlike_altitudes == 0 and facts.positions is not None
    altitudes = facts.positions.enu[:, 2] + facts.positions.origin.altitude
    assert altitudes == pytest.approx(np.arange(len(OWN)) + 147.5, abs=0.01)
    unknown = [replace(fix, altitude=100.0) for fix in OWN[:1]]
    assert examine_positions([*unknown, *above_sea[1:]], geoid_offset_m=47.5).unlike_altitudes == 1


def test_files_alone_are_enough_where_photos_have_no_positions() -> None:
    facts = examine_positions([None] * 10, (), OWN)
    assert facts.positions is not None and facts.moved_m is None and facts.problem is None
