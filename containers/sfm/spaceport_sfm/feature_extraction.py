"""SIFT features of every photo into the database: with our kernel, or with COLMAP where there is none.

Both give the same features (tests/test_features_kernel.py compares them), so that photos of either match each other.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from functools import partial

import numpy as np
import pycolmap
from numpy.typing import NDArray
from PIL import Image

from .cameras import CameraGroup
from .feature_database import FeatureDatabase, OnProgress
from .kernel.library import Features, Kernel
from .photo_preparation import PreparedPhoto, mask_name
from .settings import SfmSettings

# Nearly every photo set has one lens, and one radial term is what a sparse set can determine; bundle adjustment
# moves on to a richer model at the end where the views allow it (mapping.py).
CAMERA_MODEL = "SIMPLE_RADIAL"


def extract_with_kernel(
    database: FeatureDatabase, kernel: Kernel, settings: SfmSettings, threads: int, on_progress: OnProgress
) -> None:
    """Features of the visible part of every photo; images and cameras are numbered as COLMAP would number them."""
    image_ids = _write_images(database)

    def extract(photo: PreparedPhoto) -> tuple[int, Features]:
        with Image.open(database.image_folder / photo.image_name) as image:
            grey = np.asarray(image.convert("L"))
        features = kernel.extract(
            grey,
            first_octave=settings.first_octave,
            octaves=settings.num_octaves,
            resolution=settings.octave_resolution,
            most_features=settings.max_num_features,
        )
        return image_ids[photo.image_name], _visible(features, photo, database)

    with _pool(threads) as pool, pycolmap.Database.open(database.path) as opened:
        futures = [pool.submit(extract, photo) for photo in database.photos]
        for done, future in enumerate(as_completed(futures), start=1):
            image_id, features = future.result()
            sift = pycolmap.FeatureDescriptors(pycolmap.FeatureExtractorType.SIFT, features.descriptors)
            opened.write_keypoints(image_id, affine_keypoints(features.keypoints))
            opened.write_descriptors(image_id, sift)
            on_progress(done, len(futures))


def extract_with_colmap(
    database: FeatureDatabase, settings: SfmSettings, threads: int, on_progress: OnProgress
) -> None:
    """The same by COLMAP, a camera after the other."""
    options = pycolmap.FeatureExtractionOptions()
    options.num_threads = threads
    options.max_image_size = settings.max_image_size
    options.sift.max_num_features = settings.max_num_features
    options.sift.first_octave = settings.first_octave
    options.sift.num_octaves = settings.num_octaves
    options.sift.octave_resolution = settings.octave_resolution
    for camera in database.cameras:
        group = [database.photos[index] for index in camera.photos]
        with pycolmap.Database.open(database.path) as opened:
            camera_id = opened.write_camera(_camera(camera), use_camera_id=True)
        reader = pycolmap.ImageReaderOptions(camera_model=CAMERA_MODEL, existing_camera_id=camera_id)
        if any(photo.masked for photo in group):
            reader.mask_path = database.mask_folder
        extract = partial(
            pycolmap.extract_features,
            database.path,
            database.image_folder,
            image_names=[photo.image_name for photo in group],
            camera_mode=pycolmap.CameraMode.SINGLE,
            reader_options=reader,
            extraction_options=options,
            device=pycolmap.Device.cpu,
        )
        database.watched(extract, lambda opened: on_progress(opened.num_images(), len(database.photos)))


def affine_keypoints(keypoints: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32[N, 6] as COLMAP stores them, x, y and a 2 x 2 shape, of float32[N, 4]: x, y, sigma, angle."""
    along, across = keypoints[:, 2] * np.cos(keypoints[:, 3]), keypoints[:, 2] * np.sin(keypoints[:, 3])
    return np.column_stack([keypoints[:, :2], along, -across, across, along])


def _camera(group: CameraGroup) -> pycolmap.Camera:
    camera = pycolmap.Camera.create_from_model_name(group.camera_id, CAMERA_MODEL, group.focal_px, *group.size)
    camera.has_prior_focal_length = group.focal.known
    return camera


def _write_images(database: FeatureDatabase) -> dict[str, int]:
    """Writes cameras and images; returns the ids of the images by name."""
    ids = {}
    with pycolmap.Database.open(database.path) as opened:
        for group in database.cameras:
            camera = _camera(group)
            camera.camera_id = opened.write_camera(camera, use_camera_id=True)
            rig = pycolmap.Rig()
            rig.add_ref_sensor(camera.sensor_id)
            rig_id = opened.write_rig(rig)
            for index in group.photos:
                image = pycolmap.Image(name=database.photos[index].image_name, camera_id=camera.camera_id)
                image.image_id = ids[image.name] = opened.write_image(image)
                frame = pycolmap.Frame()
                frame.rig_id = rig_id
                frame.add_data_id(image.data_id)
                opened.write_frame(frame)
    return ids


def _visible(features: Features, photo: PreparedPhoto, database: FeatureDatabase) -> Features:
    """Those in visible parts of the photo."""
    if not photo.masked:
        return features
    with Image.open(database.mask_folder / mask_name(photo.image_name)) as image:
        mask = np.asarray(image.convert("L"))
    columns, rows = features.keypoints[:, :2].astype(np.int64).T
    seen = mask[rows.clip(0, mask.shape[0] - 1), columns.clip(0, mask.shape[1] - 1)] > 0
    return Features(features.keypoints[seen], features.descriptors[seen])


@contextmanager
def _pool(threads: int) -> Iterator[ThreadPoolExecutor]:
    """A pool that drops what it has not begun when it is left by an exception."""
    pool = ThreadPoolExecutor(threads, thread_name_prefix="features")
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
