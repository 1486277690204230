"""The last adjustment of a model with several cameras, on synthetic observations of known cameras."""

from collections.abc import Sequence

import numpy as np
import pycolmap
import pytest
from sfm_testing.place import View, look
from spaceport_sfm.cameras import CameraGroup
from spaceport_sfm.focal_priors import FocalPrior
from spaceport_sfm.settled_cameras import settle_cameras
from spaceport_sfm.tuning import MappingTuning

WIDTH, HEIGHT = 800, 600
FOCAL = {1: 600.0, 2: 1200.0}
NADIR = [look("", (6.0 * column, 6.0 * row, 30.0), 0, -90) for row in range(4) for column in range(4)]
SWAYING = [look("", (6.0 * (n % 4), 6.0 * (n // 4), 30.0), 90 * n, -82) for n in range(16)]
ORBIT = [look("", (20 * np.sin(a), -20 * np.cos(a), 15.0), -np.degrees(a), -40) for a in np.arange(16) * np.pi / 8]


def group(camera_id: int, ratio: float, *, held: bool = False, known: bool = True) -> CameraGroup:
    prior = FocalPrior(ratio, "FocalLengthIn35mmFilm" if known else "default factor")
    return CameraGroup(camera_id, "", (), (WIDTH, HEIGHT), prior, held)


def model_of(views: Sequence[View], cameras: Sequence[int], relief: float) -> pycolmap.Reconstruction:
    """Photos of 400 points within 20 m, with noise of half a pixel, by cameras without distortion."""
    random = np.random.default_rng(5)
    model = pycolmap.Reconstruction()
    for camera_id in sorted(set(cameras)):
        camera = pycolmap.Camera.create_from_model_name(camera_id, "SIMPLE_RADIAL", FOCAL[camera_id], WIDTH, HEIGHT)
        model.add_camera_with_trivial_rig(camera)
    points = random.uniform((-10, -10, -relief), (28, 28, relief), (400, 3))
    if views is ORBIT:
        points = random.uniform((-6, -6, -relief), (6, 6, relief), (400, 3))
    observations: list[list[tuple[int, int]]] = [[] for _ in points]
    for number, (view, camera_id) in enumerate(zip(views, cameras, strict=True), start=1):
        local = (points - view.center) @ view.rotation.T
        pixels = local[:, :2] / local[:, 2:] * FOCAL[camera_id] + (WIDTH / 2, HEIGHT / 2)
        pixels += random.normal(0, 0.5, pixels.shape)
        seen = np.flatnonzero((local[:, 2] > 0) & (pixels > 0).all(axis=1) & (pixels < (WIDTH, HEIGHT)).all(axis=1))
        image = pycolmap.Image(f"{number}.jpg", pixels[seen], camera_id, number)
        pose = pycolmap.Rigid3d(pycolmap.Rotation3d(view.rotation), -view.rotation @ view.center)
        model.add_image_with_trivial_frame(image, pose)
        for at, point in enumerate(seen):
            observations[point].append((number, at))
    for point, seen_in in zip(points, observations, strict=True):
        if len(seen_in) >= 2:
            track = pycolmap.Track([pycolmap.TrackElement(*element) for element in seen_in])
            model.add_point3D(point, track, np.zeros(3, np.uint8))
    return model


def with_wrong_focal_length(model: pycolmap.Reconstruction, camera_id: int, factor: float) -> None:
    """As bundle adjustment leaves it over flat ground: the cameras are farther away by the same factor."""
    camera = model.camera(camera_id)
    camera.params = [camera.params[0] * factor, *camera.params[1:]]
    for image in model.images.values():
        if image.camera_id == camera_id:
            rotation, center = image.cam_from_world().rotation.matrix(), image.projection_center()
            moved = center * (1, 1, factor)
            assert image.frame is not None
            image.frame.set_cam_from_world(
                camera_id, pycolmap.Rigid3d(pycolmap.Rotation3d(rotation), -rotation @ moved)
            )
    model.update_point_3d_errors()


def heights(model: pycolmap.Reconstruction, camera_id: int) -> float:
    """Median over the ground, relative to the spacing of the cameras: 5 where it is true."""
    images = [image for image in model.images.values() if image.camera_id == camera_id]
    ground = np.median([point.xyz[2] for point in model.points3D.values()])
    centers = np.array([image.projection_center() for image in model.images.values()])
    spacing = np.ptp(centers[:, 0]) / 3
    return float(np.median([image.projection_center()[2] for image in images]) - ground) / float(spacing)


def test_zoomed_photos_of_flat_ground_come_back_to_the_height_of_the_others() -> None:
    cameras = [1, 2] * 8
    model = model_of(NADIR, cameras, relief=0.05)
    with_wrong_focal_length(model, 1, 1.1)
    with_wrong_focal_length(model, 2, 1.3)

    settled = settle_cameras(model, [group(1, 600 / WIDTH), group(2, 1200 / WIDTH)], MappingTuning(), 2)

    assert heights(settled, 1) == pytest.approx(5, rel=0.01)
    assert heights(settled, 2) == pytest.approx(5, rel=0.01)
    assert [settled.camera(camera_id).mean_focal_length() for camera_id in (1, 2)] == pytest.approx([600, 1200])


def test_zooms_of_an_unknown_focal_length_keep_their_proportion() -> None:
    model = model_of(NADIR, [1, 2] * 8, relief=0.05)
    with_wrong_focal_length(model, 2, 1.3)

    unknown = [group(1, 1.2, known=False), group(2, 2.4, known=False)]
    settled = settle_cameras(model, unknown, MappingTuning(), 2)

    wide, tele = (settled.camera(camera_id).mean_focal_length() for camera_id in (1, 2))
    assert tele / wide == pytest.approx(2)
    assert heights(settled, 2) == pytest.approx(heights(settled, 1), rel=0.01)


def test_a_focal_length_that_the_photos_do_tell_is_not_overruled() -> None:
    """A plane sways by 8 degrees, over 10 m of relief, and its metadata are wrong by 20 percent."""
    model = model_of(SWAYING, [1] * 16, relief=5.0)
    model.update_point_3d_errors()

    settled = settle_cameras(model, [group(1, 720 / WIDTH)], MappingTuning(), 2)

    assert settled.camera(1).mean_focal_length() == pytest.approx(600, rel=0.01)


def test_a_wrong_distortion_goes_where_the_focal_length_is_right_already() -> None:
    """Held by the metadata, or by chance: the ground is bent by the distortion alone."""
    model = model_of(NADIR, [1] * 16, relief=0.05)
    model.camera(1).params = [600.0, WIDTH / 2, HEIGHT / 2, -0.01]
    options = pycolmap.BundleAdjustmentOptions()
    options.print_summary, options.refine_focal_length, options.refine_extra_params = False, False, False
    pycolmap.bundle_adjustment(model, options)

    settled = settle_cameras(model, [group(1, 600 / WIDTH)], MappingTuning(), 2)

    assert settled.camera(1).params.tolist() == [600.0, WIDTH / 2, HEIGHT / 2, 0.0]


def test_a_held_zoom_takes_what_was_found_for_its_lens() -> None:
    """All views are diverse; by the metadata the lens is 5 percent longer than it is."""
    model = model_of(ORBIT, [1] * 15 + [2], relief=4.0)
    model.camera(2).params = [1260.0, *model.camera(2).params[1:]]

    cameras = [group(1, 630 / WIDTH), group(2, 1260 / WIDTH, held=True)]
    settled = settle_cameras(model, cameras, MappingTuning(), 2)

    assert settled.camera(2).mean_focal_length() == pytest.approx(1200, rel=0.01)
    assert settled.camera(1).model == pycolmap.CameraModelId.OPENCV
