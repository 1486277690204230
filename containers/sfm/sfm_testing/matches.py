"""A database of features and matches as COLMAP would have it of a nadir flight, without rendering a photo."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pycolmap
from numpy.typing import NDArray
from PIL import Image
from spaceport_sfm.camera_tags import CameraTags
from spaceport_sfm.cameras import group_cameras
from spaceport_sfm.feature_database import FeatureDatabase
from spaceport_sfm.photo_metadata import PhotoMetadata
from spaceport_sfm.photo_preparation import PreparedPhoto
from spaceport_sfm.photo_quality import measure_quality

Floats = NDArray[np.float64]
Same = Callable[[int, int, Floats], NDArray[np.bool_]]

SIZE, FOCAL_PX = (800, 600), 640.0
HEIGHT_M = 30.0


def flights_database(folder: Path, sites: int, same: Same, seed: int = 0) -> FeatureDatabase:
    """Nine photos each of several sites, straight down; all sites have the coordinates of the first one.

    `same(i, j, ground)`: which points (float64[N, 3]) look the same at the sites i < j, bool[N]. Within a site photos
    match wherever both see a point.
    """
    random = np.random.default_rng(seed)
    ground = random.uniform((-26, -22, 0), (26, 22, 3), (900, 3))
    photos, seen = [], []
    metadata, quality = PhotoMetadata(1, None, CameraTags(), None), measure_quality(Image.new("L", (64, 48)))
    pose_of = np.diag([1.0, -1.0, -1.0])  # looks down, the top of the photo to the north
    features = []
    for site in range(sites):
        for number in range(9):
            center = np.array([6.0 * (number % 3 - 1), 6.0 * (number // 3 - 1), HEIGHT_M + number % 2])
            in_camera = (ground - center) @ pose_of.T
            pixels = FOCAL_PX * in_camera[:, :2] / in_camera[:, 2:] + np.array(SIZE) / 2
            inside = ((pixels > 0) & (pixels < SIZE)).all(axis=1)
            seen.append((site, np.nonzero(inside)[0]))
            features.append(pixels[inside] + random.normal(0, 0.2, (int(inside.sum()), 2)))
            name = f"site-{site}/{number}.jpg"
            photos.append(PreparedPhoto(name, name, SIZE, SIZE, SIZE, metadata, quality))
    path = folder / "database.db"
    with pycolmap.Database.open(path) as database:
        camera = pycolmap.Camera.create_from_model_name(1, "SIMPLE_RADIAL", FOCAL_PX, *SIZE)
        camera.has_prior_focal_length = True
        database.write_camera(camera, use_camera_id=True)
        rig = pycolmap.Rig(rig_id=1)
        rig.add_ref_sensor(camera.sensor_id)
        database.write_rig(rig, use_rig_id=True)
        for image_id, (photo, pixels) in enumerate(zip(photos, features, strict=True), start=1):
            image = pycolmap.Image(name=photo.image_name, camera_id=1, image_id=image_id, frame_id=image_id)
            frame = pycolmap.Frame(frame_id=image_id, rig_id=1)
            frame.add_data_id(image.data_id)
            database.write_frame(frame, use_frame_id=True)
            database.write_image(image, use_image_id=True)
            database.write_keypoints(image_id, pixels.astype(np.float32))
        for j, (site_j, points_j) in enumerate(seen):
            for i, (site_i, points_i) in enumerate(seen[:j]):
                common, rows_i, rows_j = np.intersect1d(points_i, points_j, return_indices=True)
                kept = np.ones(len(common), bool) if site_i == site_j else same(site_i, site_j, ground[common])
                matches = np.stack([rows_i, rows_j], axis=1)[kept].astype(np.uint32)
                if len(matches) >= 15:
                    database.write_matches(i + 1, j + 1, matches)
                    geometry = pycolmap.TwoViewGeometry()
                    geometry.config = pycolmap.TwoViewGeometryConfiguration.CALIBRATED
                    geometry.inlier_matches = matches
                    database.write_two_view_geometry(i + 1, j + 1, geometry)
    return FeatureDatabase(path, folder, folder, photos, group_cameras(photos, 1.2))
