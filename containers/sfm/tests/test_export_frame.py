"""The export frame of models whose true frame is known."""

import numpy as np
import pycolmap
import pytest
from numpy.typing import NDArray
from sfm_testing.photo_files import gps_of
from sfm_testing.place import View, look
from spaceport_sfm.alignment import Similarity, rotation_to_up
from spaceport_sfm.export_frame import move_to_export_frame
from spaceport_sfm.photo_metadata import GpsPosition, PhotoMetadata
from spaceport_sfm.photo_preparation import PreparedPhoto
from spaceport_sfm.positions import positions_of
from spaceport_sfm.tuning import AlignmentTuning

# Where COLMAP's arbitrary frame lies: turned, shrunk and shifted.
MODEL_FROM_ENU = Similarity(
    0.07, rotation_to_up(np.array([0.5, 0.7, -0.2]), np.array([0.0, 0.0, 1.0])), np.array([3.0, -1.0, 2.0])
)
GROUND = np.array([[x, y, np.sin(x) + np.cos(y)] for x in range(-40, 41, 8) for y in range(-40, 41, 8)], np.float64)

GRID = [
    look(f"{i}.jpg", (12.0 * (i % 4) - 18, 12.0 * (i // 4) - 12, 40), 90 if i % 8 < 4 else 270, -90) for i in range(12)
]
LINE = [look(f"{i}.jpg", (8.0 * i - 28, 0, 40), 0 if i % 2 else 180, -70) for i in range(8)]


def model_of(views: list[View]) -> pycolmap.Reconstruction:
    """A model of GROUND, seen completely by every view, in COLMAP's arbitrary frame."""
    model = pycolmap.Reconstruction()
    camera = pycolmap.Camera.create_from_model_name(1, "SIMPLE_PINHOLE", 400, 640, 480)
    model.add_camera_with_trivial_rig(camera)
    for number, view in enumerate(views, start=1):
        points = (GROUND - view.center) @ view.rotation.T
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
    for index, point in enumerate(MODEL_FROM_ENU(GROUND)):
        track = pycolmap.Track()
        for number in range(1, len(views) + 1):
            track.add_element(number, index)
        model.add_point3D(point, track)
    return model


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
            PhotoMetadata(1, fix(view) if gps else None, "", None, pitch),
        )
        for view in views
    ]


def exported(views: list[View], photos: list[PreparedPhoto]) -> tuple[NDArray[np.float64], bool]:
    """Camera centres (float64[N, 3]) after the move, relative to their middle, and whether it was georeferenced."""
    model = model_of(views)
    georeference = move_to_export_frame(
        model, photos, positions_of([photo.metadata.gps for photo in photos]), AlignmentTuning(), 0
    )
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

    georeference = move_to_export_frame(model, photos_of(views, gps=False, pitch=pitch), None, AlignmentTuning(), 0)

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
