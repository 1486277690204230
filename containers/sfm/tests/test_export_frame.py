"""The export frame of models whose true frame is known."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pycolmap
import pytest
from numpy.typing import NDArray
from PIL import Image
from sfm_testing.photo_files import gps_of
from sfm_testing.place import View, look
from spaceport_sfm.alignment import Similarity, rotation_to_up
from spaceport_sfm.camera_tags import CameraTags
from spaceport_sfm.export_frame import Frame, choose_frame, move_to_export_frame
from spaceport_sfm.gps import GpsPosition
from spaceport_sfm.photo_metadata import PhotoMetadata
from spaceport_sfm.photo_preparation import PreparedPhoto
from spaceport_sfm.photo_quality import measure_quality
from spaceport_sfm.positions import examine_positions
from spaceport_sfm.tuning import AlignmentTuning, FrameTuning

# Where COLMAP's arbitrary frame lies: turned, shrunk and shifted.
MODEL_FROM_ENU = Similarity(
    0.07, rotation_to_up(np.array([0.5, 0.7, -0.2]), np.array([0.0, 0.0, 1.0])), np.array([3.0, -1.0, 2.0])
)
GROUND = np.array([[x, y, np.sin(x) + np.cos(y)] for x in range(-40, 41, 8) for y in range(-40, 41, 8)], np.float64)

GRID = [
    look(f"{i}.jpg", (12.0 * (i % 4) - 18, 12.0 * (i // 4) - 12, 40), 90 if i % 8 < 4 else 270, -90) for i in range(12)
]
LINE = [look(f"{i}.jpg", (8.0 * i - 28, 0, 40), 0 if i % 2 else 180, -70) for i in range(8)]


def model_of(views: list[View], ground: NDArray[np.float64] = GROUND) -> pycolmap.Reconstruction:
    """A model of the ground, seen completely by every view, in COLMAP's arbitrary frame."""
    model = pycolmap.Reconstruction()
    camera = pycolmap.Camera.create_from_model_name(1, "SIMPLE_PINHOLE", 400, 640, 480)
    model.add_camera_with_trivial_rig(camera)
    for number, view in enumerate(views, start=1):
        points = (ground - view.center) @ view.rotation.T
        image = pycolmap.Image(
            name=view.name,
            camera_id=1,
            image_id=number,
            points2D=pycolmap.Point2DList([pycolmap.Point2D(xy) for xy in np.asarray(camera.img_from_cam(points))]),
        )
        rotation = view.rotation @ MODEL_FROM_ENU.rotation.T
        center = MODEL_FROM_ENU(view.center)
        pose = pycolmap.Rigid3d(pycolmap.Rotation3d(rotation), -rotation @ center)
        model.add_image_with_trivial_frame(image, pose)
    for index, point in enumerate(MODEL_FROM_ENU(ground)):
        track = pycolmap.Track()
        for number in range(1, len(views) + 1):
            track.add_element(number, index)
        model.add_point3D(point, track)
    return model


QUALITY = measure_quality(Image.new("L", (64, 48), 128))


def photos_of(
    views: list[View], *, gps: bool, altitude: bool = True, pitch: float | None = None, noise_m: float = 0.0
) -> list[PreparedPhoto]:
    random = np.random.default_rng(2)

    def fix(view: View) -> GpsPosition:
        latitude, longitude, height = gps_of(view.center + random.normal(0, 1, 3) * noise_m)
        return GpsPosition(latitude, longitude, height if altitude else None)

    return [
        PreparedPhoto(
            view.name,
            view.name,
            (640, 480),
            (640, 480),
            (640, 480),
            PhotoMetadata(1, fix(view) if gps else None, CameraTags(), pitch),
            QUALITY,
        )
        for view in views
    ]


def frame_of(model: pycolmap.Reconstruction, photos: list[PreparedPhoto]) -> Frame:
    facts = examine_positions([photo.metadata.gps for photo in photos])
    return choose_frame(model, photos, facts, AlignmentTuning(), FrameTuning(), 0)


def exported(views: list[View], photos: list[PreparedPhoto]) -> tuple[NDArray[np.float64], bool]:
    """Camera centres (float64[N, 3]) after the move, relative to their middle, and whether it was georeferenced."""
    model = model_of(views)
    georeference = move_to_export_frame(model, frame_of(model, photos))
    centers = np.array([model.image(number).projection_center() for number in range(1, len(views) + 1)])
    points = np.array([point.xyz for point in model.points3D.values()])
    assert np.allclose(np.median(points, axis=0), 0, atol=1e-6)
    assert np.median(centers[:, 1]) < 0, "cameras are above the ground, and y points down"
    return centers - centers.mean(axis=0), georeference is not None


def in_export_axes(views: list[View]) -> NDArray[np.float64]:
    east, north, up = np.array([view.center for view in views]).T
    centers = np.stack([east, -up, north], axis=1)
    relative: NDArray[np.float64] = centers - centers.mean(axis=0)
    return relative


@pytest.mark.parametrize("views", [GRID, LINE], ids=["grid", "straight line"])
@pytest.mark.parametrize("altitude", [True, False], ids=["with altitude", "without altitude"])
def test_gps_gives_a_metric_frame_of_east_down_north(views: list[View], altitude: bool) -> None:
    centers, georeferenced = exported(views, photos_of(views, gps=True, altitude=altitude))
    assert georeferenced
    assert np.abs(centers - in_export_axes(views)).max() < 0.05


def test_up_comes_from_the_cameras_where_gps_is_too_noisy_for_it() -> None:
    views = [look(f"{i}.jpg", (5.0 * (i % 4), 5.0 * (i // 4), 40 + i % 3), 30.0 * i, -60) for i in range(12)]
    centers, georeferenced = exported(views, photos_of(views, gps=True, noise_m=0.8))
    heights = in_export_axes(views)[:, 1]
    assert georeferenced
    slope, _, *_ = np.polyfit(heights, centers[:, 1], 1)
    residual = centers[:, 1] - slope * heights
    assert np.abs(residual - residual.mean()).max() < 0.1


@pytest.mark.parametrize(
    ("views", "pitch"),
    [(GRID, None), (GRID, -90.0), (LINE, None), (LINE, -70.0)],
    ids=["grid", "grid with gimbal", "line", "line with gimbal"],
)
def test_without_gps_y_points_down_and_the_median_depth_is_ten(views: list[View], pitch: float | None) -> None:
    model = model_of(views)

    georeference = move_to_export_frame(model, frame_of(model, photos_of(views, gps=False, pitch=pitch)))

    assert georeference is None
    points = np.array([point.xyz for point in model.points3D.values()])
    normal = np.linalg.svd(points - points.mean(axis=0))[2][2]
    assert abs(normal @ [0, 1, 0]) > 0.999, "the ground is level"
    depths = []
    for number in range(1, len(views) + 1):
        pose = model.image(number).cam_from_world().matrix()
        depths.extend(points @ pose[2, :3] + pose[2, 3])
        assert model.image(number).projection_center()[1] < 0
    assert np.median(depths) == pytest.approx(10)


def with_positions(
    photos: list[PreparedPhoto], change: Callable[[int, GpsPosition], GpsPosition]
) -> list[PreparedPhoto]:
    """The photos with other positions; `change` gets the photo's number."""
    changed = []
    for number, photo in enumerate(photos):
        assert photo.metadata.gps is not None
        changed.append(replace(photo, metadata=replace(photo.metadata, gps=change(number, photo.metadata.gps))))
    return changed


def test_s02_a_receiver_that_hangs_does_not_shrink_the_scene_to_a_point() -> None:
    photos = photos_of(GRID, gps=True)
    frozen = with_positions(photos, lambda number, fix: fix if number < 3 else known(photos[3]))
    frame = frame_of(model_of(GRID), frozen)
    assert frame.gps is None
    assert frame.problem == "9 of 12 photos have the same GPS position as another photo"
    assert frame.numbers.camera_distance == pytest.approx(10)


def test_s02_positions_cut_to_few_decimals_do_not_set_the_frame() -> None:
    coarse = with_positions(
        photos_of(GRID, gps=True),
        lambda _, fix: replace(fix, latitude=round(fix.latitude, 3), longitude=round(fix.longitude, 3)),
    )
    assert frame_of(model_of(GRID), coarse).gps is None


def test_s02_a_receiver_that_hung_for_a_few_photos_leaves_the_rest_to_set_the_frame() -> None:
    photos = photos_of(GRID, gps=True)
    partly = with_positions(photos, lambda number, fix: known(photos[8]) if number > 8 else fix)
    frame = frame_of(model_of(GRID), partly)
    assert frame.gps is not None and frame.gps.fit.inliers.sum() == 9
    assert frame.to_enu.scale * MODEL_FROM_ENU.scale == pytest.approx(1, rel=0.01)


def test_s02_three_photos_from_each_place_are_laid_on_the_map() -> None:
    bracketed = [replace(view, name=f"{view.name}-{exposure}") for view in GRID for exposure in range(3)]
    frame = frame_of(model_of(bracketed), photos_of(bracketed, gps=True))
    assert frame.gps is not None and frame.gps.fit.inliers.sum() == 36
    assert frame.to_enu.scale * MODEL_FROM_ENU.scale == pytest.approx(1, rel=0.01)


@pytest.mark.parametrize("pitch", [None, -90.0], ids=["no gimbal", "gimbal"])
def test_a_level_flight_with_east_and_west_exchanged_is_not_delivered_upside_down(pitch: float | None) -> None:
    mirrored = with_positions(
        photos_of(GRID, gps=True, pitch=pitch), lambda _, fix: replace(fix, longitude=-fix.longitude)
    )
    model = model_of(GRID)
    frame = frame_of(model, mirrored)
    assert frame.gps is None and frame.problem is not None
    move_to_export_frame(model, frame)
    assert all(model.image(number).projection_center()[1] < 0 for number in model.reg_image_ids())


def test_without_hemispheres_the_frame_is_plain_and_says_so() -> None:
    photos = with_positions(photos_of(GRID, gps=True), lambda _, fix: replace(fix, signed=False))
    frame = frame_of(model_of(GRID), photos)
    assert frame.gps is None and frame.problem is not None and "N, S, E, W" in frame.problem


def test_altitudes_that_would_stand_the_ground_upright_leave_the_map_to_the_positions() -> None:
    """Gimbals say down; altitudes that grow with the way east would tilt the flight."""
    photos = photos_of(GRID, gps=True, pitch=-90.0)
    east = [view.center[0] for view in GRID]
    tilted = with_positions(photos, lambda number, fix: replace(fix, altitude=400 + 3 * east[number]))
    frame = frame_of(model_of(GRID), tilted)
    assert frame.numbers.up_vs_gimbals_degrees is not None and frame.numbers.up_vs_gimbals_degrees < 1


WALL_POINTS = GROUND[:, [0, 2, 1]] + np.array([0, 60, 40])  # a facade to the north of its cameras


@pytest.mark.parametrize("turned", [False, True], ids=["landscape", "portrait"])
def test_a_facade_is_laid_on_the_map(turned: bool) -> None:
    views = [look(f"{i}.jpg", (8.0 * (i % 4), 0.3 * (i % 3), 20 + 6.0 * (i // 4)), 0, 0) for i in range(12)]
    if turned:
        quarter = np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]])
        views = [replace(view, rotation=quarter @ view.rotation) for view in views]
    frame = frame_of(model_of(views, WALL_POINTS), photos_of(views, gps=True))
    assert frame.gps is not None, frame.problem
    up_in_model = MODEL_FROM_ENU.rotation @ [0, 0, 1]
    assert (frame.to_enu.rotation @ up_in_model)[2] > 0.999


def test_the_underside_of_a_bridge_is_delivered_upright_where_gimbals_look_up() -> None:
    views = [look(f"{i}.jpg", (8.0 * (i % 4), 7.0 * (i // 4), 2), 90, 85) for i in range(12)]
    points = GROUND + np.array([0, 0, 30])
    for gps in (True, False):
        frame = frame_of(model_of(views, points), photos_of(views, gps=gps, pitch=85.0))
        assert (frame.gps is not None) == gps, frame.problem
        assert frame.numbers.ground_below_share == 0


def known(photo: PreparedPhoto) -> GpsPosition:
    assert photo.metadata.gps is not None
    return photo.metadata.gps
