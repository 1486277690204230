"""Reads a COLMAP binary model (cameras.bin, images.bin, points3D.bin).

Format: COLMAP, src/colmap/scene/reconstruction_io_binary.cc; little-endian. Newer files of the folder (rigs.bin,
frames.bin) repeat what images.bin says for cameras that are not in a rig.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

# COLMAP's model ids, with the number of parameters (src/colmap/sensor/models.h).
CAMERA_MODELS: dict[int, tuple[str, int]] = {
    0: ("SIMPLE_PINHOLE", 3),
    1: ("PINHOLE", 4),
    2: ("SIMPLE_RADIAL", 4),
    3: ("RADIAL", 5),
    4: ("OPENCV", 8),
    5: ("OPENCV_FISHEYE", 8),
    6: ("FULL_OPENCV", 12),
}
NO_POINT = 2**64 - 1


class ModelFormatError(ValueError):
    """The folder holds no readable COLMAP model, or one with a camera model that is not supported."""


@dataclass(frozen=True)
class ModelCamera:
    """Intrinsics as stored."""

    model: str
    width: int
    height: int
    params: tuple[float, ...]


@dataclass(frozen=True)
class ModelImage:
    """A registered photo: world-to-camera pose and the rows of `points` that it observes."""

    name: str
    camera_id: int
    rotation: NDArray[np.float64]
    translation: NDArray[np.float64]
    observed: NDArray[np.int64]


@dataclass(frozen=True)
class SparseModel:
    """points: float64[N, 3]; colors: uint8[N, 3]; images sorted by name."""

    cameras: dict[int, ModelCamera]
    images: list[ModelImage]
    points: NDArray[np.float64]
    colors: NDArray[np.uint8]


def read_sparse_model(folder: Path) -> SparseModel:
    """Reads `folder`. Raises ModelFormatError."""
    try:
        cameras = _read_cameras((folder / "cameras.bin").read_bytes())
        ids, points, colors = _read_points((folder / "points3D.bin").read_bytes())
        images = _read_images((folder / "images.bin").read_bytes(), {id_: row for row, id_ in enumerate(ids)})
    except (OSError, struct.error, ValueError) as error:
        raise ModelFormatError(f"the sparse model in {folder} cannot be read: {error}") from error
    unknown = {image.camera_id for image in images} - cameras.keys()
    if unknown:
        raise ModelFormatError(f"photos refer to cameras that are not there: {sorted(unknown)}")
    return SparseModel(cameras, sorted(images, key=lambda image: image.name), points, colors)


def _read_cameras(data: bytes) -> dict[int, ModelCamera]:
    (count,) = struct.unpack_from("<Q", data)
    at, cameras = 8, {}
    for _ in range(count):
        camera_id, model_id, width, height = struct.unpack_from("<iiQQ", data, at)
        if model_id not in CAMERA_MODELS:
            raise ModelFormatError(f"the camera model number {model_id} is not supported")
        name, length = CAMERA_MODELS[model_id]
        params = struct.unpack_from(f"<{length}d", data, at + 24)
        cameras[camera_id] = ModelCamera(name, width, height, params)
        at += 24 + 8 * length
    return cameras


def _read_images(data: bytes, row_of_point: dict[int, int]) -> list[ModelImage]:
    (count,) = struct.unpack_from("<Q", data)
    at, images = 8, []
    for _ in range(count):
        _, qw, qx, qy, qz, tx, ty, tz, camera_id = struct.unpack_from("<i7di", data, at)
        at += 64
        end = data.index(b"\0", at)
        name = data[at:end].decode()
        (observations,) = struct.unpack_from("<Q", data, end + 1)
        at = end + 9
        if len(data) < at + 24 * observations:
            raise ValueError("images.bin is truncated")
        record = np.dtype([("xy", "<f8", 2), ("point", "<u8")])
        seen = np.frombuffer(data, record, observations, at)["point"]
        at += 24 * observations
        rows = np.array([row_of_point[int(p)] for p in seen if p != NO_POINT and int(p) in row_of_point], np.int64)
        rotation = Rotation.from_quat([qw, qx, qy, qz], scalar_first=True).as_matrix()
        images.append(ModelImage(name, camera_id, rotation, np.array([tx, ty, tz]), rows))
    return images


def _read_points(data: bytes) -> tuple[list[int], NDArray[np.float64], NDArray[np.uint8]]:
    (count,) = struct.unpack_from("<Q", data)
    at = 8
    ids, points, colors = [], np.empty((count, 3)), np.empty((count, 3), np.uint8)
    for row in range(count):
        point_id, x, y, z, r, g, b, _, track = struct.unpack_from("<Q3d3BdQ", data, at)
        ids.append(point_id)
        points[row] = x, y, z
        colors[row] = r, g, b
        at += 51 + 8 * track
    if at > len(data):
        raise ValueError("points3D.bin is truncated")
    return ids, points, colors
