"""More features behind those that a database has."""

from pathlib import Path

import numpy as np
import pycolmap
import pytest
from spaceport_sfm.feature_database import FeatureDatabase

WIDTH, HEIGHT = 1024, 768


def a_database(path: Path, images: int = 4) -> FeatureDatabase:
    """Matches of a few cameras around a cloud of points, with a descriptor for each feature."""
    pycolmap.set_random_seed(4)
    options = pycolmap.SyntheticDatasetOptions(num_rigs=1, num_frames_per_rig=images, num_points3D=100)
    with pycolmap.Database.open(path) as database:
        pycolmap.synthesize_dataset(options, database)
        database.clear_descriptors()
        for image in database.read_all_images():
            rows = database.num_keypoints_for_image(image.image_id)
            write_descriptors(database, image.image_id, rows, image.image_id)
    return FeatureDatabase(path, path.parent, path.parent, [], [])


def write_descriptors(database: pycolmap.Database, image_id: int, rows: int, value: int) -> None:
    data = np.full((rows, 128), value, np.uint8)
    database.write_descriptors(image_id, pycolmap.FeatureDescriptors(pycolmap.FeatureExtractorType.SIFT, data))


@pytest.fixture
def databases(tmp_path: Path) -> tuple[FeatureDatabase, FeatureDatabase, str]:
    """A database, one with three more features and one of the known ones of a photo, and that photo's name."""
    database = a_database(tmp_path / "database.db")
    richer = FeatureDatabase(tmp_path / "richer.db", tmp_path, tmp_path, [], [])
    with pycolmap.Database.open(database.path) as known, pycolmap.Database.open(richer.path) as more:
        image = known.read_all_images()[1]
        keypoints = known.read_keypoints(image.image_id)
        new = np.zeros((4, keypoints.shape[1]), np.float32)
        new[0, :2] = keypoints[7, :2]
        new[1:, :2] = [[2000.5, 10.5], [2001.5, 10.5], [2002.5, 10.5]]  # no feature is beyond the picture
        camera_id = more.write_camera(known.read_all_cameras()[0])
        image_id = more.write_image(pycolmap.Image(name=image.name, camera_id=camera_id))
        more.write_keypoints(image_id, new)
        write_descriptors(more, image_id, 4, 99)
    return database, richer, image.name


def test_more_features_come_behind_the_known_ones_and_leave_out_their_pixels(
    databases: tuple[FeatureDatabase, FeatureDatabase, str],
) -> None:
    database, richer, name = databases
    before = database.features()
    with pycolmap.Database.open(database.path) as opened:
        known = {image.name: opened.read_keypoints(image.image_id) for image in opened.read_all_images()}
        pairs = opened.num_verified_image_pairs()

    database.append_features(richer)

    assert database.features() == {**before, name: before[name] + 3}
    with pycolmap.Database.open(database.path) as opened:
        assert opened.num_verified_image_pairs() == pairs
        for image in opened.read_all_images():
            keypoints = opened.read_keypoints(image.image_id)
            np.testing.assert_array_equal(keypoints[: before[image.name]], known[image.name])
            descriptors = opened.read_descriptors(image.image_id).data
            assert set(descriptors[: before[image.name], 0]) == {image.image_id}
            assert set(descriptors[before[image.name] :, 0]) <= {99}


def test_a_model_from_before_can_be_continued_with_the_features_appended_since(
    databases: tuple[FeatureDatabase, FeatureDatabase, str], tmp_path: Path
) -> None:
    database, richer, _ = databases
    found = pycolmap.incremental_mapping(database.path, tmp_path, tmp_path / "models")
    model = found[0]
    observations = model.compute_num_observations()
    database.append_features(richer)

    database.complete(model)

    features = database.features()
    assert {image.name: image.num_points2D() for image in model.images.values()} == features
    assert model.compute_num_observations() == observations
    model.write_binary(tmp_path)
    continued = pycolmap.incremental_mapping(database.path, tmp_path, tmp_path / "again", input_path=tmp_path)
    assert continued[0].num_reg_images() == model.num_reg_images()
