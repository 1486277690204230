"""The input of training: the SfM stage's output, checked, in the normalised frame, split."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from spaceport_common.errors import StageError
from spaceport_common.failures import too_few_points
from spaceport_common.progress import progress

from .camera import Camera
from .colmap_model import ModelFormatError, SparseModel, read_sparse_model
from .exposure_values import read_exposure_values
from .footprints import distinct_pixels
from .frame import Frame, model_cameras, training_frame
from .gaussians import Gaussians, joined
from .initialisation import dense_points, gaussians_at
from .lens import UnsupportedLensError
from .photos import Photo, load_photo
from .point_cloud import PointCloud
from .settings import TrainingSettings
from .shared_points import log_gains
from .skirt import skirt_points
from .split import held_out_indices
from .tuning import InitialisationTuning, Tuning

MIN_PHOTOS = 3


@dataclass(frozen=True)
class Scene:
    """Photos in the training frame, `export_cameras` in SfM's; by name; `training` and `held_out` index them.

    `exposure_values`: EV at ISO 100 of each photo, None where its EXIF does not say.
    """

    model: SparseModel
    frame: Frame
    export_cameras: list[Camera]
    photos: list[Photo]
    training: list[int]
    held_out: list[int]
    exposure_values: list[float | None]

    def training_photos(self) -> list[Photo]:
        """Photos that may be learned from."""
        return [self.photos[index] for index in self.training]

    def held_out_photos(self) -> list[Photo]:
        """Photos that may only be measured with."""
        return [self.photos[index] for index in self.held_out]

    def exported_photos(self, indices: Sequence[int]) -> list[Photo]:
        """Photos with their cameras in SfM's frame, where the exported model lies."""
        return [
            replace(self.photos[i], camera=self.export_cameras[i].resized(self.photos[i].width, self.photos[i].height))
            for i in indices
        ]

    def initial_gaussians(self, settings: TrainingSettings, tuning: Tuning) -> Gaussians:
        """The model before training, from training photos only."""
        photos, observed = self.training_photos(), self._observed()
        cap, degree = settings.max_gaussians, settings.sh_degree
        sparse = PointCloud(self.frame.points(self.model.points), self.model.colors / 255.0)
        initial, skirt = tuning.initialisation, tuning.skirt
        dense = dense_points(photos, observed, sparse, max(1, round(initial.dense_share * cap)), initial)
        model = gaussians_at(dense.near(photos, initial.reach) or sparse, degree, initial.opacity, initial)
        border = skirt_points(photos, observed, sparse, round(skirt.share * cap), tuning).near(photos, initial.reach)
        if border:
            model = joined(model, gaussians_at(border, degree, skirt.opacity, initial))
        return model.select(torch.arange(min(len(model), cap)))

    @cached_property
    def exposure_spread(self) -> float:
        """Standard deviation of the training photos' exposures, in natural logarithms, by the points they share."""
        points = self.frame.points(self.model.points)
        return float(np.std(log_gains(self.training_photos(), self._observed(), points)))

    @cached_property
    def repeated_pixels(self) -> float:
        """Pixels of the training photos that show again what another of them shows."""
        photos, points = self.training_photos(), self.frame.points(self.model.points)
        distinct = distinct_pixels(photos, self._observed(), points, InitialisationTuning())
        return sum(photo.width * photo.height * photo.visible_share for photo in photos) - distinct

    def fingerprint(self, settings: TrainingSettings, tuning: Tuning) -> str:
        """Hash of everything that training depends on: a checkpoint of another scene or other settings is refused."""
        digest = hashlib.sha256(settings.model_dump_json().encode())
        if tuning != Tuning():
            digest.update(repr(tuning).encode())
        digest.update(self.model.points.tobytes())
        for photo in self.photos:
            digest.update(photo.camera.name.encode() + b"\0" + photo.pixels.numpy().tobytes())
            if photo.visible is not None:
                digest.update(photo.visible.numpy().tobytes())
        return digest.hexdigest()

    def _observed(self) -> list[NDArray[np.int64]]:
        return [self.model.images[index].observed for index in self.training]


def load_scene(folder: Path, settings: TrainingSettings) -> Scene:
    """Reads the SfM stage's output.

    Raises StageError: `TOO_FEW_POINTS` where SfM rejected its own result or has fewer points than asked for,
    `TOO_FEW_REGISTERED` below 3 photos, `MODEL_INVALID`.
    """
    _refuse_rejected(folder)
    try:
        model = read_sparse_model(folder / "sparse" / "0")
        export_cameras = model_cameras(model)
    except (ModelFormatError, UnsupportedLensError) as error:
        raise StageError("MODEL_INVALID", str(error)) from error
    count = len(model.points)
    if count < settings.min_points:
        raise StageError("TOO_FEW_POINTS", too_few_points(points=count, needed=settings.min_points))
    if len(model.images) < MIN_PHOTOS:
        raise StageError("TOO_FEW_REGISTERED", f"{len(model.images)} photos are registered, {MIN_PHOTOS} are needed")
    if not np.isfinite(model.points).all():
        raise StageError("MODEL_INVALID", "the sparse model has points that are not finite")
    frame = training_frame(model)
    photos = []
    for index, camera in enumerate(export_cameras):
        photo = load_photo(folder / "images", folder / "masks", camera, settings.image_size)
        photos.append(replace(photo, camera=frame.camera(photo.camera)))
        progress("prepare", index + 1, len(export_cameras))
    held_out = held_out_indices(len(photos), settings.evaluation_every)
    training = [index for index in range(len(photos)) if index not in held_out]
    values = read_exposure_values(folder / "photos.json")
    exposure_values = [values.get(camera.name) for camera in export_cameras]
    return Scene(model, frame, export_cameras, photos, training, held_out, exposure_values)


def _refuse_rejected(folder: Path) -> None:
    try:
        verdict = json.loads((folder / "report.json").read_bytes())["verdict"]
        accepted, message = verdict["ok"] is True, verdict.get("message")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise StageError("MODEL_INVALID", f"the SfM stage's report.json cannot be read: {error}") from error
    if not accepted:
        raise StageError("TOO_FEW_POINTS", f"the SfM stage rejected its result: {message or 'no reason given'}")


def seed_everything(seed: int) -> None:
    """Makes a run repeatable on the same machine."""
    torch.manual_seed(seed)
    np.random.seed(seed % 2**32)
