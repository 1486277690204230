"""Ground control: the model is laid onto points whose place is known, and unbent by them.

A similarity first; then a bundle adjustment in which the control points stand still and cameras, tie points, focal
length and distortion move. A bent ground (doming) is a wrong distortion that every tie point agrees with, so that a
few points that cannot move take it out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pycolmap
from numpy.typing import NDArray

from .alignment import Similarity, fit_similarity, spread_of, tilt_uncertainty
from .background import run_in_background
from .control_file import MIN_CONTROL_POINTS, GroundPoint, upright_mark
from .photo_preparation import PreparedPhoto
from .position_files import quoted
from .positions import Origin, wgs84
from .tuning import ControlTuning

Floats = NDArray[np.float64]

SUSPICIOUS_M, SUSPICIOUS_FACTOR = 0.1, 3.0


@dataclass(frozen=True)
class MeasuredPoint:
    """A ground point that enough registered photos show. Metres east, north, up of the origin, float64[3]."""

    name: str
    is_check: bool
    surveyed: Floats
    found: Floats
    """Where the photos see it."""

    @property
    def error(self) -> Floats:
        """Found minus surveyed."""
        return self.found - self.surveyed


@dataclass(frozen=True)
class ControlledModel:
    """What control made of a model, which is in metres east, north, up of `origin` now."""

    origin: Origin
    points: list[MeasuredPoint]

    @property
    def suspicious(self) -> list[MeasuredPoint]:
        """Control points that stay far from where the photos show them, and much farther than the others."""
        control = [point for point in self.points if not point.is_check]
        sizes = [float(np.linalg.norm(point.error)) for point in control]
        limit = max(SUSPICIOUS_M, SUSPICIOUS_FACTOR * float(np.median(sizes))) if sizes else 0.0
        return [point for point, size in zip(control, sizes, strict=True) if size > limit]

    @property
    def surveyed(self) -> Floats:
        """float64[N, 3]: places of the control points, metres east, north, up."""
        return np.array([point.surveyed for point in self.points if not point.is_check]).reshape(-1, 3)

    def errors(self, *, check: bool) -> Floats:
        """float64[N, 3] of the check or the control points."""
        errors = [point.error for point in self.points if point.is_check == check]
        return np.array(errors, np.float64).reshape(-1, 3)


class ControlFailure(ValueError):
    """Ground control that a model cannot be laid on; the text says why, for a person."""


@dataclass(frozen=True)
class _Mark:
    image_id: int
    pixel: Floats


def lay_on_control(
    model: pycolmap.Reconstruction,
    photos: Sequence[PreparedPhoto],
    points: Sequence[GroundPoint],
    origin: Origin | None,
    tuning: ControlTuning,
    threads: int,
) -> ControlledModel:
    """Moves `model`, in pixels of the photos for features, in place, and measures every point on it.

    `origin`: of the frame; None: the first point. Raises ControlFailure where the points cannot be used.
    """
    origin = origin or Origin(*points[0].place)
    images = {model.image(image_id).name: image_id for image_id in model.reg_image_ids()}
    marks = [_marks(point, photos, images) for point in points]
    surveyed: Floats = wgs84().ellipsoid_to_enu(
        np.array([point.place for point in points]), origin.latitude, origin.longitude, origin.altitude
    )
    seen = [_triangulated(model, each, tuning.min_angle_degrees) for each in marks]
    usable = [i for i, point in enumerate(points) if seen[i] is not None and not point.is_check]
    if len(usable) < MIN_CONTROL_POINTS:
        raise ControlFailure(
            f"{len(usable)} control points are seen by two photos of the model or more, {MIN_CONTROL_POINTS} are needed"
        )
    source = np.array([seen[i] for i in usable])
    transform = _checked_fit(source, surveyed[usable], tuning)
    model.transform(
        pycolmap.Sim3d(transform.scale, pycolmap.Rotation3d(transform.rotation), transform.translation.reshape(3, 1))
    )
    _adjust(model, {i: (surveyed[i], marks[i]) for i in usable}, tuning, threads)
    measured = []
    for point, place, mark in zip(points, surveyed, marks, strict=True):
        found = _triangulated(model, mark, tuning.min_angle_degrees)
        if found is not None:
            measured.append(MeasuredPoint(point.name, point.is_check, place, found))
    return ControlledModel(origin, measured)


def _checked_fit(source: Floats, target: Floats, tuning: ControlTuning) -> Similarity:
    transform = fit_similarity(source, target)
    rms = float(np.sqrt(np.mean(np.sum((transform(source) - target) ** 2, axis=1))))
    if rms > tuning.max_residual_share * spread_of(target):
        raise ControlFailure(f"the control points do not fit the model: they differ from it by {rms:.2g} m")
    if tilt_uncertainty(target, tuning.point_std_m) > np.radians(tuning.max_tilt_uncertainty_degrees):
        raise ControlFailure("the control points lie nearly on one line")
    return transform


def _marks(point: GroundPoint, photos: Sequence[PreparedPhoto], images: dict[str, int]) -> list[_Mark]:
    """The marks in registered photos. Raises ControlFailure for one outside of its photo."""
    marks = []
    for photo in photos:
        if photo.name not in point.marks or photo.image_name not in images:
            continue
        pixel = upright_mark(
            point.marks[photo.name], photo.metadata.orientation, photo.original_size, photo.feature_size
        )
        if (pixel < 0).any() or (pixel > np.array(photo.feature_size)).any():
            raise ControlFailure(f"{quoted(point.name)} is marked outside of the photo {quoted(photo.name)}")
        marks.append(_Mark(images[photo.image_name], pixel))
    return marks


def _triangulated(model: pycolmap.Reconstruction, marks: Sequence[_Mark], min_angle_degrees: float) -> Floats | None:
    """The place nearest to the rays of the marks in angle, float64[3]; None for fewer than two different rays."""
    centers, rays = [], []
    for mark in marks:
        image = model.image(mark.image_id)
        point = model.camera(image.camera_id).cam_from_img(mark.pixel)
        if point is None:
            continue
        ray = image.cam_from_world().rotation.matrix().T @ np.array([*point, 1.0])
        centers.append(image.projection_center())
        rays.append(ray / np.linalg.norm(ray))
    if len(rays) < 2:
        return None
    directions, origins = np.array(rays), np.array(centers)
    cosines = np.clip(directions @ directions.T, -1, 1)
    if np.degrees(np.arccos(cosines.min())) < min_angle_degrees:
        return None
    across = np.eye(3) - directions[:, :, None] * directions[:, None, :]
    weights = np.ones(len(rays))
    place = np.zeros(3)
    for _ in range(5):  # distances to the rays, then angles
        system = (weights[:, None, None] * across).sum(axis=0)
        place = np.linalg.solve(system, np.einsum("n,nij,nj->i", weights, across, origins))
        weights = 1 / np.maximum(np.sum((place - origins) ** 2, axis=1), 1e-12)
    return place


def _adjust(
    model: pycolmap.Reconstruction,
    control: dict[int, tuple[Floats, list[_Mark]]],
    tuning: ControlTuning,
    threads: int,
) -> None:
    """Bundle adjustment with the control points as constant ones; the model has only its own points after it.

    COLMAP has no weight for an observation: a control point is added several times instead.
    """
    own = {image_id: len(model.image(image_id).points2D) for image_id in model.reg_image_ids()}
    added = []
    for place, marks in control.values():
        for _ in range(tuning.mark_weight):
            track = pycolmap.Track()
            for mark in marks:
                image = model.image(mark.image_id)
                image.points2D.append(pycolmap.Point2D(mark.pixel))
                track.add_element(mark.image_id, len(image.points2D) - 1)
            added.append(model.add_point3D(place, track))
    options = pycolmap.BundleAdjustmentOptions()
    options.print_summary = False
    options.ceres.solver_options.num_threads = threads
    options.ceres.solver_options.function_tolerance = tuning.function_tolerance
    config = pycolmap.BundleAdjustmentConfig()
    for image_id in own:
        config.add_image(image_id)
    for point_id in added:
        config.add_constant_point(point_id)
    summary = run_in_background(lambda _: pycolmap.create_default_bundle_adjuster(options, config, model).solve())
    for point_id in added:
        model.delete_point3D(point_id)
    for image_id, count in own.items():
        del model.image(image_id).points2D[count:]
    model.update_point_3d_errors()
    if not summary.is_solution_usable():
        raise ControlFailure("the model could not be adjusted to the control points")
