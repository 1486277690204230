"""Photos whose metadata tell where they look are matched with those that show the same ground."""

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from spaceport_sfm.camera_tags import CameraTags
from spaceport_sfm.cameras import group_cameras
from spaceport_sfm.pair_graph import parts_of
from spaceport_sfm.pairs import spatial_pairs
from spaceport_sfm.photo_metadata import PhotoMetadata
from spaceport_sfm.photo_preparation import PreparedPhoto
from spaceport_sfm.photo_quality import measure_quality
from spaceport_sfm.views import WIDE_HALF_ANGLE, Views, directions_of, half_angles_of, views_of

Floats = NDArray[np.float64]

SHARP = measure_quality(Image.new("L", (64, 48)))


def metadata(pitch: float | None, yaw: float | None, height: float | None) -> PhotoMetadata:
    return PhotoMetadata(1, None, CameraTags(), pitch, None, height, yaw)


def views_by(photos: list[PhotoMetadata]) -> Views:
    return views_of(photos, np.full(len(photos), np.radians(42)))


def views(pitch: list[float], heading: list[float], height_m: float) -> Views:
    return views_by([metadata(p, h, height_m) for p, h in zip(pitch, heading, strict=True)])


def grid(rows: int, columns: int, spacing_m: float, height_m: float) -> Floats:
    places = [[column * spacing_m, row * spacing_m, height_m] for row in range(rows) for column in range(columns)]
    return np.array(places, np.float64)


def test_the_ground_in_the_middle_of_a_photo_follows_from_height_pitch_and_heading() -> None:
    aims = views([-90.0, -45.0, -45.0], [0.0, 0.0, 90.0], 40.0).aims(np.zeros((3, 3)))
    assert aims == pytest.approx(np.array([[0, 0], [0, 40], [40, 0]]), abs=1e-9)


def test_directions_are_clockwise_from_north() -> None:
    east = directions_of(np.array([0.0]), np.array([90.0]))
    assert east == pytest.approx(np.array([[1.0, 0.0, 0.0]]), abs=1e-9)


@pytest.mark.parametrize(
    ("pitch", "height"), [(None, 40.0), (-10.0, 40.0), (-90.0, None), (-90.0, -30.0), (-90.0, 1.0)]
)
def test_a_photo_without_a_footprint_is_in_nobodys_way(pitch: float | None, height: float | None) -> None:
    known = metadata(-90, 0, 40)
    unknown = views_by([metadata(pitch, 0, height), known])
    far = np.array([[0.0, 0, 40], [5000.0, 0, 40]])
    assert not unknown.cannot_share(0, far).any() and not unknown.cannot_share(1, far).any()


def test_photos_straight_down_need_no_heading() -> None:
    assert np.isfinite(views_by([metadata(-89.9, None, 40)]).radii).all()


def test_how_wide_a_photo_sees_is_told_by_the_best_focal_length_that_is_known() -> None:
    """DJI's calibration before the equivalent on 35 mm film; a photo that says nothing counts as wide."""
    calibrated = CameraTags(focal_length_35mm=24, calibrated_px=1000.0)
    photos = [
        PreparedPhoto(name, name, (1600, 1200), (800, 600), (400, 300), PhotoMetadata(1, None, tags, None), SHARP)
        for name, tags in (("known.jpg", calibrated), ("unknown.jpg", CameraTags(model="Other")))
    ]
    angles = half_angles_of(group_cameras(photos, 1.2))
    assert angles.tolist() == pytest.approx([np.arctan(1.0), WIDE_HALF_ANGLE])


def test_footprints_far_apart_share_nothing_and_overlapping_ones_may() -> None:
    down = views([-90.0] * 3, [0.0] * 3, 40.0)
    places = np.array([[0.0, 0, 40], [30.0, 0, 40], [400.0, 0, 40]])
    assert down.cannot_share(0, places).tolist() == [False, False, True]


def test_obliques_that_look_away_from_each_other_are_not_neighbours_where_others_look_the_same_way() -> None:
    # Each place has a photo to the north and one to the south, 45 degrees down, from 100 m.
    places = np.repeat(grid(6, 6, 25.0, 100.0), 2, axis=0)
    places[1::2, 0] += 1.0
    both = views([-45.0] * 72, [0.0, 180.0] * 36, 100.0)

    def apart(pairs: list[tuple[int, int]]) -> int:
        return sum(bool(both.cannot_share(first, places)[second]) for first, second in pairs)

    with_views, without = spatial_pairs(places, views=both), spatial_pairs(places)
    assert apart(with_views) < apart(without) / 2
    assert len(set(parts_of(72, with_views))) == 1


def test_back_to_back_photos_share_nothing_and_face_to_face_ones_may() -> None:
    places = np.array([[0.0, 0, 0], [0.0, 20, 0]])
    assert views([0.0, 0.0], [180.0, 0.0], 2.0).cannot_share(0, places)[1]
    assert not views([0.0, 0.0], [0.0, 180.0], 2.0).cannot_share(0, places)[1]


def test_obliques_are_paired_with_the_photos_from_above_of_the_ground_that_they_show() -> None:
    above = grid(8, 8, 15.0, 60.0)
    oblique = np.array([[52.0, -60.0, 60.0]])  # looks north, 35 degrees from straight down: at about 52, -18
    pitch, heading = [-90.0] * 64 + [-55.0], [0.0] * 65
    known = views(pitch, heading, 60.0)
    aim = known.aims(np.concatenate([above, oblique]))[64]
    pairs = spatial_pairs(np.concatenate([above, oblique]), views=known)
    partners = [first for first, second in pairs if second == 64]
    nearest = np.argsort(np.linalg.norm(above[:, :2] - aim, axis=1), kind="stable")[:2]
    assert set(nearest.tolist()) <= set(partners)


def test_a_drone_that_started_from_a_hill_loses_no_pairs() -> None:
    # Said to be 5 m above the ground and in truth far higher: no footprints overlap, all of them do.
    places = grid(8, 8, 40.0, 0.0)
    pairs = spatial_pairs(places, views=views([-90.0] * 64, [0.0] * 64, 5.0))
    beside = {(8 * row + column, 8 * row + column + 1) for row in range(8) for column in range(7)}
    behind = {(photo, photo + 8) for photo in range(56)}
    assert beside | behind <= set(pairs)
