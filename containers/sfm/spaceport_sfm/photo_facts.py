"""What is known of each photo at the end of a run, for photos.json."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pycolmap
from numpy.typing import NDArray

from .export_frame import Frame
from .ground_control import ControlledModel
from .model_quality import registered_images
from .photo_preparation import PreparedPhoto, RejectedPhoto
from .photos_file import GpsResidual, PhotoGps, PhotoPose, PhotosFile, SceneCamera, ScenePhoto, Vector3
from .positions import PositionFacts, Positions, wgs84
from .report import UnregisteredPhoto
from .thumbnails import thumbnail_name
from .verdict import why_unregistered

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Placement:
    """The delivered model, in the export frame, and what was measured on it. The maps are by image name."""

    model: pycolmap.Reconstruction
    frame: Frame
    errors_px: Mapping[str, Floats] = field(default_factory=dict)
    """float64[observations] of each photo, in pixels of the original."""
    residuals_m: Mapping[str, Floats] = field(default_factory=dict)
    """float64[3], east, north, up."""
    control: ControlledModel | None = None
    """None without ground control that could be used."""
    control_failure: str | None = None
    """Why it could not be, for people."""
    georeference: Mapping[str, Any] | None = None
    """Content of georeference.json."""


@dataclass(frozen=True)
class Connections:
    """Features and verified partners of the photos, by image name, and the photos of each model, the scene's first."""

    features: Mapping[str, int]
    partners: Mapping[str, int]
    parts: Sequence[frozenset[str]]
    findings: Mapping[str, str] = field(default_factory=dict)
    """What is wrong with a photo by itself, in words, by image name."""

    def part_of(self, image_name: str) -> int | None:
        """The first model with the photo in it."""
        return next((index for index, names in enumerate(self.parts) if image_name in names), None)


def gps_residuals(
    model: pycolmap.Reconstruction, photos: Sequence[PreparedPhoto], positions: Positions | None, frame: Frame
) -> dict[str, Floats]:
    """Place minus position of the photos of a georeferenced model, float64[3] in metres east, north, up.

    NaN where an altitude is unknown; none of positions that may be mirrored. `model` is still in the coordinates of
    mapping, `positions` in the photos' order.
    """
    if frame.gps is None or positions is None or not positions.signed:
        return {}
    images = registered_images(model)
    return {
        photo.image_name: frame.to_enu(images[photo.image_name].projection_center()) - enu
        for photo, enu in zip(photos, positions.enu, strict=True)
        if photo.image_name in images and np.isfinite(enu[0])
    }


def unregistered_photos(
    prepared: Sequence[PreparedPhoto], undecodable: Sequence[RejectedPhoto], connections: Connections
) -> list[UnregisteredPhoto]:
    """The photos without a place in the scene, and why; unreadable ones first."""
    rejected = [UnregisteredPhoto(name=photo.name, reason=photo.reason) for photo in undecodable]
    return rejected + [
        UnregisteredPhoto(
            name=photo.name,
            reason=_why_not(photo.image_name, connections),
            features=connections.features.get(photo.image_name, 0),
            partners=connections.partners.get(photo.image_name, 0),
            thumbnail=thumbnail_name(photo.image_name),
        )
        for photo in prepared
        if connections.part_of(photo.image_name) != 0
    ]


def photos_file(
    prepared: Sequence[PreparedPhoto],
    unused: Sequence[RejectedPhoto],
    connections: Connections,
    facts: PositionFacts | None,
    placement: Placement | None,
) -> PhotosFile:
    """Everything known of every photo; `facts` in the order of `prepared`, None where the run did not come to them.

    `unused`: photos that were unreadable or left out.
    """
    positions = None if facts is None else facts.positions
    model = None if placement is None else placement.model
    images = {} if model is None else registered_images(model)
    cameras = {} if model is None else {image.camera_id: model.camera(image.camera_id) for image in images.values()}
    return PhotosFile(
        version=1,
        metric=placement is not None and placement.frame.gps is not None,
        cameras=[_camera(id_, camera) for id_, camera in sorted(cameras.items())],
        photos=[
            _photo(photo, _gps(photo, positions, index), images.get(photo.image_name), connections, placement)
            for index, photo in enumerate(prepared)
        ]
        + [_unused(photo) for photo in unused],
    )


def _photo(
    photo: PreparedPhoto,
    gps: PhotoGps | None,
    image: pycolmap.Image | None,
    connections: Connections,
    placement: Placement | None,
) -> ScenePhoto:
    name = photo.image_name
    errors = None if placement is None else placement.errors_px.get(name)
    residual = None if placement is None else placement.residuals_m.get(name)
    return ScenePhoto(
        name=photo.name,
        image=name,
        thumbnail=thumbnail_name(name),
        width=photo.original_size[0],
        height=photo.original_size[1],
        registered=image is not None,
        part=connections.part_of(name),
        camera=None if image is None else image.camera_id,
        pose=None if image is None else _pose(image),
        exposure_value=None if photo.metadata.exposure_value is None else round(photo.metadata.exposure_value, 3),
        gps=gps,
        gps_residual_m=None if residual is None else _residual(residual),
        reprojection_error_px=None if errors is None else round(float(errors.mean()), 4),
        observations=0 if errors is None else len(errors),
        features=connections.features.get(name, 0),
        partners=connections.partners.get(name, 0),
        why_not=None if image is not None else _why_not(name, connections),
    )


def _unused(photo: RejectedPhoto) -> ScenePhoto:
    return ScenePhoto(
        name=photo.name,
        image=None,
        thumbnail=None,
        width=None,
        height=None,
        registered=False,
        part=None,
        camera=None,
        pose=None,
        exposure_value=None,
        gps=None,
        gps_residual_m=None,
        reprojection_error_px=None,
        observations=0,
        features=None,
        partners=None,
        why_not=photo.reason,
    )


def _why_not(image_name: str, connections: Connections) -> str:
    part = connections.part_of(image_name)
    why = why_unregistered(
        connections.features.get(image_name, 0),
        connections.partners.get(image_name, 0),
        part_size=0 if part is None else len(connections.parts[part]),
    )
    return "; ".join([connections.findings[image_name], why]) if image_name in connections.findings else why


def _camera(camera_id: int, camera: pycolmap.Camera) -> SceneCamera:
    return SceneCamera(
        id=camera_id,
        model=camera.model.name,
        width=camera.width,
        height=camera.height,
        params=[float(f"{value:.9g}") for value in camera.params],
    )


def _pose(image: pycolmap.Image) -> PhotoPose:
    x, y, z, w = (round(float(value), 9) for value in image.cam_from_world().rotation.quat)
    return PhotoPose(position=vector(image.projection_center()), rotation=(w, x, y, z))


def _gps(photo: PreparedPhoto, positions: Positions | None, index: int) -> PhotoGps | None:
    """The position that the run used; else what the photo says."""
    if positions is None or not np.isfinite(positions.enu[index, 0]):
        fix = photo.metadata.gps or photo.metadata.xmp_gps
        return None if fix is None else PhotoGps(latitude=fix.latitude, longitude=fix.longitude, altitude=fix.altitude)
    enu, origin = positions.enu[index], positions.origin
    latitude, longitude, altitude = wgs84().enu_to_ellipsoid(
        cast(Any, np.nan_to_num(enu).reshape(1, 3)), origin.latitude, origin.longitude, origin.altitude
    )[0]
    known = bool(np.isfinite(enu[2]))
    return PhotoGps(
        latitude=round(float(latitude), 9),
        longitude=round(float(longitude), 9),
        altitude=round(float(altitude), 4) if known else None,
    )


def _residual(residual: Floats) -> GpsResidual:
    east, north, up = (round(float(value), 4) if np.isfinite(value) else None for value in residual)
    return GpsResidual(east=east or 0.0, north=north or 0.0, up=up)


def vector(values: Floats) -> Vector3:
    """float64[3] for JSON, to seven digits and no less than a hundredth of a millimetre."""
    x, y, z = (round(float(value), 5) for value in values)
    return x, y, z
