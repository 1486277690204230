"""How far a delivered scene is from the truth: one definition of the measures, for tests and benchmarks."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
import pycolmap
from numpy.typing import NDArray
from spaceport_sfm.model_quality import MIN_VIEWS, angles_between, mean_rotation, registered_images

from .job import Job, Result
from .photo_files import gps_of
from .place import Place

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TrueCamera:
    """A photo's camera. `rotation`: camera (x right, y down) from metres east, north, up; `center`: in these.

    `focal`: focal length over the long side; `site`: photos of different sites have nothing to do with each other.
    """

    center: Floats
    rotation: Floats
    focal: float
    site: str = ""


@dataclass(frozen=True)
class Deviations:
    """Each is 0 where the scene is true; None where the set cannot tell it. Also the limits that tests set to them."""

    missing_share: float = 0.0
    """Part of the photos without a place in the model, or, of several sites, of those of the site that has most."""
    other_sites: float = 0.0
    """Photos in the model of another site than most."""
    position_share: float = 0.002
    """RMS distance of cameras over the diagonal of their box, after alignment."""
    rotation_degrees: float = 0.3
    """The largest of a camera, after alignment."""
    flatness: float | None = 0.005
    """Height within which nine of ten points lie off the ground, over the diagonal of the box of the points."""
    focal_share: float | None = 0.005
    """The largest of a camera."""
    up_degrees: float | None = 0.5
    """Tilt of the scene's up axis."""
    place_m: float | None = None
    """RMS distance of the cameras from their places on Earth."""
    check_m: float | None = None
    """The larger one of CE90 and LE90 of the check points."""

    def beyond(self, limits: "Deviations") -> dict[str, tuple[float | None, float]]:
        """What is larger than its limit, or missing: found and allowed. Without a limit anything is allowed."""
        found = {field.name: (getattr(self, field.name), getattr(limits, field.name)) for field in fields(self)}
        return {
            name: (value, limit)
            for name, (value, limit) in found.items()
            if limit is not None and (value is None or not value <= limit)
        }


def deviations(job: Job, result: Result, truth: Mapping[str, TrueCamera], ground: Place, upright: Floats) -> Deviations:
    """Of a finished job. `truth`: by the photos' names; `upright`: float64[3, 3], from metres to those of `ground`.

    Scene and truth are aligned by the mean rotation of the cameras, which is sure on one straight line too, and by
    scale and shift of their centres.
    """
    model = pycolmap.Reconstruction(job.output / "sparse" / "0")
    images = registered_images(model)
    names = sorted(images)
    sites = [truth[name].site for name in names]
    site = max(sorted(set(sites)), key=sites.count)
    of_site = [name for name, camera in truth.items() if camera.site == site]
    rotations = np.array([images[name].cam_from_world().rotation.matrix() for name in names])
    centers = np.array([images[name].projection_center() for name in names])
    true_rotations = np.array([truth[name].rotation for name in names])
    true_centers = np.array([truth[name].center for name in names])
    turns = np.swapaxes(true_rotations, 1, 2) @ rotations
    turn = mean_rotation(turns)
    turned = centers @ turn.T
    spread, true_spread = turned - turned.mean(axis=0), true_centers - true_centers.mean(axis=0)
    scale = float((spread * true_spread).sum() / (spread**2).sum())
    errors = np.linalg.norm(scale * spread - true_spread, axis=1)
    points = np.array([point.xyz for point in model.points3D.values() if point.track.length() >= MIN_VIEWS])
    points = scale * (points @ turn.T - turned.mean(axis=0)) + true_centers.mean(axis=0)
    on_ground = points @ upright.T
    heights = on_ground[:, 2] - ground.height(on_ground[:, 0], on_ground[:, 1])
    low, high = np.percentile(points, [5, 95], axis=0)
    focal = [
        model.camera(images[name].camera_id).mean_focal_length()
        / max(model.camera(images[name].camera_id).width, model.camera(images[name].camera_id).height)
        / truth[name].focal
        for name in names
    ]
    check = (result.metrics["accuracy"] or {}).get("check")
    return Deviations(
        missing_share=1 - sites.count(site) / len(of_site),
        other_sites=len(sites) - sites.count(site),
        position_share=float(np.sqrt(np.mean(errors**2)) / np.linalg.norm(np.ptp(true_centers, axis=0))),
        rotation_degrees=float(angles_between(turns, turn).max()),
        flatness=float(np.percentile(np.abs(heights - np.median(heights)), 90) / np.linalg.norm(high - low)),
        focal_share=float(np.abs(np.array(focal) - 1).max()),
        up_degrees=float(np.degrees(np.arccos(np.clip(turn[2] @ [0, -1, 0], -1, 1)))),
        place_m=_place_error_m(job, centers, true_centers),
        check_m=None if check is None else max(check["ce90M"], check["le90M"]),
    )


def _place_error_m(job: Job, centers: Floats, true_centers: Floats) -> float | None:
    """None where the scene is not on the map."""
    georeference = job.output / "georeference.json"
    if not georeference.exists():
        return None
    origin = json.loads(georeference.read_text("utf-8"))["origin"]
    middle = np.array([[origin["latitude"], origin["longitude"], origin["altitude"]]])
    to_enu = pycolmap.GPSTransform(pycolmap.GPSTransformEllipsoid.WGS84).ellipsoid_to_enu
    here = to_enu(middle, *gps_of(np.zeros(3)))[0]
    east, down, north = centers.T
    places = here + np.stack([east, north, -down], axis=1)
    return float(np.sqrt(np.mean(np.sum((places - true_centers) ** 2, axis=1))))
