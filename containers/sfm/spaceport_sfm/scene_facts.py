"""What is known of a scene at the end of a run, for scene.json."""

from collections import Counter
from collections.abc import Mapping
from typing import Literal

import numpy as np
import pycolmap
from numpy.typing import NDArray
from spaceport_common.opening_view import FIELD_OF_VIEW_DEG

from .export_frame import EXPORT_FROM_ENU, GpsAlignment
from .model_quality import MIN_VIEWS
from .photo_facts import Placement, vector
from .photo_metadata import PhotoMetadata
from .photo_preparation import PreparedPhoto
from .scene_file import (
    Row4,
    SceneBox,
    SceneCaptured,
    SceneCounts,
    SceneCoverage,
    SceneFile,
    SceneOrigin,
    SceneScale,
    SceneView,
)
from .subject import box_of, whole_view

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

MAX_ATTRIBUTIONS = 5
MIN_SUBJECT_POINTS = 20  # with fewer, all points are the subject


def visibility(model: pycolmap.Reconstruction) -> tuple[Floats, Ints, Ints]:
    """All points, float64[N, 3], and which photo sees which, int64[M] twice: index of a point, id of an image."""
    points = list(model.points3D.values())
    tracks = [np.unique([element.image_id for element in point.track.elements]) for point in points]
    seen_point = np.repeat(np.arange(len(points)), [len(track) for track in tracks])
    seen_by = np.concatenate([*tracks, np.zeros(0, np.int64)]).astype(np.int64)
    return np.array([point.xyz for point in points]).reshape(-1, 3), seen_point, seen_by


def scene_file(
    placement: Placement,
    photos: Mapping[str, PreparedPhoto],
    points: Floats,
    views_of_point: Ints,
    coverage: SceneCoverage | None,
) -> SceneFile:
    """`points`: float64[N, 3] of the export frame, N > 0; `views_of_point`: int64[N], photos that see each.

    `photos` by image name.
    """
    model, frame, earth = placement.model, placement.frame, placement.georeference
    images = [model.image(image_id) for image_id in model.reg_image_ids()]
    well_seen = points[views_of_point >= MIN_VIEWS]
    subject = box_of(well_seen if len(well_seen) >= MIN_SUBJECT_POINTS else points, 5, 95)
    view = whole_view(subject, np.array([image.projection_center() for image in images]))
    metric = frame.gps is not None
    focal_lengths = [
        model.camera(image.camera_id).mean_focal_length()
        * max(photos[image.name].original_size)
        / max(photos[image.name].training_size)
        for image in images
    ]
    return SceneFile(
        version=1,
        axes="x east, y down, z north",
        metric=metric,
        scale=SceneScale(
            source=_scale_source(frame.gps),
            relative_sigma=None if frame.gps is None else _relative_sigma(frame.gps),
        ),
        enu_from_scene=_enu_from_scene() if metric else None,
        origin=None if earth is None else SceneOrigin(datum="WGS84", **earth["origin"]),
        bounds=_box(box_of(points, 1, 99)),
        subject=_box(subject),
        opening_view=SceneView(
            position=vector(view.position), target=vector(view.target), field_of_view_deg=FIELD_OF_VIEW_DEG
        ),
        flight_height=float(f"{frame.numbers.camera_height:.5g}") if metric else None,
        ground_sampling_distance=(
            float(f"{frame.numbers.camera_distance / float(np.median(focal_lengths)):.4g}") if metric else None
        ),
        counts=SceneCounts(photos=len(images), points=len(points)),
        captured=_captured([photos[image.name].metadata for image in images]),
        attribution=_attribution([photos[image.name].metadata for image in images]),
        coverage=coverage,
    )


def _captured(photos: list[PhotoMetadata]) -> SceneCaptured | None:
    times = [photo.captured for photo in photos if photo.captured is not None]
    return SceneCaptured(first=min(times), last=max(times)) if times else None


def _attribution(photos: list[PhotoMetadata]) -> list[str]:
    names = Counter(photo.attribution for photo in photos if photo.attribution is not None)
    return [name for name, _ in names.most_common(MAX_ATTRIBUTIONS)]


def _scale_source(gps: GpsAlignment | None) -> Literal["gps", "ground control", "none"]:
    if gps is None:
        return "none"
    return "ground control" if gps.method == "ground control" else "gps"


def _relative_sigma(gps: GpsAlignment) -> float | None:
    """Of the least squares scale: noise of one coordinate over the root of the summed squared distances."""
    axes = 2 if gps.method == "position and up axis" else 3
    lever = gps.spread_m * np.sqrt(gps.fit.inliers.sum())
    return float(f"{gps.fit.residual_rms / np.sqrt(axes) / lever:.3g}") if lever > 0 else None


def _enu_from_scene() -> tuple[Row4, Row4, Row4, Row4]:
    """The scene's origin is that of its map: only the axes change their names."""
    matrix = np.eye(4)
    matrix[:3, :3] = EXPORT_FROM_ENU.T
    rows: list[Row4] = [(float(a), float(b), float(c), float(d)) for a, b, c, d in matrix + 0.0]
    return rows[0], rows[1], rows[2], rows[3]


def _box(box: tuple[Floats, Floats]) -> SceneBox:
    return SceneBox(min=vector(box[0]), max=vector(box[1]))
