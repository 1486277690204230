"""Puts a model into the export frame: x east, y down, z north; metres where GPS allows, else median depth 10.

It is the one frame from here on, so that nothing later has to rotate spherical harmonics; web viewers show it upright.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

import numpy as np
import pycolmap
from numpy.typing import NDArray

from .alignment import (
    Alignment,
    Similarity,
    align_robustly,
    rotation_to_up,
    spread_of,
    tilt_uncertainty,
    up_from_cameras,
    up_from_gimbals,
)
from .frame_checks import FrameNumbers, PlacedCameras, contradiction, frame_numbers, is_flat
from .ground_control import ControlledModel
from .height_errors import HeightErrors, height_errors
from .model_quality import registered_images
from .photo_preparation import PreparedPhoto
from .positions import PositionFacts, Positions, wgs84
from .tuning import AlignmentTuning, FrameTuning

Floats = NDArray[np.float64]

EXPORT_FROM_ENU: Floats = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
UNSCALED_MEDIAN_DEPTH = 10.0


@dataclass(frozen=True)
class RegisteredCameras:
    """Poses of the registered photos, in name order, and the points that each sees, in model coordinates.

    `rotations`: float64[N, 3, 3], camera from model; `seen[i]`: float64[M, 3].
    """

    photos: list[PreparedPhoto]
    camera_ids: list[int]
    rotations: Floats
    centers: Floats
    seen: list[Floats]

    @property
    def pitches(self) -> Floats:
        """float64[N], degrees by gimbal, NaN where unknown."""
        pitches = [photo.metadata.gimbal_pitch_degrees for photo in self.photos]
        return np.array([np.nan if pitch is None else pitch for pitch in pitches])

    def moved(self, transform: Similarity) -> tuple[PlacedCameras, list[Floats]]:
        """The cameras and the points that they see, after a transform."""
        placed = PlacedCameras(self.rotations @ transform.rotation.T, transform(self.centers), self.pitches)
        return placed, [transform(points) for points in self.seen]


@dataclass(frozen=True)
class GpsAlignment:
    """A frame in metres east, north, up: model coordinates to it, and the positions that it rests on.

    These are the photos', or those of control points.
    """

    fit: Alignment
    method: Literal["position", "position and up axis", "ground control"]
    positions: Positions
    spread_m: float
    """RMS distance of the positions that agree from their middle."""


@dataclass(frozen=True)
class Frame:
    """Where a model is to be laid. Up is the third axis."""

    to_enu: Similarity
    gps: GpsAlignment | None
    """None where GPS was not used: units are then a tenth of the median depth."""
    problem: str | None
    """Why not, for people."""
    numbers: FrameNumbers
    heights: HeightErrors | None


def choose_frame(
    model: pycolmap.Reconstruction,
    photos: list[PreparedPhoto],
    facts: PositionFacts,
    tuning: AlignmentTuning,
    checks: FrameTuning,
    seed: int,
) -> Frame:
    """The frame of GPS where it fits and nothing contradicts it, else a plain one. `facts` has the order of `photos`.

    Full alignment to GPS comes first, where that fixes the tilt well; then up from the cameras and only the map from
    GPS. The tilt is uncertain when the flight is nearly one line, or short for the noise of its GPS.
    """
    cameras, rows = _registered(model, photos)
    positions = facts.positions
    up = _up(cameras, tuning.min_gimbal_agreement)
    upright = Similarity(1.0, rotation_to_up(up, _north_hint(cameras, up)), np.zeros(3))
    problem = facts.problem
    if positions is not None and problem is None:
        problem = _misfit(positions)
        enu = positions.enu[rows]
        for gps in _alignments(cameras, rows, upright, positions, tuning, seed):
            placed, seen = cameras.moved(gps.fit.transform)
            numbers = frame_numbers(placed, seen)
            flat = gps.method == "position" and is_flat(
                enu[np.isfinite(enu).all(axis=1)][gps.fit.inliers], gps.fit.residual_rms / np.sqrt(3)
            )
            found = contradiction(numbers, placed, checks, flat=flat)
            if found is None:
                return Frame(gps.fit.transform, gps, None, numbers, _height_errors(cameras, placed, enu))
            problem = found
    scale = UNSCALED_MEDIAN_DEPTH / _median_depth(cameras)
    to_enu = Similarity(scale, upright.rotation, np.zeros(3))
    return Frame(to_enu, None, problem, frame_numbers(*cameras.moved(to_enu)), None)


def frame_of_control(model: pycolmap.Reconstruction, photos: list[PreparedPhoto], controlled: ControlledModel) -> Frame:
    """The frame of a model that ground control has laid on the map: it stays where it is."""
    cameras, _ = _registered(model, photos)
    stay = Similarity(1.0, np.eye(3), np.zeros(3))
    surveyed, errors = controlled.surveyed, controlled.errors(check=False)
    fit = Alignment(stay, np.ones(len(surveyed), bool), float(np.sqrt(np.mean(np.sum(errors**2, axis=1)))))
    places = Positions(surveyed, controlled.origin, np.full_like(surveyed, fit.residual_rms))
    gps = GpsAlignment(fit, "ground control", places, spread_of(surveyed))
    return Frame(stay, gps, None, frame_numbers(*cameras.moved(stay)), None)


def move_to_export_frame(model: pycolmap.Reconstruction, frame: Frame) -> dict[str, Any] | None:
    """Transforms `model` in place, so that the middle of its points is at 0.

    Returns georeference.json, where the frame lies on Earth, or None when GPS was not used.
    """
    points = np.array([point.xyz for point in model.points3D.values()])
    middle = np.median(frame.to_enu(points), axis=0)
    export = Similarity(1.0, EXPORT_FROM_ENU, -EXPORT_FROM_ENU @ middle).after(frame.to_enu)
    model.transform(pycolmap.Sim3d(export.scale, pycolmap.Rotation3d(export.rotation), cast(Any, export.translation)))
    return None if frame.gps is None else _georeference(frame.gps, middle)


def _registered(
    model: pycolmap.Reconstruction, photos: list[PreparedPhoto]
) -> tuple[RegisteredCameras, NDArray[np.intp]]:
    """The cameras of the model, and their rows in the list of photos."""
    images = registered_images(model)
    indices = [index for index, photo in enumerate(photos) if photo.image_name in images]
    poses = [images[photos[index].image_name] for index in indices]
    cameras = RegisteredCameras(
        photos=[photos[index] for index in indices],
        camera_ids=[pose.camera_id for pose in poses],
        rotations=np.array([pose.cam_from_world().rotation.matrix() for pose in poses]),
        centers=np.array([pose.projection_center() for pose in poses]),
        seen=[_seen(model, pose) for pose in poses],
    )
    return cameras, np.array(indices, np.intp)


def _seen(model: pycolmap.Reconstruction, image: pycolmap.Image) -> Floats:
    points = [model.point3D(point.point3D_id).xyz for point in image.points2D if point.has_point3D()]
    return np.array(points, np.float64).reshape(-1, 3)


def _up(cameras: RegisteredCameras, min_agreement: float) -> Floats:
    """Gimbal angles where most photos have a credible one, else the cameras' axes; never the EXIF orientation."""
    known = np.isfinite(cameras.pitches)
    up = None
    if known.mean() >= 0.5:
        up = up_from_gimbals(cameras.rotations[known], cameras.pitches[known], min_agreement)
    return up_from_cameras(cameras.rotations) if up is None else up


def _north_hint(cameras: RegisteredCameras, up: Floats) -> Floats:
    """Without GPS any heading will do: the first photo's view, or the top of its picture where it looks down."""
    _, down, forward = cameras.rotations[0]
    hint: Floats = forward if abs(forward @ up) < 0.7 else -down
    return hint


def _misfit(positions: Positions) -> str:
    repeated = int(positions.repeated.sum())
    if repeated > len(positions.enu) / 2:
        return f"{repeated} of {len(positions.enu)} photos have the same GPS position as another photo"
    return "the GPS positions do not fit the places of the cameras in the model"


def _height_errors(cameras: RegisteredCameras, placed: PlacedCameras, enu: Floats) -> HeightErrors | None:
    """Of the photos of the commonest body: the altitudes of different bodies may count from different zeros."""
    metadata = [photo.metadata for photo in cameras.photos]
    bodies = [each.camera.body for each in metadata]
    commonest = max(sorted(set(bodies)), key=bodies.count)
    altitudes = np.where([body == commonest for body in bodies], enu[:, 2], np.nan)
    return height_errors(placed.centers, altitudes, cameras.camera_ids)


def _alignments(
    cameras: RegisteredCameras,
    rows: NDArray[np.intp],
    upright: Similarity,
    positions: Positions,
    tuning: AlignmentTuning,
    seed: int,
) -> Iterator[GpsAlignment]:
    """The alignments that fit, the one that is to be preferred first. `rows`: of the cameras in the positions."""
    enu, std_m = positions.enu[rows], positions.std_m[rows]
    flat, full = np.isfinite(enu[:, 0]), np.isfinite(enu).all(axis=1)
    if positions.has_altitudes:
        fit = align_robustly(cameras.centers[full], enu[full], tuning, upright=False, seed=seed, std_m=std_m[full])
        if fit is not None:
            agreeing = enu[full][fit.inliers]
            noise = max(fit.residual_rms / np.sqrt(3), tuning.min_gps_noise_m)
            if tilt_uncertainty(agreeing, noise) < float(np.radians(tuning.max_tilt_uncertainty_degrees)):
                yield GpsAlignment(fit, "position", positions, spread_of(agreeing))
    level = align_robustly(
        upright(cameras.centers[flat]), enu[flat], tuning, upright=True, seed=seed, std_m=std_m[flat]
    )
    if level is not None:
        fit = replace(level, transform=level.transform.after(upright))
        yield GpsAlignment(fit, "position and up axis", positions, spread_of(enu[flat][level.inliers, :2]))


def _median_depth(cameras: RegisteredCameras) -> float:
    """Median distance along the view from a camera to the points that it sees, model units."""
    depths = [
        (points - center) @ rotation[2]
        for points, center, rotation in zip(cameras.seen, cameras.centers, cameras.rotations, strict=True)
    ]
    return float(np.median(np.concatenate(depths)))


def _georeference(gps: GpsAlignment, middle: Floats) -> dict[str, Any]:
    reference = gps.positions.origin
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
            "altitude": altitude if gps.positions.has_altitudes else None,
        },
        "axes": "x east, y down, z north",
        "metresPerUnit": 1,
        "alignedBy": gps.method,
        "controlPoints" if gps.method == "ground control" else "photos": int(gps.fit.inliers.sum()),
        "residualRmsM": round(gps.fit.residual_rms, 3),
    }
