"""The cameras of a finished model: what the photos can tell of their focal lengths is solved, the rest is not.

Views in one direction over a flat place tell focal length from height poorly, and distortion from a bent ground (James
and Robson 2014, Mitigating systematic error in topographic models): photos of two zooms then lie on two surfaces, or
the whole model too high or too low, at the same reprojection error. There the metadata know better.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pycolmap

from .background import run_in_background
from .cameras import CameraGroup
from .mapping import refine_cameras, views_are_parallel
from .tuning import MappingTuning


def settle_cameras(
    model: pycolmap.Reconstruction, cameras: Sequence[CameraGroup], tuning: MappingTuning, threads: int
) -> pycolmap.Reconstruction:
    """The model after the last bundle adjustment; `model` itself may be changed by it.

    Diverse views: all cameras are refined, but those that were held: these take the calibration of another zoom of
    their lens. Parallel views: the first of these that raises reprojection errors by at most `max_error_rise` counts:
    focal lengths by their priors without distortion, the same with it, and the proportions that the zooms of one lens
    have by the metadata.
    """
    present = {model.image(image_id).camera_id for image_id in model.reg_image_ids()}
    groups = [camera for camera in cameras if camera.camera_id in present]
    if not views_are_parallel(model, tuning.parallel_views_degrees):
        held = [camera for camera in groups if camera.held]
        _take_over_calibration(model, groups, held)
        refine_cameras(model, tuning, threads, [camera.camera_id for camera in held])
        return model
    priors, proportions = _priors(groups), _in_proportion(model, groups)
    before = model.compute_mean_reprojection_error()
    for focal_lengths, undistorted in ((priors, True), (priors, False), (proportions, False)):
        if any(_differs(model.camera(id_), focal, undistorted) for id_, focal in focal_lengths.items()):
            candidate = _with_focal_lengths(model, focal_lengths, tuning, threads, undistorted=undistorted)
            if candidate.compute_mean_reprojection_error() <= before * (1 + tuning.max_error_rise):
                return candidate
    return model


def _differs(camera: pycolmap.Camera, focal_px: float, undistorted: bool) -> bool:
    """Whether a camera is another one with this focal length, or without its distortion.

    A focal length may be that of the metadata already, held or by chance, while a wrong distortion bends the ground.
    """
    distorted = undistorted and bool(np.abs(camera.params[3:]).max(initial=0.0) > 1e-6)
    return distorted or abs(camera.mean_focal_length() / focal_px - 1) > 1e-4


def _priors(groups: Sequence[CameraGroup]) -> dict[int, float]:
    """Focal lengths by camera; none where one is unknown: a part of them would tear the model apart."""
    return {camera.camera_id: camera.focal_px for camera in groups} if all(c.focal.known for c in groups) else {}


def _in_proportion(model: pycolmap.Reconstruction, groups: Sequence[CameraGroup]) -> dict[int, float]:
    """Focal lengths of the cameras whose lens has several, in the proportions of their priors."""
    result: dict[int, float] = {}
    for camera in groups:
        main = _main_camera(model, groups, camera)
        if main is not camera:
            for each in (main, camera):
                result[each.camera_id] = each.focal_px * _focal(model, main.camera_id) / main.focal_px
    return result


def _take_over_calibration(
    model: pycolmap.Reconstruction, groups: Sequence[CameraGroup], held: Iterable[CameraGroup]
) -> None:
    """Held cameras get what was found for the main camera of their lens: its error of scale, and its distortion."""
    for camera in held:
        main = _main_camera(model, groups, camera)
        if not main.held:
            focal = camera.focal_px * _focal(model, main.camera_id) / main.focal_px
            own, solved = model.camera(camera.camera_id), model.camera(main.camera_id).params
            own.params = [focal, *own.params[1:3], *solved[3:]]


def _main_camera(model: pycolmap.Reconstruction, groups: Sequence[CameraGroup], camera: CameraGroup) -> CameraGroup:
    """The camera of the same lens with most photos in the model, and not held if there is one."""
    counts = dict.fromkeys((group.camera_id for group in groups), 0)
    for image_id in model.reg_image_ids():
        counts[model.image(image_id).camera_id] += 1
    siblings = [group for group in groups if group.lens == camera.lens]
    return max(siblings, key=lambda group: (not group.held, counts[group.camera_id], -group.camera_id))


def _with_focal_lengths(
    model: pycolmap.Reconstruction,
    focal_lengths: Mapping[int, float],
    tuning: MappingTuning,
    threads: int,
    *,
    undistorted: bool,
) -> pycolmap.Reconstruction:
    """A copy with these focal lengths, all else adjusted; `undistorted`: with cameras that have no distortion."""
    changed = pycolmap.Reconstruction(model)
    for image_id in changed.reg_image_ids():
        image = changed.image(image_id)
        if image.camera_id in focal_lengths:
            _move_along_view(changed, image, focal_lengths[image.camera_id] / _focal(model, image.camera_id))
    for camera_id, focal in focal_lengths.items():
        camera = changed.camera(camera_id)
        camera.params = [focal, *camera.params[1:3], *(camera.params[3:] * (not undistorted))]
    options = pycolmap.BundleAdjustmentOptions()
    options.print_summary = False
    options.refine_focal_length = False
    options.refine_extra_params = not undistorted
    options.ceres.solver_options.num_threads = threads
    options.ceres.solver_options.function_tolerance = tuning.ba_function_tolerance
    run_in_background(lambda token: pycolmap.bundle_adjustment(changed, options, cancellation_token=token))
    changed.update_point_3d_errors()
    return changed


def _move_along_view(model: pycolmap.Reconstruction, image: pycolmap.Image, factor: float) -> None:
    """Moves a camera so that what it sees is `factor` times as far: what another focal length means for the picture."""
    points = np.array([model.point3D(point.point3D_id).xyz for point in image.points2D if point.has_point3D()])
    if image.frame is None or not len(points):
        return
    rotation, center = image.cam_from_world().rotation.matrix(), image.projection_center()
    depth = float(np.median((points - center) @ rotation[2]))
    moved = center - rotation[2] * depth * (factor - 1)
    pose = pycolmap.Rigid3d(pycolmap.Rotation3d(rotation), -rotation @ moved)
    image.frame.set_cam_from_world(image.camera_id, pose)


def _focal(model: pycolmap.Reconstruction, camera_id: int) -> float:
    return float(model.camera(camera_id).mean_focal_length())
