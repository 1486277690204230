"""`photos.json`: every photo that was handed over, with its place in the scene or why it has none."""

from typing import Annotated, Literal

from spaceport_common.report import Reported
from spaceport_common.settings import doc

Vector3 = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]


class PhotoPose(Reported):
    """Where a camera stood and how it was turned, in the export frame: x east, y down, z north."""

    position: Annotated[Vector3, doc("Its projection centre; metres where the scene is metric.")]
    rotation: Annotated[Quaternion, doc("Unit quaternion w, x, y, z from scene to camera (x right, y down, z ahead).")]


class PhotoGps(Reported):
    """A position as it was used, WGS84."""

    latitude: Annotated[float, doc("Degrees north.")]
    longitude: Annotated[float, doc("Degrees east.")]
    altitude: Annotated[float | None, doc("Metres, as the photo counts them; null where unknown.")]


class GpsResidual(Reported):
    """Place in the scene minus GPS position, metres."""

    east: Annotated[float, doc("To the east.")]
    north: Annotated[float, doc("To the north.")]
    up: Annotated[float | None, doc("Upwards; null where the altitude is unknown.")]


class SceneCamera(Reported):
    """A camera of the model, in pixels of the prepared photos."""

    id: Annotated[int, doc("As in the COLMAP model.")]
    model: Annotated[str, doc("COLMAP's name of the model of its lens.")]
    width: Annotated[int, doc("Of its prepared photos.")]
    height: Annotated[int, doc("Of its prepared photos.")]
    params: Annotated[list[float], doc("In the order of the model's parameters.")]


class ScenePhoto(Reported):
    """One file that was handed over. What does not apply to it is null."""

    name: Annotated[str, doc("Path below the photo folder.")]
    image: Annotated[str | None, doc("Its name in the model and in cameras.json; null where it was not used.")]
    thumbnail: Annotated[str | None, doc("Its small picture, beside this file.")]
    width: Annotated[int | None, doc("Of the photo, upright.")]
    height: Annotated[int | None, doc("Of the photo, upright.")]
    registered: Annotated[bool, doc("Whether it has a place in the scene.")]
    part: Annotated[int | None, doc("The model that it is in: 0 is the scene, others were found and not delivered.")]
    camera: Annotated[int | None, doc("`id` of its camera.")]
    pose: PhotoPose | None
    """Projection centre, and unit quaternion w, x, y, z from scene to camera (x right, y down, z ahead)."""
    exposure_value: Annotated[
        float | None, doc("EV at ISO 100, by EXIF's shutter, aperture and ISO: 1 less is twice the light.")
    ]
    gps: Annotated[PhotoGps | None, doc("Its position, used or not.")]
    gps_residual_m: Annotated[GpsResidual | None, doc("Place minus position, where the scene is laid on the map.")]
    reprojection_error_px: Annotated[float | None, doc("Mean over its observations, in its own pixels.")]
    observations: Annotated[int, doc("Places in it where points of the scene are seen.")]
    features: Annotated[int | None, doc("Features found in it.")]
    partners: Annotated[int | None, doc("Photos that share a verified geometry with it.")]
    why_not: Annotated[str | None, doc("Why it has no place in the scene, for people.")]


class PhotosFile(Reported):
    """Content of photos.json."""

    version: Annotated[Literal[1], doc("Version of this format.")]
    metric: Annotated[bool, doc("Whether a unit is a metre.")]
    cameras: Annotated[list[SceneCamera], doc("Cameras of the scene.")]
    photos: Annotated[list[ScenePhoto], doc("In counting order, those that were not used last.")]
