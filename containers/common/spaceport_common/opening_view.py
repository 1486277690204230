"""Where the result page's viewer stands when it opens.

Training chooses the first of `opening_poses` that shows enough of the model, and its report tells the others.

All in the export frame: x east, y down, z north.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

# Least share of the opening picture that a scene covers with an opacity over a half; docs/checks.md has the shares.
MIN_COVERED_PERCENT = 20
FIELD_OF_VIEW_DEG = 60.0  # along the longer side of the picture
MIN_TILT = 0.1  # mean tilt (sine) below which a flight looks straight down, but for a gimbal a few degrees off
RADII_AWAY = 1.5  # distance in radii of what was photographed: most is in sight (all at 1.73, with 60 degrees)
MIN_ELEVATION_DEG, MAX_ELEVATION_DEG = 30.0, 60.0
USUAL_STEP = 0.3  # between neighbouring photos, as a share of what one covers: 70 % overlap, as flights for mapping
GUESS_WEIGHT = 0.1  # of the distance guessed from it: above what a shaking gimbal says, below rays that really meet
GUESS_WITHOUT_NEIGHBOURS = 10.0
NEARER = (1.0, 0.6, 0.36)  # parts of the distance at which the oblique view is tried
MAX_PHOTOS = 4  # about so many places of photos are tried


@dataclass(frozen=True)
class PhotoCamera:
    """An entry of cameras.json. rotation: float64[3, 3], world to camera; position: float64[3]; lengths in pixels."""

    name: str
    width: float
    height: float
    fx: float
    fy: float
    rotation: Vector
    position: Vector
    held_out: bool

    @property
    def cover(self) -> float:
        """Share of its distance that the photo covers along the shorter side."""
        return min(self.width / self.fx, self.height / self.fy)


@dataclass(frozen=True)
class Pose:
    """Where to stand, and what to look at: float64[3] each."""

    position: Vector
    target: Vector

    @property
    def rotation(self) -> Vector:
        """float64[3, 3], world to camera, of an upright camera: x right, y down, z forward."""
        forward = (self.target - self.position) / np.linalg.norm(self.target - self.position)
        right = np.cross((0.0, 1.0, 0.0), forward)  # y is down
        if np.linalg.norm(right) < 1e-6:  # straight down or up
            right = np.array([1.0, 0.0, 0.0])
        right = right / np.linalg.norm(right)
        return np.stack([right, np.cross(forward, right), forward])


def focal_length(width: int, height: int) -> float:
    """Of the viewer's camera, in pixels of a picture of that size."""
    return max(width, height) / 2 / math.tan(math.radians(FIELD_OF_VIEW_DEG / 2))


def read_cameras(path: Path) -> list[PhotoCamera]:
    """The usable entries of a cameras.json; none where it is missing or damaged."""
    try:
        return usable_cameras(json.loads(path.read_bytes()))
    except (OSError, ValueError):
        return []


def usable_cameras(content: Any) -> list[PhotoCamera]:
    """The usable entries of what a cameras.json holds; whatever else is in it is left out."""
    cameras = [_camera(entry) for entry in content] if isinstance(content, list) else []
    return [camera for camera in cameras if camera is not None]


def opening_pose(cameras: list[PhotoCamera]) -> Pose:
    """An oblique view from above, from the side of the photos; without cameras, the viewer's default.

    It looks the way that tilted cameras look; north where all look straight down.
    """
    if not cameras:
        return Pose(np.array([0.0, -5.0, -10.0]), np.zeros(3))
    positions = np.array([camera.position for camera in cameras])
    covers = np.array([camera.cover for camera in cameras])
    forwards = np.array([camera.rotation[2] for camera in cameras])
    target = _scene_centre(positions, forwards, covers)
    distances = np.linalg.norm(positions - target, axis=1)
    height = _upper_median(distances)
    radius = float((np.linalg.norm(positions - positions.mean(axis=0), axis=1) + covers * height / 2).max())
    away = max(height, RADII_AWAY * radius)
    rises = np.clip((target[1] - positions[:, 1]) / np.where(distances > 0, distances, 1.0), -1, 1)
    elevation = np.radians(np.clip(_upper_median(np.degrees(np.arcsin(rises))), MIN_ELEVATION_DEG, MAX_ELEVATION_DEG))
    east, _, north = forwards.mean(axis=0)
    tilt = math.hypot(east, north)
    ahead = (east / tilt, north / tilt) if tilt > MIN_TILT else (0.0, 1.0)
    flat = away * math.cos(elevation)
    return Pose(target + np.array([-ahead[0] * flat, -away * math.sin(elevation), -ahead[1] * flat]), target)


def opening_poses(cameras: list[PhotoCamera]) -> Iterator[Pose]:
    """The oblique view, then nearer ones, then the places of photos: what a facade or a bridge's underside needs."""
    oblique = opening_pose(cameras)
    for part in NEARER:
        yield Pose(oblique.target + part * (oblique.position - oblique.target), oblique.target)
    positions = np.array([camera.position for camera in cameras])
    distance = float(np.median(np.linalg.norm(positions - oblique.target, axis=1)))
    from_middle = np.argsort(np.linalg.norm(positions - np.median(positions, axis=0), axis=1), kind="stable")
    for index in from_middle[:: max(1, len(cameras) // MAX_PHOTOS)]:
        camera = cameras[index]
        yield Pose(camera.position, camera.position + distance * camera.rotation[2])


def chosen_pose(report: Path) -> Pose | None:
    """The pose that training chose, from its report.json; None where there is none."""
    return _pose(report, "metrics")


def shown_pose(scene_file: Path) -> Pose | None:
    """The pose that pages open the scene with, from SfM's scene.json; None where there is none."""
    return _pose(scene_file)


def _pose(file: Path, *within: str) -> Pose | None:
    try:
        holder = json.loads(file.read_bytes())
        for name in within:
            holder = holder[name]
        view = holder["openingView"]
        pose = Pose(*(np.array(view[name], np.float64).reshape(3) for name in ("position", "target")))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return pose if np.isfinite([*pose.position, *pose.target]).all() else None


def _camera(entry: Any) -> PhotoCamera | None:
    try:
        camera = PhotoCamera(
            name=str(entry["name"]),
            width=float(entry["width"]),
            height=float(entry["height"]),
            fx=float(entry["fx"]),
            fy=float(entry["fy"]),
            rotation=np.array(entry["rotation"], np.float64).reshape(3, 3),
            position=np.array(entry["position"], np.float64).reshape(3),
            held_out=entry.get("heldOut") is True,
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    lengths = np.array([camera.width, camera.height, camera.fx, camera.fy])
    numbers = np.concatenate([lengths, camera.rotation.ravel(), camera.position])
    return camera if np.isfinite(numbers).all() and (lengths > 0).all() else None


def _scene_centre(positions: Vector, forwards: Vector, covers: Vector) -> Vector:
    """The point nearest to all viewing rays, each camera pulling it weakly to the distance of the usual overlap.

    Rays straight down are parallel and leave its depth open. Least squares, summed over the cameras:
    (I - f f' + w f f') x = (I - f f') p + w (f'p + guess) f.
    """
    guess = _usual_distance(positions, covers)
    outer = forwards[:, :, None] * forwards[:, None, :]
    along = (forwards * positions).sum(axis=1)
    left = (np.eye(3) - (1 - GUESS_WEIGHT) * outer).sum(axis=0)
    pulls = (GUESS_WEIGHT * (along + guess) - along)[:, None] * forwards
    return np.linalg.solve(left, (positions + pulls).sum(axis=0))


def _usual_distance(positions: Vector, covers: Vector) -> float:
    """Distance at which the step to the nearest other camera is the usual share of what a photo covers."""
    if len(positions) < 2:
        return GUESS_WITHOUT_NEIGHBOURS
    steps = np.empty(len(positions))
    for index, position in enumerate(positions):
        distances = np.linalg.norm(positions - position, axis=1)
        distances[index] = np.inf
        steps[index] = distances.min() / (USUAL_STEP * covers[index])
    guess = _upper_median(steps)
    return guess if guess > 0 else GUESS_WITHOUT_NEIGHBOURS


def _upper_median(values: Vector) -> float:
    return float(np.sort(values)[len(values) // 2])
