"""Thermal photos beside colour ones, and alone."""

from pathlib import Path

import pytest
from PIL import ExifTags, Image
from sfm_testing.photo_files import insert_segment
from spaceport_sfm.camera_tags import CameraTags
from spaceport_sfm.photo_metadata import PhotoMetadata, read_metadata
from spaceport_sfm.photo_preparation import PreparedPhoto
from spaceport_sfm.photo_quality import measure_quality
from spaceport_sfm.thermal import REASON, is_thermal, without_thermal

QUALITY = measure_quality(Image.new("L", (64, 48)))
DJI = CameraTags(make="DJI", model="M3T")
INFRARED = CameraTags(make="DJI", model="M3T", image_source="InfraredCamera")


def photo(name: str, tags: CameraTags = DJI, size: tuple[int, int] = (4000, 3000)) -> PreparedPhoto:
    return PreparedPhoto(name, name, size, (800, 600), (400, 300), PhotoMetadata(1, None, tags, None), QUALITY)


def left_out(*photos: PreparedPhoto) -> list[str]:
    used, rejected = without_thermal(photos)
    assert [photo.name for photo in photos if photo not in used] == [each.name for each in rejected]
    assert {each.reason for each in rejected} <= {REASON}
    return [each.name for each in rejected]


COLOUR = [photo(f"DJI_{number:04}.JPG") for number in range(4)]


def test_photos_of_an_infrared_camera_are_left_out_beside_colour_ones() -> None:
    thermal = [photo(f"DJI_{number:04}.JPG", INFRARED) for number in range(4, 8)]
    assert left_out(*COLOUR, *thermal) == [each.name for each in thermal]


def test_thermal_photos_alone_are_used() -> None:
    assert left_out(*[photo(f"{number}_T.JPG", INFRARED, (640, 512)) for number in range(5)]) == []


def test_a_few_colour_photos_beside_a_thermal_flight_leave_it_as_it_is() -> None:
    thermal = [photo(f"{number}_T.JPG", INFRARED) for number in range(9)]
    assert left_out(*COLOUR, *thermal) == []
    assert left_out(*COLOUR[:2], *thermal[:3]) == []
    assert len(left_out(*COLOUR, *thermal[:8])) == 8


@pytest.mark.parametrize("size", [(640, 512), (512, 640), (1280, 1024), (336, 256), (160, 120)])
def test_a_drones_picture_of_the_size_of_a_thermal_core_is_thermal(size: tuple[int, int]) -> None:
    assert is_thermal(DJI, size)
    assert not is_thermal(CameraTags(make="Canon"), size)
    assert not is_thermal(DJI, (640, 480))


@pytest.mark.parametrize(
    ("thermal", "colour"),
    [
        ("DJI_0001_T.JPG", "DJI_0001_W.JPG"),
        ("flight/DJI_0001_T.JPG", "flight/DJI_0001_V.JPG"),
        ("DJI_20260519121519_0001_T.JPG", "DJI_20260519121518_0001_Z.JPG"),
        ("IMG_1-thermal.jpg", "IMG_1-visible.jpg"),
    ],
)
def test_a_name_says_thermal_beside_the_same_shot_in_colour(thermal: str, colour: str) -> None:
    assert left_out(photo(thermal), photo(colour), *COLOUR) == [thermal]


@pytest.mark.parametrize("name", ["DJI_0001_T.JPG", "other/DJI_0002_T.JPG", "T.JPG", "_T.JPG", "IMG_T_0001.JPG"])
def test_a_name_alone_says_nothing(name: str) -> None:
    assert left_out(photo(name), photo("DJI_0002_W.JPG"), *COLOUR) == []


def test_a_renamed_photo_is_told_by_the_name_that_the_camera_gave_it() -> None:
    def renamed(name: str, original: str) -> PreparedPhoto:
        return photo(name, CameraTags(make="DJI", original_name=original))

    pair = renamed("roof 1.jpg", "DJI_0001_T.JPG"), renamed("roof 2.jpg", "DJI_0001_W.JPG")
    assert left_out(*pair, *COLOUR) == ["roof 1.jpg"]


def test_what_cameras_write_is_read(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "DJI\x00\x00\x00"
    exif[ExifTags.Base.ImageDescription] = "DCIM\\100MEDIA\\DJI_0018_T.JPG"
    path = tmp_path / "photo.jpg"
    Image.new("RGB", (80, 64)).save(path, exif=exif, xmp=b'<x drone-dji:ImageSource="InfraredCamera"/>')
    insert_segment(path, 0xE1, b"FLIR\x00\x01\x00\x00")

    with Image.open(path) as image:
        tags = read_metadata(image).camera

    assert tags == CameraTags(make="DJI", image_source="InfraredCamera", original_name="DJI_0018_T.JPG", flir=True)


def test_a_radiometric_picture_is_thermal_whatever_its_name() -> None:
    assert is_thermal(CameraTags(flir=True), (4000, 3000))
    assert is_thermal(CameraTags(image_source="Infrared"), (4000, 3000))
    assert is_thermal(CameraTags(image_source="LWIR"), (4000, 3000))
    assert not is_thermal(CameraTags(image_source="NIR"), (4000, 3000))
    assert not is_thermal(CameraTags(make="DJI", image_source="WideCamera"), (4000, 3000))
