"""The orthophoto of Gaussians that are built from the rendered village's own geometry: roofs do not lean in it."""

import importlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from compression_testing.places import RED, on_map, write_place
from rasterio.io import MemoryFile
from spaceport_common.opening_view import PhotoCamera
from spaceport_common.sog.gaussians import Gaussians
from spaceport_common.spherical_harmonics import C0
from spaceport_compression.georeferenced.map_projection import MapProjection
from spaceport_compression.georeferenced.photographed import solid_ground
from spaceport_compression.georeferenced.pictures_from_above import Site, orthophoto
from spaceport_compression.georeferenced.place import Place, read_place

RENDERER = Path(__file__).resolve().parents[3] / "local" / "synthetic-photos"
HALF_SIDE_M, STEP_M = 30.0, 0.4
MARK_M = 0.1  # standard deviation of a mark on a corner of a roof
NEAR_PX = 7  # around it: the next corner is farther away
SEED, PHOTOS, WIDTH, HEIGHT = 7, 40, 960, 720  # `npm run demo`'s own set


@pytest.fixture(scope="module")
def village() -> tuple[np.ndarray, np.ndarray, list[PhotoCamera]]:
    """Ground and roofs, float64[N, 3]; corners of roofs, float64[M, 3], metres east, north, up; cameras."""
    sys.path.insert(0, str(RENDERER))
    found: Any = {name: importlib.import_module(f"synthetic_photos.{name}") for name in ("camera", "flight", "scene")}
    scene = found["scene"].build_scene(SEED)
    side = np.arange(-HALF_SIDE_M, HALF_SIDE_M, STEP_M)
    x, y = (axis.ravel() for axis in np.meshgrid(side, side))
    places = [np.column_stack([x, y, scene.terrain.height_and_slope(x, y)[0]])]
    corners = []
    for box in scene.boxes:
        roof = box.corners()[1::2]  # south-west, north-west, south-east, north-east by the house's own axes
        corners.append(roof)
        along, across = (np.arange(0, 1.001, STEP_M / (2 * half)) for half in box.half[:2])
        u, v = (axis.ravel()[:, None] for axis in np.meshgrid(along, across))
        places.append(roof[0] + u * (roof[2] - roof[0]) + v * (roof[1] - roof[0]))
    marks = np.concatenate(corners)
    inside = (np.abs(marks[:, :2]) < HALF_SIDE_M - 2).all(axis=1)
    lens = found["camera"].Lens(WIDTH, HEIGHT, 0.0)
    cameras = [photo(camera, lens) for camera in found["flight"].plan_flight(PHOTOS, lens, SEED)]
    return np.concatenate(places), marks[inside], cameras


def photo(camera: Any, lens: Any) -> PhotoCamera:
    """In the scene's own axes: x east, y down, z north."""
    enu_from_scene = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
    position = enu_from_scene.T @ camera.position
    rotation = camera.rotation @ enu_from_scene
    return PhotoCamera(camera.name, WIDTH, HEIGHT, lens.focal, lens.focal, rotation, position, False)


def flat(places: np.ndarray, size_m: float, color: np.ndarray) -> Gaussians:
    """Opaque discs that lie level, of metres east, north, up."""
    count = len(places)
    return Gaussians(
        positions=np.column_stack([places[:, 0], -places[:, 2], places[:, 1]]).astype(np.float32),
        rotations=np.tile(np.array([1, 0, 0, 0], np.float32), (count, 1)),
        scales=np.tile(np.log([size_m, 1e-3, size_m]).astype(np.float32), (count, 1)),
        opacities=np.full(count, 6, np.float32),
        colors=np.tile(((color - 0.5) / C0).astype(np.float32), (count, 1)),
        sh=np.empty((count, 0), np.float32),
    )


@pytest.mark.parametrize(("latitude", "longitude", "zone"), [(47.4, 8.55, 32), (52.0, 11.5, 32)])
def test_corners_of_roofs_lie_within_a_ground_pixel(
    tmp_path: Path,
    village: tuple[np.ndarray, np.ndarray, list[PhotoCamera]],
    latitude: float,
    longitude: float,
    zone: int,
) -> None:
    surfaces, corners, cameras = village
    write_place(tmp_path, latitude, longitude)
    place = read_place(tmp_path)
    assert isinstance(place, Place)
    reach = np.array([HALF_SIDE_M, 8, HALF_SIDE_M]) / 1.2  # a tenth is added on each side
    place = replace(place, low=-reach, high=reach)
    parts = [flat(surfaces, STEP_M * 0.6, np.full(3, 0.4)), flat(corners + np.array([0, 0, 0.05]), MARK_M, RED)]
    model = Gaussians(**{name: np.concatenate([vars(part)[name] for part in parts]) for name in vars(parts[0])})
    solid, ground = solid_ground(model, place, cameras)
    made = orthophoto(Site(solid, place, cameras, ground), MapProjection(place), 0)
    assert made.resolution_m == pytest.approx(0.06, abs=0.004)  # 40 m above the ground, 640 pixels of focal length
    with MemoryFile(made.data) as memory, memory.open() as file:
        pixels, transform = file.read().astype(float), file.transform
    wanted = on_map(corners, latitude, longitude, zone)[:, :2]
    columns, rows = ~transform @ wanted.T
    redness = np.clip(pixels[0] - pixels[1] - 10, 0, None)
    near = np.arange(-NEAR_PX, NEAR_PX + 1)
    assert len(corners) > 20
    for column, row in zip(columns, rows, strict=True):
        y, x = np.meshgrid(near + int(row), near + int(column), indexing="ij")
        weight = redness[y, x]
        assert weight.sum() > 0
        off = [(weight * (axis + 0.5)).sum() / weight.sum() - at for axis, at in ((x, column), (y, row))]
        assert np.abs(off).max() < 1
