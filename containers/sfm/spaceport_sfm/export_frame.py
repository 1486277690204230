"""Puts a model into the export frame: x east, y down, z north; metres where GPS allows, else median depth 10.

It is the one frame from here on, so that nothing later has to rotate spherical harmonics; web viewers show it upright.
"""

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pycolmap
from numpy.typing import NDArray

from .alignment import (
    Alignment,
    Similarity,
    align_robustly,
    rotation_to_up,
    tilt_uncertainty,
    up_from_cameras,
    up_from_gimbals,
)
from .photo_preparation import PreparedPhoto
from .positions import Positions, wgs84
from .tuning import AlignmentTuning

Floats = NDArray[np.float64]

EXPORT_FROM_ENU: Floats = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
UNSCALED_MEDIAN_DEPTH = 10.0


@dataclass(frozen=True)
class RegisteredCameras:
    """Poses of the registered photos, in name order. `rotations`: float64[N, 3, 3], camera from model."""

    photos: list[PreparedPhoto]
    rotations: Floats
    centers: Floats


def move_to_export_frame(
    model: pycolmap.Reconstruction,
    photos: list[PreparedPhoto],
    positions: Positions | None,
    tuning: AlignmentTuning,
    seed: int,
) -> dict[str, Any] | None:
    """Transforms `model` in place, so that the middle of its points is at 0. `positions` has the order of `photos`.

    Returns georeference.json, where the frame lies on Earth, or None when GPS could not be used.
    """
    cameras, enu = _registered(model, photos, positions)
    up = _up(cameras, tuning.min_gimbal_agreement)
    upright = Similarity(1.0, rotation_to_up(up, _north_hint(cameras, up)), np.zeros(3))
    alignment, method = _align(cameras, enu, upright, positions, tuning, seed)
    points = np.array([point.xyz for point in model.points3D.values()])
    if alignment is None or positions is None:
        scale = UNSCALED_MEDIAN_DEPTH / _median_depth(model)
        to_enu = Similarity(scale, upright.rotation, np.zeros(3))
    else:
        to_enu = alignment.transform
    middle = np.median(to_enu(points), axis=0)
    export = Similarity(1.0, EXPORT_FROM_ENU, -EXPORT_FROM_ENU @ middle).after(to_enu)
    model.transform(pycolmap.Sim3d(export.scale, pycolmap.Rotation3d(export.rotation), cast(Any, export.translation)))
    if alignment is None or positions is None:
        return None
    return _georeference(alignment, method, positions, middle)


def _registered(
    model: pycolmap.Reconstruction, photos: list[PreparedPhoto], positions: Positions | None
) -> tuple[RegisteredCameras, Floats | None]:
    images = {model.image(image_id).name: model.image(image_id) for image_id in model.reg_image_ids()}
    indices = [index for index, photo in enumerate(photos) if photo.image_name in images]
    poses = [images[photos[index].image_name] for index in indices]
    cameras = RegisteredCameras(
        photos=[photos[index] for index in indices],
        rotations=np.array([pose.cam_from_world().rotation.matrix() for pose in poses]),
        centers=np.array([pose.projection_center() for pose in poses]),
    )
    return cameras, None if positions is None else positions.enu[indices]


def _up(cameras: RegisteredCameras, min_agreement: float) -> Floats:
    """Gimbal angles where every photo has a credible one, else the cameras' axes; never the EXIF orientation."""
    pitches = [photo.metadata.gimbal_pitch_degrees for photo in cameras.photos]
    known = [pitch for pitch in pitches if pitch is not None]
    complete = len(known) == len(pitches)
    up = up_from_gimbals(cameras.rotations, np.array(known), min_agreement) if complete else None
    return up_from_cameras(cameras.rotations) if up is None else up


def _north_hint(cameras: RegisteredCameras, up: Floats) -> Floats:
    """Without GPS any heading will do: the first photo's view, or the top of its picture where it looks down."""
    _, down, forward = cameras.rotations[0]
    hint: Floats = forward if abs(forward @ up) < 0.7 else -down
    return hint


def _align(
    cameras: RegisteredCameras,
    enu: Floats | None,
    upright: Similarity,
    positions: Positions | None,
    tuning: AlignmentTuning,
    seed: int,
) -> tuple[Alignment | None, str]:
    """Full alignment to GPS where that fixes the tilt well; else up from the cameras and only the map from GPS.

    The tilt is uncertain when the flight is nearly one line, or short for the noise of its GPS.
    """
    if enu is None or positions is None:
        return None, "none"
    flat, full = np.isfinite(enu[:, 0]), np.isfinite(enu).all(axis=1)
    if positions.has_altitudes:
        alignment = align_robustly(cameras.centers[full], enu[full], tuning, upright=False, seed=seed)
        if alignment is not None:
            noise = max(alignment.residual_rms / np.sqrt(3), tuning.min_gps_noise_m)
            tilt = tilt_uncertainty(enu[full][alignment.inliers], noise)
            if tilt < float(np.radians(tuning.max_tilt_uncertainty_degrees)):
                return alignment, "position"
    level = align_robustly(upright(cameras.centers[flat]), enu[flat], tuning, upright=True, seed=seed)
    if level is None:
        return None, "none"
    return Alignment(level.transform.after(upright), level.inliers, level.residual_rms), "position and up axis"


def _median_depth(model: pycolmap.Reconstruction) -> float:
    """Median distance along the view from a camera to the points that it sees, model units."""
    depths = [
        (np.array([model.point3D(point.point3D_id).xyz for point in points]) @ pose[2, :3]) + pose[2, 3]
        for image in (model.image(image_id) for image_id in model.reg_image_ids())
        if (points := [point for point in image.points2D if point.has_point3D()])
        for pose in [image.cam_from_world().matrix()]
    ]
    return float(np.median(np.concatenate(depths)))


def _georeference(alignment: Alignment, method: str, positions: Positions, middle: Floats) -> dict[str, Any]:
    reference = positions.origin
    latitude, longitude, altitude = (
        float(value)
        for value in wgs84().enu_to_ellipsoid(
            cast(Any, middle.reshape(1, 3)), reference.latitude, reference.longitude, reference.altitude
        )[0]
    )
    return {
        "datum": "WGS84",
        "origin": {
            "latitude": latitude,
            "longitude": longitude,
            "altitude": altitude if positions.has_altitudes else None,
        },
        "axes": "x east, y down, z north",
        "metresPerUnit": 1,
        "alignedBy": method,
        "photos": int(alignment.inliers.sum()),
        "residualRmsM": round(alignment.residual_rms, 3),
    }
