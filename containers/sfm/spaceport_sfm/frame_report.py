"""Frame and positions in numbers and words, for report.json."""

import math
from collections.abc import Sequence
from statistics import median

from spaceport_common.failures import model_bent

from .export_frame import Frame
from .photo_preparation import PreparedPhoto
from .positions import PositionFacts
from .report import FrameMetrics, GroundMetrics, PositionMetrics
from .scene_file import SceneFile

LOOKS_DOWN_SHARE = 0.9
# Errors of heights that a person is told of; about twice as much, and the pipeline asks (contracts/stages/sfm.ts).
MIN_HEIGHT_ERROR_M = 3.0
MAX_HEIGHT_ERROR_SHARE = 0.1
MAX_MOVED_M = 200.0  # receivers without corrections are good to 10 m, other datums to 200 m


def position_metrics(facts: PositionFacts) -> PositionMetrics:
    """Counts of the positions."""
    return PositionMetrics(
        photos=facts.known,
        places=facts.places,
        outliers=facts.outliers,
        moved_m=_rounded_or_none(facts.moved_m),
        unlike_altitudes=facts.unlike_altitudes,
    )


def frame_metrics(facts: PositionFacts, frame: Frame, photos: Sequence[PreparedPhoto]) -> FrameMetrics:
    """The frame's numbers, rounded to five digits."""
    gps, numbers = frame.gps, frame.numbers
    takeoff = [photo.metadata.height_above_takeoff_m for photo in photos]
    heights = [height for height in takeoff if height is not None and height > 0]
    compared = gps is not None and numbers.ground_below_share >= LOOKS_DOWN_SHARE and len(heights) > len(photos) / 2
    return FrameMetrics(
        code="NOT_GEOREFERENCED" if _warned(facts, frame) else None,
        reason=frame.problem,
        aligned_by=None if gps is None else gps.method,
        aligned_photos=0 if gps is None or gps.method == "ground control" else int(gps.fit.inliers.sum()),
        residual_rms_m=None if gps is None else _rounded(gps.fit.residual_rms),
        spread_m=None if gps is None else _rounded(gps.spread_m),
        camera_distance=_rounded(numbers.camera_distance),
        camera_height=_rounded(numbers.camera_height),
        camera_spacing=_rounded(numbers.camera_spacing),
        takeoff_height_ratio=_rounded(numbers.camera_height / median(heights)) if compared else None,
        up_vs_gimbals_degrees=_rounded_or_none(numbers.up_vs_gimbals_degrees),
        roll_degrees=_rounded_or_none(numbers.roll_degrees),
        ground_below_share=_rounded(numbers.ground_below_share),
        height_error_m=None if frame.heights is None else _rounded(frame.heights.significant),
    )


def ground_metrics(scene: SceneFile | None) -> GroundMetrics | None:
    """The part of scene.json that pages tell."""
    if scene is None or scene.coverage is None:
        return None
    return GroundMetrics(
        sampling_distance_m=scene.ground_sampling_distance,
        photos_median=scene.coverage.median,
        photos_max=scene.coverage.max,
        cell_size=scene.coverage.cell_size,
    )


def frame_warnings(facts: PositionFacts, frame: Frame) -> list[str]:
    """Sentences for the person who sent the photos."""
    warnings = [f"The scene is not georeferenced: {frame.problem}."] if _warned(facts, frame) else []
    error = 0.0 if frame.heights is None else frame.heights.significant
    distance = frame.numbers.camera_distance
    if facts.moved_m is not None and facts.moved_m > MAX_MOVED_M:
        warnings.append(
            f"The positions in the file beside the photos are {facts.moved_m:,.0f} m from the photos' own: check its"
            " projection, and the order of its coordinates."
        )
    if error > max(MIN_HEIGHT_ERROR_M, MAX_HEIGHT_ERROR_SHARE * distance):
        warnings.append(f"The {model_bent(error=round(error), distance=round(distance))}.")
    return warnings


def _warned(facts: PositionFacts, frame: Frame) -> bool:
    """Photos without any position are nothing to warn of."""
    return frame.problem is not None and facts.known > 0


def _rounded(value: float) -> float:
    return float(f"{value:.5g}") if math.isfinite(value) else 0.0


def _rounded_or_none(value: float | None) -> float | None:
    return None if value is None else _rounded(value)
