"""`topdown.webp` with its corners, and `orthophoto.tif`: the scene straight from above, clear where no photo saw."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from spaceport_common.opening_view import PhotoCamera
from spaceport_common.sog.gaussians import Gaussians

from .from_above import Footprints, Grid, Surface, draw_from_above, footprints
from .map_projection import MapProjection
from .photographed import Ground, photographed_box, seen_by_photos
from .place import Floats, Place

TOPDOWN_LONG_SIDE = 2048
WEBP_QUALITY = 85
MAX_PIXELS = 24_000_000  # of an orthophoto: beyond, its ground resolution is coarser than the photos'
MIN_OPACITY = 0.1  # foliage of a small model lets light through where photos did see it
SEEN_STEP = 4  # pixels between two places that are looked up in the photos
BLOCK_PX = 512
EnuOf = Callable[[Floats], Floats]  # places on the map, with metres up, to metres east, north, up of the origin


@dataclass(frozen=True)
class Site:
    """A scene as it is seen from above. model: without what hangs in the air (photographed.solid_ground)."""

    model: Gaussians
    place: Place
    cameras: list[PhotoCamera]
    ground: Ground


@dataclass(frozen=True)
class Orthophoto:
    """A GeoTIFF, and what it says of itself. resolution_m: metres on the map, of a side of a pixel."""

    data: bytes
    resolution_m: float
    width: int
    height: int


def topdown(site: Site) -> tuple[bytes, bytes]:
    """The picture in the scene's own east and north as WebP, and the JSON that says where its corners lie."""
    positions = site.place.enu(site.model.positions)
    found = footprints(site.model, site.place.enu_from_scene, positions[:, :2], positions[:, 2], np.eye(2))
    low, high = photographed_box(site.place)
    grid = _grid(low, high, max(site.ground.resolution_m, float((high - low).max()) / TOPDOWN_LONG_SIDE))
    pixels = _pixels(found, grid, site, lambda places: places)
    buffer = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(buffer, "WEBP", quality=WEBP_QUALITY)
    corners = {
        "northWest": [grid.west, grid.north],
        "northEast": [grid.east, grid.north],
        "southEast": [grid.east, grid.south],
        "southWest": [grid.west, grid.south],
    }
    facts = {
        "version": 1,
        "file": "topdown.webp",
        "width": grid.width,
        "height": grid.height,
        "corners": {name: [round(value, 4) for value in corner] for name, corner in corners.items()},
        "cornersAre": "metres east and north of the origin in scene.json",
        "groundResolutionM": grid.pixel,
        "groundUpM": site.ground.up,
        "accuracy": site.place.accuracy,
    }
    return buffer.getvalue(), json.dumps(facts, indent=1, allow_nan=False).encode()


def orthophoto(site: Site, projection: MapProjection, resolution_m: float) -> Orthophoto:
    """A cloud optimised GeoTIFF, `resolution_m` a pixel; 0 is that of the photos. Coarser where it were too large."""
    mapped = projection.coordinates(site.place.enu(site.model.positions))
    low, high = photographed_box(site.place)
    middle = np.array([*(low + high) / 2, site.ground.up])
    jacobian = projection.jacobian(middle)
    ups = site.place.enu(site.model.positions)[:, 2]
    found = footprints(site.model, site.place.enu_from_scene, mapped[:, :2], ups, jacobian)
    corners = projection.coordinates(
        np.array([[e, n, site.ground.up] for e in (low[0], high[0]) for n in (low[1], high[1])])
    )[:, :2]
    pixel = (resolution_m or site.ground.resolution_m) / projection.metres_a_unit
    area = float(np.prod(corners.max(axis=0) - corners.min(axis=0)))
    grid = _grid(corners.min(axis=0), corners.max(axis=0), max(pixel, float(np.sqrt(area / MAX_PIXELS))))
    back = np.linalg.inv(jacobian)
    at_middle = projection.coordinates(middle[None])[0, :2]

    def enu_of(places: Floats) -> Floats:
        # To the metre: it only decides where photos have looked.
        return np.column_stack([(places[:, :2] - at_middle) @ back.T + middle[:2], places[:, 2]])

    pixels = _pixels(found, grid, site, enu_of)
    data = _cloud_optimised(pixels, grid, projection, site.place)
    return Orthophoto(data, grid.pixel * projection.metres_a_unit, grid.width, grid.height)


def _grid(low: Floats, high: Floats, pixel: float) -> Grid:
    """Covers a box, its edges at multiples of the pixel."""
    west, south = np.floor(low / pixel) * pixel
    east, north = np.ceil(high / pixel) * pixel
    return Grid(float(west), float(north), pixel, round((east - west) / pixel), round((north - south) / pixel))


def _pixels(found: Footprints, grid: Grid, site: Site, enu_of: EnuOf) -> NDArray[np.uint8]:
    """uint8[H, W, 4]; alpha 0 where nothing is, or no photo saw it."""
    surface = draw_from_above(found, grid)
    opaque = (surface.opacity > MIN_OPACITY) & _seen(surface, grid, site, enu_of)
    rgb = surface.rgb / np.maximum(surface.opacity, MIN_OPACITY)[:, :, None]
    pixels = np.zeros((grid.height, grid.width, 4), np.uint8)
    pixels[..., :3] = np.where(opaque[:, :, None], np.rint(np.clip(rgb, 0, 1) * 255), 0)
    pixels[..., 3] = np.where(opaque, 255, 0)
    return pixels


def _seen(surface: Surface, grid: Grid, site: Site, enu_of: EnuOf) -> NDArray[np.bool_]:
    """bool[H, W], looked up at every SEEN_STEP-th pixel."""
    rows, columns = (np.arange(min(SEEN_STEP // 2, size - 1), size, SEEN_STEP) for size in (grid.height, grid.width))
    up = surface.up[np.ix_(rows, columns)].astype(np.float64)
    east = grid.west + (columns + 0.5) * grid.pixel
    north = grid.north - (rows + 0.5) * grid.pixel
    places = np.stack([*np.meshgrid(east, north), np.where(np.isnan(up), site.ground.up, up)], axis=2).reshape(-1, 3)
    seen = seen_by_photos(enu_of(places), site.place, site.cameras).reshape(len(rows), len(columns))
    whole = seen.repeat(SEEN_STEP, axis=0)[: grid.height].repeat(SEEN_STEP, axis=1)[:, : grid.width]
    missing = ((0, grid.height - whole.shape[0]), (0, grid.width - whole.shape[1]))
    return np.pad(whole, missing, mode="edge")


def _cloud_optimised(pixels: NDArray[np.uint8], grid: Grid, projection: MapProjection, place: Place) -> bytes:
    """A COG with its overviews, lossless, alpha for what is not there, and where it lies."""
    import rasterio  # half a second: only where a picture is asked for
    from rasterio.io import MemoryFile
    from rasterio.shutil import copy
    from rasterio.transform import from_origin

    height, width = pixels.shape[:2]
    profile = {
        "driver": "GTiff",
        "width": width,
        "height": height,
        "count": 4,
        "dtype": "uint8",
        "crs": rasterio.CRS.from_epsg(projection.epsg),
        "transform": from_origin(grid.west, grid.north, grid.pixel, grid.pixel),
        "photometric": "RGB",
        "alpha": "YES",
    }
    with MemoryFile() as plain, MemoryFile(ext=".tif") as optimised:
        with plain.open(**profile) as file:
            file.write(pixels.transpose(2, 0, 1))
            file.update_tags(
                TIFFTAG_SOFTWARE="Spaceport",
                GROUND_RESOLUTION_M=f"{grid.pixel * projection.metres_a_unit:.6g}",
                ACCURACY=place.accuracy,
            )
            copy(
                file,
                optimised.name,
                driver="COG",
                compress="DEFLATE",
                predictor="YES",
                blocksize=BLOCK_PX,
                overview_resampling="AVERAGE",
            )
        return bytes(optimised.read())
