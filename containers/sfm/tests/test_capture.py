"""What photos say of how they were taken, by what cameras and drones write into them."""

from dataclasses import replace

import pytest
from spaceport_sfm.camera_tags import CameraTags
from spaceport_sfm.capture import is_aerial
from spaceport_sfm.frame_checks import FrameNumbers
from spaceport_sfm.photo_metadata import PhotoMetadata

SILENT = PhotoMetadata(orientation=1, gps=None, camera=CameraTags(), gimbal_pitch_degrees=None)
HIGH_ABOVE = FrameNumbers(
    camera_distance=70,
    camera_height=65,
    camera_spacing=20,
    up_vs_gimbals_degrees=None,
    roll_degrees=None,
    ground_below_share=1,
)


def body(name: str) -> PhotoMetadata:
    return replace(SILENT, camera=CameraTags(make=name))


@pytest.mark.parametrize(
    "name",
    ["DJI FC300S", "DJI M3M", "Hasselblad L1D-20c", "PARROT Anafi", "Autel Robotics XT705", "senseFly S.O.D.A."],
)
def test_a_drones_camera_is_known_by_its_maker(name: str) -> None:
    assert is_aerial([body(name)] * 3, None)


@pytest.mark.parametrize("name", ["NIKON CORPORATION NIKON D3200", "Apple iPhone 14", "DJI Osmo Action 4", "", "DJIX"])
def test_other_cameras_are_not(name: str) -> None:
    assert not is_aerial([body(name)] * 3, None)


def test_what_only_drones_write_counts_whoever_made_the_camera() -> None:
    assert is_aerial([replace(SILENT, gimbal_pitch_degrees=-90.0)], None)
    assert is_aerial([replace(SILENT, height_above_takeoff_m=60.0)], None)


def test_half_of_the_photos_must_be_a_drones() -> None:
    drone, phone = body("DJI FC300S"), body("Apple iPhone 14")
    assert is_aerial([drone, drone, phone, phone], None)
    assert not is_aerial([drone, phone, phone], None)
    assert not is_aerial([], None)


def test_a_camera_in_a_plane_is_known_by_its_height() -> None:
    plane = [body("Canon PowerShot ELPH 300 HS")] * 3
    assert is_aerial(plane, HIGH_ABOVE)
    assert not is_aerial(plane, replace(HIGH_ABOVE, camera_height=3.0))
    assert not is_aerial(plane, replace(HIGH_ABOVE, ground_below_share=0.5))  # a facade from a roof
