"""From verified matches to a sparse model: COLMAP's incremental mapper, tuned, and the choice among its models."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pycolmap

from .background import run_in_background
from .tuning import MappingTuning


@dataclass(frozen=True)
class MappingOptions:
    """What differs between runs of the mapper."""

    pixel_scale: float
    """Factor for COLMAP's thresholds in pixels."""
    use_position_priors: bool
    refine_focal_length: bool
    threads: int
    seed: int
    held_cameras: tuple[int, ...] = ()
    """Ids of cameras whose focal length and distortion stay as they are in the database."""
    relaxed: bool = False
    """Take weaker pairs and photos, for sets that fail otherwise."""
    two_view_tracks: bool = False
    """Make points that only two photos see, too."""
    max_seconds: int = -1
    """The mapper ends with what it has after this long; -1 = no limit."""
    first_photo: int = -1
    second_photo: int = -1
    """Ids of the two images to begin with; -1 = the mapper chooses."""


def map_incrementally(
    database: Path,
    image_folder: Path,
    output: Path,
    options: MappingOptions,
    tuning: MappingTuning,
    on_registered: Callable[[int], None],
    start: pycolmap.Reconstruction | None = None,
) -> list[pycolmap.Reconstruction]:
    """All models that the mapper finds, best first: most registered photos, then most points.

    With `start` that model is continued, and is the only one. `on_registered(photos)` is called after each photo of the
    model that grows at the time. No pair to begin with, or no matches at all, gives an empty list.
    """
    output.mkdir(parents=True, exist_ok=True)
    started = output / "start" if start is not None else None
    if start is not None and started is not None:
        started.mkdir()
        start.write_binary(started)
    registered = [0 if start is None else start.num_reg_images()]

    def begin() -> None:
        registered[0] = 2

    def grow() -> None:
        registered[0] += 1

    models = run_in_background(
        lambda token: pycolmap.incremental_mapping(
            database,
            image_folder,
            output,
            options=_pipeline_options(options, tuning),
            input_path=started or "",
            initial_image_pair_callback=begin,
            next_image_callback=grow,
            cancellation_token=token,
        ),
        lambda: on_registered(registered[0]),
    )
    return best_first(models.values())


def best_first(models: Iterable[pycolmap.Reconstruction]) -> list[pycolmap.Reconstruction]:
    """Most registered photos first, then most points; COLMAP has them as found. Models without points are skipped."""
    worthy = [model for model in models if model.num_points3D() > 0]
    return sorted(worthy, key=lambda model: (model.num_reg_images(), model.num_points3D()), reverse=True)


def views_are_parallel(model: pycolmap.Reconstruction, limit_degrees: float) -> bool:
    """Whether the photos look in one direction (RMS angle to their mean below the limit)."""
    directions = np.array([model.image(image_id).viewing_direction() for image_id in model.reg_image_ids()])
    mean = directions.mean(axis=0)
    cosines = directions @ (mean / np.linalg.norm(mean))
    return bool(np.sqrt(np.mean(np.arccos(np.clip(cosines, -1, 1)) ** 2)) < np.radians(limit_degrees))


def refine_cameras(
    model: pycolmap.Reconstruction, tuning: MappingTuning, threads: int, held: Collection[int] = ()
) -> None:
    """One last bundle adjustment of a model with diverse views, cameras with enough photos as OPENCV (k1, k2, p1, p2).

    Only for diverse views: parallel ones would turn the freedom into a bent ground. Cameras of the ids `held` stay.
    """
    images_of: dict[int, int] = {}
    for image_id in model.reg_image_ids():
        camera_id = model.image(image_id).camera_id
        images_of[camera_id] = images_of.get(camera_id, 0) + 1
    for camera_id, images in images_of.items():
        camera = model.camera(camera_id)
        if images >= tuning.min_images_for_opencv and camera.model == pycolmap.CameraModelId.SIMPLE_RADIAL:
            focal, cx, cy, k = camera.params
            camera.model = pycolmap.CameraModelId.OPENCV
            camera.params = [focal, focal, cx, cy, k, 0.0, 0.0, 0.0]
    options = pycolmap.BundleAdjustmentOptions()
    options.print_summary = False
    options.ceres.solver_options.num_threads = threads
    options.ceres.solver_options.function_tolerance = tuning.ba_function_tolerance
    if held:
        config = pycolmap.BundleAdjustmentConfig()
        for image_id in model.reg_image_ids():
            config.add_image(image_id)
        for camera_id in held:
            config.set_constant_cam_intrinsics(camera_id)
        config.fix_gauge(pycolmap.BundleAdjustmentGauge.TWO_CAMS_FROM_WORLD)
        run_in_background(lambda token: pycolmap.create_default_bundle_adjuster(options, config, model).solve())
    else:
        run_in_background(lambda token: pycolmap.bundle_adjustment(model, options, cancellation_token=token))
    model.update_point_3d_errors()


def _pipeline_options(options: MappingOptions, tuning: MappingTuning) -> pycolmap.IncrementalPipelineOptions:
    pipeline = pycolmap.IncrementalPipelineOptions()
    pipeline.num_threads = options.threads
    pipeline.random_seed = options.seed
    pipeline.max_runtime_seconds = options.max_seconds
    pipeline.extract_colors = False  # the photos for features are grey; colours come from those for training
    pipeline.use_prior_position = options.use_position_priors
    pipeline.use_robust_loss_on_prior_position = True
    pipeline.constant_cameras = set(options.held_cameras)
    pipeline.ba_refine_focal_length = options.refine_focal_length
    pipeline.ba_local_function_tolerance = tuning.ba_function_tolerance
    pipeline.ba_global_function_tolerance = tuning.ba_function_tolerance
    pipeline.ba_local_max_refinements = tuning.ba_max_refinements
    pipeline.ba_global_max_refinements = tuning.ba_max_refinements
    pipeline.ba_global_frames_ratio = tuning.ba_growth_ratio
    pipeline.ba_global_points_ratio = tuning.ba_growth_ratio
    mapper, triangulation = pipeline.mapper, pipeline.triangulation
    mapper.abs_pose_refine_focal_length = options.refine_focal_length
    if options.first_photo >= 0:
        pipeline.init_image_id1, pipeline.init_image_id2 = options.first_photo, options.second_photo
        # Else the mapper begins with this pair again for as long as what grows from it is small.
        pipeline.multiple_models, pipeline.init_num_trials = False, 1
    mapper.init_max_error *= options.pixel_scale
    mapper.abs_pose_max_error *= options.pixel_scale
    mapper.filter_max_reproj_error *= options.pixel_scale
    triangulation.merge_max_reproj_error *= options.pixel_scale
    triangulation.complete_max_reproj_error *= options.pixel_scale
    triangulation.ignore_two_view_tracks = not options.two_view_tracks
    if options.relaxed:
        mapper.init_min_num_inliers = tuning.relaxed_init_inliers
        mapper.init_min_tri_angle = tuning.relaxed_init_angle_degrees
        mapper.abs_pose_min_num_inliers = tuning.relaxed_pose_inliers
        mapper.abs_pose_min_inlier_ratio = tuning.relaxed_pose_inlier_ratio
    return pipeline
