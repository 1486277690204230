"""Which photos share a camera."""

from dataclasses import replace
from typing import Any

import pytest
from PIL import Image
from spaceport_sfm.camera_tags import CameraTags
from spaceport_sfm.cameras import CameraGroup, group_cameras
from spaceport_sfm.photo_metadata import PhotoMetadata
from spaceport_sfm.photo_preparation import PreparedPhoto
from spaceport_sfm.photo_quality import measure_quality

QUALITY = measure_quality(Image.new("L", (64, 48)))

ZOOM = CameraTags(make="Canon", model="EOS", lens="24-105mm", focal_length_mm=24.0, focal_plane_px_per_mm=4000 / 36)


def photo(tags: CameraTags, size: tuple[int, int] = (1600, 1200)) -> PreparedPhoto:
    half = size[0] // 2, size[1] // 2
    return PreparedPhoto("", "", (4000, 3000), size, half, PhotoMetadata(1, None, tags, None), QUALITY)


def at(*millimetres: float) -> list[PreparedPhoto]:
    return [photo(replace(ZOOM, focal_length_mm=mm)) for mm in millimetres]


def cameras(photos: list[PreparedPhoto]) -> list[CameraGroup]:
    groups = group_cameras(photos, 1.2)
    assert sorted(index for group in groups for index in group.photos) == list(range(len(photos)))
    assert [group.camera_id for group in groups] == list(range(1, len(groups) + 1))
    return groups


def members(photos: list[PreparedPhoto]) -> list[tuple[int, ...]]:
    return [group.photos for group in cameras(photos)]


def test_photos_of_one_body_lens_and_size_share_a_camera() -> None:
    (camera,) = cameras(at(24, 24, 24))
    assert camera.focal_px == pytest.approx(24 / 36 * 1600) and not camera.held
    assert camera.name == "Canon EOS 24-105mm"


@pytest.mark.parametrize(
    "change", [{"model": "Other"}, {"serial": "2"}, {"lens": "50mm"}, {"image_source": "ZoomCamera"}], ids=str
)
def test_photos_of_two_bodies_or_lenses_do_not(change: dict[str, Any]) -> None:
    other = [photo(replace(ZOOM, **change))] * 3
    assert members([*at(24, 24, 24), *other]) == [(0, 1, 2), (3, 4, 5)]


def test_photos_of_two_sizes_do_not_and_begin_with_the_same_view() -> None:
    larger, smaller = cameras([*at(24, 24, 24), photo(ZOOM, (1200, 900))])
    assert smaller.focal_px == pytest.approx(larger.focal_px * 0.75)


def test_zoom_steps_are_cameras_of_their_own() -> None:
    wide, tele = cameras(at(24, 50, 24, 50, 24, 50))
    assert (wide.photos, tele.photos) == ((0, 2, 4), (1, 3, 5))
    assert tele.focal_px == pytest.approx(wide.focal_px * 50 / 24)
    assert not wide.held and not tele.held


def test_digitally_zoomed_photos_are_apart() -> None:
    zoomed = [photo(replace(ZOOM, digital_zoom=2.0))] * 3
    wide, tele = cameras([*at(24, 24, 24), *zoomed])
    assert tele.focal_px == pytest.approx(2 * wide.focal_px)


def test_the_noise_of_a_zoom_lens_makes_no_cameras() -> None:
    assert members(at(35.0, 35.1, 34.9, 35.2, 35.0, 34.95)) == [tuple(range(6))]
    assert members(at(35, 35, 35, 35.9)) == [(0, 1, 2, 3)]


def test_a_zoom_of_one_photo_far_from_the_others_keeps_its_known_focal_length() -> None:
    usual, single = cameras(at(35, 35, 35, 70))
    assert not usual.held
    assert single.held and single.photos == (3,) and single.focal_px == pytest.approx(70 / 36 * 1600)


def test_a_set_with_a_zoom_for_every_photo_has_no_focal_lengths_to_solve() -> None:
    groups = cameras(at(*(24 * 1.05**step for step in range(20))))
    assert all(group.held for group in groups)


def test_without_known_focal_lengths_zooms_are_few_and_in_proportion() -> None:
    unknown = replace(ZOOM, focal_plane_px_per_mm=None)
    photos = [photo(replace(unknown, focal_length_mm=24 * 1.02**step)) for step in range(40)]
    groups = cameras(photos)
    assert len(groups) <= 9
    assert not any(group.held or group.focal.known for group in groups)
    assert groups[-1].focal_px / groups[0].focal_px == pytest.approx(1.02**36, rel=0.1)


def test_a_maker_is_named_once() -> None:
    assert CameraTags(make="Canon", model="Canon PowerShot").name == "Canon PowerShot"
    assert CameraTags(make="DJI", model="FC300S").name == "DJI FC300S"
    assert CameraTags(model="FC300S").name == "FC300S"


def test_photos_of_unknown_cameras_share_the_default() -> None:
    (camera,) = cameras([photo(CameraTags())] * 3)
    assert camera.focal_px == pytest.approx(1.2 * 1600) and not camera.focal.known and camera.name == ""


def test_a_single_photo_of_another_camera_is_solved_as_ever() -> None:
    assert not any(camera.held for camera in cameras([*at(24, 24, 24), photo(replace(ZOOM, model="Phone"))]))
