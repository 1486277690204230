"""A flat place on Earth with four marks, flown over by four photos, and where the marks lie by PROJ's own pipeline."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyproj
from spaceport_common.sog.gaussians import Gaussians

HALF_SIDE_M = 16.0
STEP_M = 0.4
FLAT = -7.0  # logarithm of a half axis: 1 mm
GROUND_UP_M = -3.0
MARKS = np.array([[-12.0, -12.0], [12.0, -12.0], [12.0, 12.0], [-12.0, 12.0]])  # metres east, north
CAMERA_UP_M = 37.0
ALTITUDE_M = 120.0
RED = np.array([1.0, 0.0, 0.0])


def marked_place() -> Gaussians:
    """Grey opaque ground of flat Gaussians, x east, y down, z north, with a red mark on each of MARKS."""
    side = np.arange(-HALF_SIDE_M, HALF_SIDE_M + STEP_M / 2, STEP_M)
    east, north = (axis.ravel() for axis in np.meshgrid(side, side))
    ground = np.stack([east, np.full_like(east, -GROUND_UP_M), north], axis=1)
    marks = np.column_stack([MARKS[:, 0], np.full(4, -GROUND_UP_M - 0.05), MARKS[:, 1]])
    count = len(ground) + len(marks)
    color = np.full((count, 3), 0.4)
    color[len(ground) :] = RED
    scales = np.full((count, 3), np.log(STEP_M * 0.6))
    scales[len(ground) :] = np.log(0.3)
    scales[:, 1] = FLAT
    return Gaussians(
        positions=np.concatenate([ground, marks]).astype(np.float32),
        rotations=np.tile(np.array([1, 0, 0, 0], np.float32), (count, 1)),
        scales=scales.astype(np.float32),
        opacities=np.full(count, 6, np.float32),
        colors=((color - 0.5) / 0.28209479177387814).astype(np.float32),
        sh=np.empty((count, 0), np.float32),
    )


def write_place(config: Path, latitude: float, longitude: float, attribution: Sequence[str] = ()) -> None:
    """What the pipeline lays beside the settings of a georeferenced scene."""
    config.mkdir(parents=True, exist_ok=True)
    scene = {
        "origin": {"datum": "WGS84", "latitude": latitude, "longitude": longitude, "altitude": ALTITUDE_M},
        "enuFromScene": [[1, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]],
        "bounds": {"min": [-14, 2, -14], "max": [14, 4, 14]},
        "attribution": list(attribution),
    }
    accuracy = {"gps": {"count": 18, "ce90M": 0.75, "le90M": 1.5}, "control": None, "check": None}
    report = {"options": {"geoidOffsetM": 47.3}, "metrics": {"accuracy": accuracy}}
    (config / "scene.json").write_text(json.dumps(scene))
    (config / "sfm-report.json").write_text(json.dumps(report))


def write_nadir_cameras(path: Path) -> None:
    """cameras.json of four photos straight down, which together see what lies within 14 m of the middle."""
    entries = [
        {
            "name": f"{index}.jpg",
            "width": 800,
            "height": 600,
            "fx": 800,
            "fy": 800,
            "rotation": [[1, 0, 0], [0, 0, -1], [0, 1, 0]],
            "position": [x, -CAMERA_UP_M, z],
            "heldOut": False,
        }
        for index, (x, z) in enumerate([(-3, -2), (3, -2), (3, 2), (-3, 2)])
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(entries))


def on_map(enu: np.ndarray, latitude: float, longitude: float, zone: int, south: bool = False) -> np.ndarray:
    """float64[N, 3], UTM east, north, and height above the ellipsoid, of metres east, north, up of a place."""
    pipeline = pyproj.Transformer.from_pipeline(
        f"+proj=pipeline +step +inv +proj=topocentric +ellps=WGS84 +lat_0={latitude} +lon_0={longitude}"
        f" +h_0={ALTITUDE_M} +step +inv +proj=cart +ellps=WGS84"
        f" +step +proj=utm +zone={zone} +ellps=WGS84 {'+south' if south else ''}"
    )
    return np.stack(pipeline.transform(*enu.T), axis=1)
