"""The kernel's features are COLMAP's: the same keypoints, and descriptors that match."""

from pathlib import Path

import numpy as np
import pycolmap
import pytest
from numpy.typing import NDArray
from PIL import Image
from sfm_testing.place import Place, look
from spaceport_common.kernel.build import levels, library_path
from spaceport_common.kernel.library import best_library, kernel_dirs
from spaceport_sfm.feature_extraction import affine_keypoints
from spaceport_sfm.kernel.build import FEATURES
from spaceport_sfm.kernel.library import Features, Kernel, load

MOST = 100_000


@pytest.fixture(scope="module")
def photo(place: Place) -> NDArray[np.uint8]:
    """uint8[331, 503]: a size that halves badly."""
    return np.asarray(place.render(look("photo.png", (0, 0, 30), 20, -70), 503, 331).convert("L"))


def by_colmap(photo: NDArray[np.uint8], folder: Path, first_octave: int, most: int) -> Features:
    """Keypoints float32[N, 6] as in the database, and descriptors."""
    (folder / "images").mkdir(parents=True)
    Image.fromarray(photo).save(folder / "images" / "photo.png")
    options = pycolmap.FeatureExtractionOptions()
    options.num_threads = 1
    options.sift.first_octave, options.sift.max_num_features = first_octave, most
    pycolmap.extract_features(
        folder / "database.db", folder / "images", extraction_options=options, device=pycolmap.Device.cpu
    )
    with pycolmap.Database.open(folder / "database.db") as database:
        return Features(database.read_keypoints(1), database.read_descriptors(1).data)


def by_kernel(kernel: Kernel, photo: NDArray[np.uint8], first_octave: int, most: int, octaves: int = 4) -> Features:
    found = kernel.extract(photo, first_octave=first_octave, octaves=octaves, resolution=3, most_features=most)
    return Features(affine_keypoints(found.keypoints), found.descriptors)


def nearest_within(
    limit: float, ours: NDArray[np.float32], theirs: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """For each of `theirs` the index of the nearest of `ours`, and their greatest difference: infinite beyond `limit`.

    Only keypoints whose x differs by less are compared: all with all take a minute and a gigabyte.
    """
    order = ours[:, 0].argsort()
    x = ours[order, 0]
    first, last = np.searchsorted(x, theirs[:, 0] - limit), np.searchsorted(x, theirs[:, 0] + limit, "right")
    nearest, apart = np.zeros(len(theirs), np.int64), np.full(len(theirs), np.inf, np.float32)
    for offset in range((last - first).max()):
        (compared,) = np.nonzero(first + offset < last)
        candidates = order[first[compared] + offset]
        differences = np.abs(ours[candidates] - theirs[compared]).max(axis=1)
        nearer = differences < apart[compared]
        nearest[compared[nearer]], apart[compared[nearer]] = candidates[nearer], differences[nearer]
    return nearest, apart


def assert_same(ours: Features, theirs: Features) -> None:
    """99 of 100 features of either are in the other; a keypoint at a threshold may be in one of them by rounding."""
    assert abs(len(ours.keypoints) - len(theirs.keypoints)) <= 0.01 * len(theirs.keypoints)
    nearest, apart = nearest_within(0.02, ours.keypoints, theirs.keypoints)  # pixels, and pixels of scale
    same = apart < 0.02
    assert same.mean() > 0.99
    differences = ours.descriptors[nearest[same]].astype(int) - theirs.descriptors[same]
    assert np.percentile(np.linalg.norm(differences, axis=1), 99) < 15  # of 512; other features are 250 apart and more


@pytest.mark.parametrize(("first_octave", "most"), [(0, MOST), (-1, MOST), (0, 300), (1, MOST)])
def test_the_features_of_colmap(photo: NDArray[np.uint8], tmp_path: Path, first_octave: int, most: int) -> None:
    theirs = by_colmap(photo, tmp_path, first_octave, most)
    assert len(theirs.keypoints) > 100
    assert_same(by_kernel(load(), photo, first_octave, most), theirs)


def test_octaves_below_0_are_left_out_where_the_others_hold_enough_features(photo: NDArray[np.uint8]) -> None:
    whole = by_kernel(load(), photo, 0, MOST)
    enough = len(whole.keypoints) // 2
    np.testing.assert_array_equal(
        by_kernel(load(), photo, -1, enough).keypoints, by_kernel(load(), photo, 0, enough, octaves=3).keypoints
    )
    assert len(by_kernel(load(), photo, -1, MOST).keypoints) > 1.5 * len(whole.keypoints)


@pytest.mark.parametrize("size", [(64, 64), (1, 64), (64, 3), (2, 2)])
def test_plain_and_tiny_photos_have_no_features(size: tuple[int, int]) -> None:
    for first_octave in (-1, 0, 4):
        assert len(by_kernel(load(), np.full(size, 90, np.uint8), first_octave, MOST).keypoints) == 0


def test_every_instruction_set_of_this_machine_finds_the_same_features(photo: NDArray[np.uint8]) -> None:
    best, level = best_library(FEATURES)
    assert best.parent in kernel_dirs()
    expected = by_kernel(Kernel(best, level), photo, -1, MOST)
    names = list(levels())
    for name in names[: names.index(level)]:
        assert_same(by_kernel(Kernel(library_path(best.parent, name, FEATURES), name), photo, -1, MOST), expected)
