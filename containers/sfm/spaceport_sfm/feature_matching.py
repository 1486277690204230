"""Matches and verified geometries of pairs of photos into the database: with our kernel, or with COLMAP without it.

COLMAP verifies in either case. Guided matching, where the settings ask for it, follows the verified geometry as
COLMAP's does; the kernel needs memory for the features alone.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from itertools import islice

import numpy as np
import pycolmap
from numpy.typing import NDArray

from .feature_database import FeatureDatabase, OnProgress, pixel_scale
from .kernel.library import Gate, GateGeometry, Kernel
from .pair_graph import Pair
from .pair_matching import Matches, PairMatcher, PhotoFeatures
from .settings import SfmSettings
from .tuning import MatchingTuning

CACHE_BYTES = 512 * 2**20  # features that are held at once: those of about 600 photos of a preview
PLANES = (
    pycolmap.TwoViewGeometryConfiguration.PLANAR,
    pycolmap.TwoViewGeometryConfiguration.PANORAMIC,
    pycolmap.TwoViewGeometryConfiguration.PLANAR_OR_PANORAMIC,
)


def match_with_kernel(
    database: FeatureDatabase,
    kernel: Kernel,
    settings: SfmSettings,
    tuning: MatchingTuning,
    pairs: Sequence[Pair],
    *,
    thorough: bool,
    threads: int,
    on_progress: OnProgress,
) -> list[Pair]:
    """Matches and verifies the pairs; those already in the database are kept.

    Returns the pairs of which the largest features said that they do not overlap, unless `thorough`.
    """
    ids = database.image_ids()
    names = [photo.image_name for photo in database.photos]
    scale = pixel_scale(database.photos)
    verification = verification_options(settings, scale)
    matcher = PairMatcher(kernel, settings, tuning, scale)
    passed: list[Pair] = []
    fresh: list[Pair] = []
    with pycolmap.Database.open(database.path) as opened:
        features = _FeatureCache(opened)
        wanted = [pair for pair in pairs if not opened.exists_matches(*(ids[names[index]] for index in pair))]

        def task(pair: Pair) -> Callable[[], Matches | None]:
            first, second = (features[ids[names[index]]] for index in pair)
            return lambda: matcher.match(first, second, thorough=thorough)

        for done, (pair, found) in enumerate(_in_threads(threads, wanted, task), start=1):
            if found is None:
                passed.append(pair)
            elif len(found) >= verification.min_num_inliers:
                first, second = (ids[names[index]] for index in pair)
                opened.write_matches(first, second, found.astype(np.uint32))
                fresh.append(pair)
            on_progress(done, len(wanted))
    if fresh:
        # Verified by COLMAP as a whole: its threads are its own.
        fresh.sort()
        pair_file = database.write_pairs(fresh)
        database.watched(partial(pycolmap.verify_matches, database.path, pair_file, verification), lambda _: None)
    if settings.guided_matching:
        _match_guided(database, matcher, fresh, verification, threads)
    return sorted(passed)


def match_with_colmap(
    database: FeatureDatabase,
    settings: SfmSettings,
    pairs: Sequence[Pair],
    *,
    guided: bool,
    threads: int,
    on_progress: OnProgress,
) -> None:
    """The same by COLMAP, without an opinion on overlap."""
    matching = pycolmap.FeatureMatchingOptions()
    matching.num_threads = threads
    matching.guided_matching = guided
    matching.max_num_matches = settings.max_num_matches
    matching.sift.max_ratio = settings.max_ratio
    matching.sift.max_distance = settings.max_distance
    matching.sift.cross_check = settings.cross_check
    database.watched(
        partial(
            pycolmap.match_image_pairs,
            database.path,
            matching,
            pycolmap.ImportedPairingOptions(match_list_path=database.write_pairs(pairs)),
            verification_options(settings, pixel_scale(database.photos)),
            device=pycolmap.Device.cpu,
        ),
        lambda opened: on_progress(min(opened.num_matched_image_pairs(), len(pairs)), len(pairs)),
    )
    on_progress(len(pairs), len(pairs))  # pairs without a match leave no trace in the database


def verification_options(settings: SfmSettings, scale: float) -> pycolmap.TwoViewGeometryOptions:
    """How COLMAP verifies, with thresholds for photos of this `pixel_scale`."""
    options = pycolmap.TwoViewGeometryOptions()
    options.ransac.max_error *= scale
    options.ransac.random_seed = settings.seed
    return options


def _match_guided(
    database: FeatureDatabase,
    matcher: PairMatcher,
    pairs: Sequence[Pair],
    verification: pycolmap.TwoViewGeometryOptions,
    threads: int,
) -> None:
    """Puts the matches that the verified geometry of each pair allows in place of those that it was found from."""
    ids = database.image_ids()
    names = [photo.image_name for photo in database.photos]
    with pycolmap.Database.open(database.path) as opened:
        features = _FeatureCache(opened)
        cameras = {camera.camera_id: camera for camera in opened.read_all_cameras()}
        camera_of = {image.image_id: cameras[image.camera_id] for image in opened.read_all_images()}

        def task(pair: Pair) -> Callable[[], Matches | None]:
            first, second = (ids[names[index]] for index in pair)
            one, other = features[first], features[second]
            geometry = opened.read_two_view_geometry(first, second)
            known = geometry_of(geometry, camera_of[first], camera_of[second])
            if known is None:
                return lambda: None
            gate = Gate(*known, verification.ransac.max_error, one.xy, other.xy)
            return lambda: matcher.guided(one, other, gate)

        for pair, found in _in_threads(threads, list(pairs), task):
            if found is None:
                continue
            first, second = (ids[names[index]] for index in pair)
            geometry = opened.read_two_view_geometry(first, second)
            if len(found) < verification.min_num_inliers:
                geometry = pycolmap.TwoViewGeometry()
            else:
                geometry.inlier_matches = found.astype(np.uint32)
            opened.update_two_view_geometry(first, second, geometry)


def geometry_of(
    geometry: pycolmap.TwoViewGeometry, first: pycolmap.Camera, second: pycolmap.Camera
) -> tuple[GateGeometry, NDArray[np.float64]] | None:
    """The model that guides, as COLMAP chooses it: essential where cameras are known, else fundamental or homography.

    The cameras have no distortion yet, so that an essential matrix is a fundamental one in pixels.
    """
    uncalibrated = geometry.config == pycolmap.TwoViewGeometryConfiguration.UNCALIBRATED
    calibrated = geometry.config == pycolmap.TwoViewGeometryConfiguration.CALIBRATED
    solved = geometry.camera1 is not None or geometry.camera2 is not None
    if geometry.E is not None and (calibrated or (uncalibrated and solved)):
        one, other = geometry.camera1 or first, geometry.camera2 or second
        inverses = [np.linalg.inv(camera.calibration_matrix()) for camera in (one, other)]
        return "fundamental", inverses[1].T @ geometry.E @ inverses[0]
    if uncalibrated and geometry.F is not None:
        return "fundamental", geometry.F
    if geometry.config in PLANES and geometry.H is not None:
        return "homography", geometry.H
    return None


class _FeatureCache:
    """Features by image id, read when they are first asked for; those asked for longest ago go first."""

    def __init__(self, opened: pycolmap.Database) -> None:
        self._opened = opened
        self._held: OrderedDict[int, PhotoFeatures] = OrderedDict()
        self._bytes = 0

    def __getitem__(self, image_id: int) -> PhotoFeatures:
        if image_id not in self._held:
            keypoints = self._opened.read_keypoints(image_id)
            descriptors = self._opened.read_descriptors(image_id).data
            scale = np.hypot(keypoints[:, 2], keypoints[:, 4])
            read = PhotoFeatures(np.ascontiguousarray(keypoints[:, :2]), scale, descriptors)
            self._held[image_id] = read
            self._bytes += read.nbytes
            while self._bytes > CACHE_BYTES and len(self._held) > 1:
                self._bytes -= self._held.popitem(last=False)[1].nbytes
        self._held.move_to_end(image_id)
        return self._held[image_id]


def _in_threads(
    threads: int, pairs: Sequence[Pair], task: Callable[[Pair], Callable[[], Matches | None]]
) -> Iterator[tuple[Pair, Matches | None]]:
    """Results of the tasks as they end. `task(pair)` is called here, when a thread is nearly free to run what it made.

    So only this thread reads the database, and no more features are held than are being worked on.
    """
    pool = ThreadPoolExecutor(threads, thread_name_prefix="matching")
    waiting = iter(pairs)
    running: dict[Future[Matches | None], Pair] = {}
    try:
        while True:
            for pair in islice(waiting, 2 * threads - len(running)):
                running[pool.submit(task(pair))] = pair
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                yield running.pop(future), future.result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
