"""COLMAP's database: cameras, features, position priors and matches, with progress read while COLMAP writes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pycolmap
from numpy.typing import NDArray

from .background import run_in_background
from .cameras import CameraGroup
from .pair_graph import Pair
from .photo_preparation import PreparedPhoto
from .positions import Positions

OnProgress = Callable[[int, int], None]

COLMAP_SCALE_REFERENCE_PX = 3200
UNKNOWN_ALTITUDE_STD_M = 1000.0


def pixel_scale(photos: Sequence[PreparedPhoto]) -> float:
    """Factor for COLMAP's thresholds in pixels, which are meant for photos of 3200 px; 0.5 to 1.5."""
    return float(np.clip(max(max(photo.feature_size) for photo in photos) / COLMAP_SCALE_REFERENCE_PX, 0.5, 1.5))


@dataclass(frozen=True)
class FeatureDatabase:
    """The database of one run. `photos` are in name order: pairs count by it."""

    path: Path
    image_folder: Path
    mask_folder: Path
    photos: Sequence[PreparedPhoto]
    cameras: Sequence[CameraGroup]
    """Each photo is in one of them."""

    def add_position_priors(self, positions: Positions) -> None:
        """Writes GPS positions as priors in metres east, north, up, with their standard deviations.

        An unknown altitude becomes one that says nothing. Repeated positions are left out.
        """
        with pycolmap.Database.open(self.path) as database:
            images = {image.name: image for image in database.read_all_images()}
            says_nothing = ~positions.known | positions.repeated
            rows = zip(self.photos, positions.enu, positions.std_m, says_nothing, strict=True)
            for photo, enu, std_m, skipped in rows:
                if skipped or photo.image_name not in images:
                    continue
                std = std_m if np.isfinite(enu[2]) else np.array([*std_m[:2], UNKNOWN_ALTITUDE_STD_M])
                database.write_pose_prior(
                    pycolmap.PosePrior(
                        corr_data_id=images[photo.image_name].data_id,
                        position=np.nan_to_num(enu),
                        position_covariance=np.diag(std**2),
                        coordinate_system=pycolmap.PosePriorCoordinateSystem.CARTESIAN,
                    )
                )

    def write_pairs(self, pairs: Sequence[Pair]) -> Path:
        """A file of the pairs beside the database, as COLMAP reads it."""
        pair_file = self.path.with_name("pairs.txt")
        names = [photo.image_name for photo in self.photos]
        pair_file.write_text("".join(f"{names[first]} {names[second]}\n" for first, second in pairs), "utf-8")
        return pair_file

    def features(self) -> dict[str, int]:
        """Descriptors of every photo, by image name."""
        with pycolmap.Database.open(self.path) as database:
            return {
                image.name: database.num_descriptors_for_image(image.image_id) for image in database.read_all_images()
            }

    def append_features(self, richer: "FeatureDatabase") -> None:
        """Adds the features of another database, of photos that are here too, behind those that are here.

        Features at a pixel that has one already are left out. Indices of features stay, and matches with them.
        """
        with pycolmap.Database.open(self.path) as database, pycolmap.Database.open(richer.path) as added:
            ids = {image.name: image.image_id for image in database.read_all_images()}
            # A database can only forget the descriptors of all photos.
            descriptors = {image_id: database.read_descriptors(image_id) for image_id in ids.values()}
            for image in added.read_all_images():
                image_id = ids[image.name]
                keypoints, more = database.read_keypoints(image_id), added.read_keypoints(image.image_id)
                elsewhere = ~np.isin(_pixel_numbers(more), _pixel_numbers(keypoints))
                database.update_keypoints(image_id, np.vstack([keypoints, more[elsewhere]]))
                known, new = descriptors[image_id], added.read_descriptors(image.image_id)
                data = np.vstack([known.data, new.data[elsewhere]])
                descriptors[image_id] = pycolmap.FeatureDescriptors(known.type, data)
            database.clear_descriptors()
            for image_id, each in descriptors.items():
                database.write_descriptors(image_id, each)

    def complete(self, model: pycolmap.Reconstruction) -> None:
        """Gives the photos of a model, in place, the features that were appended since it was made."""
        with pycolmap.Database.open(self.path) as database:
            for image in model.images.values():
                appended = database.read_keypoints(image.image_id)[image.num_points2D() :, :2]
                for xy in appended.astype(np.float64):
                    image.points2D.append(pycolmap.Point2D(xy))

    def forget_matches(self, pairs: Sequence[Pair]) -> None:
        """Removes matches and geometries of pairs of photos, so that `match` makes them anew."""
        ids = self.image_ids()
        with pycolmap.Database.open(self.path) as database:
            for pair in pairs:
                first, second = (ids[self.photos[index].image_name] for index in pair)
                database.delete_matches(first, second)
                database.delete_two_view_geometry(first, second)

    def verified_pairs(self) -> dict[tuple[str, str], int]:
        """Matches that fit the geometry of each pair of photos that has any, by image names in name order."""
        with pycolmap.Database.open(self.path) as database:
            names = {image.image_id: image.name for image in database.read_all_images()}
            pair_ids, counts = database.read_two_view_geometry_num_inliers()
        order = {photo.image_name: index for index, photo in enumerate(self.photos)}
        pairs: dict[tuple[str, str], int] = {}
        for pair_id, count in zip(pair_ids, counts, strict=True):
            if count > 0:
                first, second = sorted(
                    (names[each] for each in pycolmap.pair_id_to_image_pair(pair_id)), key=order.__getitem__
                )
                pairs[first, second] = count
        return pairs

    def verified_partners(self) -> dict[str, int]:
        """Number of photos with which each one shares a verified geometry, by image name."""
        partners = dict.fromkeys((photo.image_name for photo in self.photos), 0)
        for pair in self.verified_pairs():
            for name in pair:
                partners[name] += 1
        return partners

    def image_ids(self) -> dict[str, int]:
        """Ids of the photos, by image name."""
        with pycolmap.Database.open(self.path) as database:
            return {image.name: image.image_id for image in database.read_all_images()}

    def watched(self, call: Callable[..., None], on_poll: Callable[[pycolmap.Database], None]) -> None:
        """Runs `call(cancellation_token=...)` in the background while a second connection reads its progress.

        Through COLMAP, never through Python's sqlite3: two SQLite libraries in one process undo each other's file
        locks (sqlite.org/howtocorrupt.html, 2.2.1), and COLMAP then dies of SIGBUS.
        """
        with pycolmap.Database.open(self.path) as database:
            run_in_background(lambda token: call(cancellation_token=token), lambda: on_poll(database))


def _pixel_numbers(keypoints: NDArray[np.float32]) -> NDArray[np.int64]:
    """int64[N]: one number for each pixel; keypoints float32[N, 2 or more] begin with x and y."""
    pixels = np.floor(keypoints[:, :2]).astype(np.int64)
    return pixels[:, 0] * 2**32 + pixels[:, 1]
