"""`pointcloud.laz`: points where the photos' pixels meet the scene, on a map, with their colours."""

import io
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from spaceport_common.opening_view import PhotoCamera

from ..drawing.draw import draw_depth, photo_view
from .map_projection import MapProjection
from .photographed import photographed_box
from .pictures_from_above import Site
from .place import Floats

MAX_PHOTOS = 96  # evenly over all: each costs a picture of the whole model
MAX_POINTS = 4_000_000
LARGEST_LONG_SIDE, SMALLEST_LONG_SIDE = 640, 64  # pixels of a photo that become points
MIN_OPACITY = 0.75
AGREEING_PHOTOS = 2
CELL_DEPTHS = 0.02  # of a photo's median depth: so near to each other two photos mean the same place
MAX_CELLS = 1 << 20  # along an axis
SCALE_M = 0.001
LAS_VERSION, POINT_FORMAT = "1.4", 7  # with colours


@dataclass(frozen=True)
class PointCloud:
    """A LAZ file, and how many points it has."""

    data: bytes
    points: int


@dataclass(frozen=True)
class Points:
    """positions: float64[N, 3], in the scene. colors: uint8[N, 3]. photo: int32[N], which one saw it."""

    positions: Floats
    colors: NDArray[np.uint8]
    photo: NDArray[np.int32]


class NoPointsError(ValueError):
    """No two photos agree on any place; the text is for a person."""


def point_cloud(site: Site, projection: MapProjection) -> PointCloud:
    """One point for each pixel of pictures of the photos' size or smaller, at the median depth that is drawn there.

    Floaters are left out: places on which fewer than AGREEING_PHOTOS photos agree. Raises NoPointsError.
    """
    count = min(len(site.cameras), MAX_PHOTOS)
    chosen = [
        site.cameras[index] for index in np.unique(np.linspace(0, len(site.cameras) - 1, count).round().astype(int))
    ]
    long_side = _long_side(chosen)
    seen = [_points_of(site, camera, index, long_side) for index, camera in enumerate(chosen)]
    depths = [depth for _, depth in seen if np.isfinite(depth)]
    points = _joined([points for points, _ in seen])
    if depths:
        points = _agreed(points, CELL_DEPTHS * float(np.median(depths)))
    enu = site.place.enu(points.positions)
    low, high = photographed_box(site.place)
    inside = ((enu[:, :2] >= low) & (enu[:, :2] <= high)).all(axis=1)
    if not inside.any():
        raise NoPointsError("no two photos agree on any place of the model")
    return PointCloud(_laz(projection.coordinates(enu[inside]), points.colors[inside], projection), int(inside.sum()))


def _long_side(cameras: list[PhotoCamera]) -> int:
    """Of the pictures, in pixels, so that all together have MAX_POINTS at most."""
    shape = float(np.mean([min(c.width, c.height) / max(c.width, c.height) for c in cameras]))
    wanted = int(np.sqrt(MAX_POINTS / len(cameras) / shape))
    largest = int(min(LARGEST_LONG_SIDE, *(max(camera.width, camera.height) for camera in cameras)))
    return max(SMALLEST_LONG_SIDE, min(wanted, largest))


def _points_of(site: Site, camera: PhotoCamera, index: int, long_side: int) -> tuple[Points, float]:
    """What one photo sees, and its median depth."""
    view = photo_view(camera, long_side)
    found = draw_depth(site.model, view)
    opacity, depth = found.picture.opacity, found.depth.astype(np.float64)
    rows, columns = np.nonzero(np.isfinite(depth) & (opacity > MIN_OPACITY))
    z = depth[rows, columns]
    x = (columns + 0.5 - view.width / 2) / view.fx * z
    y = (rows + 0.5 - view.height / 2) / view.fy * z
    positions = np.stack([x, y, z], axis=1) @ view.rotation + view.position
    rgb = found.picture.rgb[rows, columns] / opacity[rows, columns, None]
    colors = np.rint(np.clip(rgb, 0, 1) * 255).astype(np.uint8)
    return Points(positions, colors, np.full(len(z), index, np.int32)), float(np.median(z)) if len(z) else np.nan


def _joined(parts: list[Points]) -> Points:
    return Points(*(np.concatenate([vars(part)[name] for part in parts]) for name in ("positions", "colors", "photo")))


def _agreed(points: Points, cell: float) -> Points:
    """Points in whose cell, or the cell half a cell further along all axes, several photos have one."""
    kept = np.zeros(len(points.photo), np.bool_)
    if not len(kept):
        return points
    low, photos = points.positions.min(axis=0), int(points.photo.max()) + 1
    for shift in (0.0, 0.5):
        cells = np.floor((points.positions - low) / cell + shift).astype(np.int64).clip(0, MAX_CELLS - 1)
        _, key = np.unique((cells[:, 0] * MAX_CELLS + cells[:, 1]) * MAX_CELLS + cells[:, 2], return_inverse=True)
        pairs = np.unique(key * photos + points.photo) // photos
        kept |= np.bincount(pairs)[key] >= AGREEING_PHOTOS
    return replace(points, **{name: column[kept] for name, column in vars(points).items()})


def _laz(coordinates: Floats, colors: NDArray[np.uint8], projection: MapProjection) -> bytes:
    import laspy  # only where points are asked for
    from laspy.vlrs.known import WktCoordinateSystemVlr

    header = laspy.LasHeader(point_format=POINT_FORMAT, version=LAS_VERSION)
    header.offsets = np.floor(coordinates.min(axis=0))
    header.scales = np.full(3, SCALE_M)
    header.generating_software = "Spaceport"
    header.system_identifier = "Gaussian splats of photos"
    header.vlrs.append(WktCoordinateSystemVlr(projection.crs.to_wkt("WKT1_GDAL")))  # the one that LAS 1.4 allows
    header.global_encoding.wkt = True
    place = projection.place
    text = f"Heights: {place.heights}. Accuracy: {place.accuracy}."
    header.vlrs.append(laspy.VLR("LASF_Spec", 3, "Text area description", text.encode()))
    cloud = laspy.LasData(header)
    cloud.x, cloud.y, cloud.z = coordinates.T
    cloud.red, cloud.green, cloud.blue = (colors.astype(np.uint16) * 257).T
    buffer = io.BytesIO()
    cloud.write(buffer, do_compress=True)
    return buffer.getvalue()
