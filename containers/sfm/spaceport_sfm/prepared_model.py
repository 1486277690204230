"""The model as it is delivered: in pixels of the training photos, with coloured points, in COLMAP's binary format."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pycolmap
from numpy.typing import NDArray

from .background import run_in_background
from .photo_preparation import PreparedPhoto


def reprojection_errors_px(
    model: pycolmap.Reconstruction, photos: Mapping[str, PreparedPhoto]
) -> dict[str, NDArray[np.float64]]:
    """float64[observations] of each photo that has any, in pixels of the original photos, by image name.

    `model` must still be in pixels of the photos for features; `photos` by image name.
    """
    errors: dict[str, NDArray[np.float64]] = {}
    for image_id in model.reg_image_ids():
        image = model.image(image_id)
        observed = [point for point in image.points2D if point.has_point3D()]
        if not observed:
            continue
        pose = image.cam_from_world().matrix()
        points = np.array([model.point3D(point.point3D_id).xyz for point in observed])
        projected = model.camera(image.camera_id).img_from_cam(points @ pose[:, :3].T + pose[:, 3])
        photo = photos[image.name]
        to_original = max(photo.original_size) / max(photo.feature_size)
        pixels = np.array([point.xy for point in observed])
        errors[image.name] = to_original * np.linalg.norm(projected - pixels, axis=1)
    return errors


def rescale_to_training_photos(model: pycolmap.Reconstruction, photos: Mapping[str, PreparedPhoto]) -> None:
    """Scales intrinsics and image points in place from the photos for features to those for training."""
    cameras: set[int] = set()
    for image in model.images.values():
        photo = photos[image.name]
        if image.camera_id not in cameras:  # photos of one camera have one size
            model.camera(image.camera_id).rescale(*photo.training_size)
            cameras.add(image.camera_id)
        if photo.training_size != photo.feature_size:
            factors = np.array(photo.training_size) / np.array(photo.feature_size)
            for point in image.points2D:
                point.xy = point.xy * factors


def write_model(model: pycolmap.Reconstruction, training_folder: Path, folder: Path, threads: int) -> None:
    """Gives every point the mean colour of its pixels in the training photos and writes the binary model."""
    run_in_background(lambda _: model.extract_colors_for_all_images(training_folder, threads))
    folder.mkdir(parents=True, exist_ok=True)
    model.write_binary(folder)
