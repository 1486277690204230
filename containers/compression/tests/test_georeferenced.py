"""Files that lie on the map, opened by rasterio (GDAL) and laspy: every mark where PROJ's own pipeline has it."""

import io
import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import laspy
import numpy as np
import pyproj
import pytest
from compression_testing.models import random_model
from compression_testing.places import (
    ALTITUDE_M,
    CAMERA_UP_M,
    GROUND_UP_M,
    MARKS,
    marked_place,
    on_map,
    write_nadir_cameras,
    write_place,
)
from PIL import Image
from rasterio.io import MemoryFile
from spaceport_common.opening_view import read_cameras
from spaceport_compression.formats.ply import read_ply
from spaceport_compression.formats.splat_transform import decode_to_ply
from spaceport_compression.georeferenced.delivery import deliver_on_map
from spaceport_compression.georeferenced.map_projection import MapProjection, ProjectionError
from spaceport_compression.georeferenced.photographed import solid_ground
from spaceport_compression.georeferenced.pictures_from_above import Site, orthophoto, topdown
from spaceport_compression.georeferenced.place import Place, read_place
from spaceport_compression.georeferenced.point_cloud import point_cloud
from spaceport_compression.georeferenced.tileset import Tileset, write_tileset
from spaceport_compression.settings import CompressionSettings

# Zurich; a place 2.5 degrees from the central meridian of zone 32; the southern hemisphere.
PLACES = [(47.4, 8.55, 32632), (52.0, 11.5, 32632), (-33.9, 151.2, 32756)]


def site_at(folder: Path, latitude: float, longitude: float) -> Site:
    write_place(folder, latitude, longitude)
    write_nadir_cameras(folder / "cameras.json")
    place, cameras = read_place(folder), read_cameras(folder / "cameras.json")
    assert isinstance(place, Place)
    model, ground = solid_ground(marked_place(), place, cameras)
    return Site(model, place, cameras, ground)


def marks_of(rgba: np.ndarray) -> np.ndarray:
    """float64[4, 2], the middles of the red marks in pixels, column and row, in the order of MARKS."""
    red = rgba[0].astype(float) - rgba[1]
    height, width = red.shape
    quarters = [(0, height // 2), (width // 2, height // 2), (width // 2, 0), (0, 0)]
    found = []
    for left, top in quarters:
        weight = np.clip(red[top : top + height // 2, left : left + width // 2] - 20, 0, None)
        rows, columns = np.mgrid[: weight.shape[0], : weight.shape[1]]
        total = weight.sum()
        found.append([left + (weight * (columns + 0.5)).sum() / total, top + (weight * (rows + 0.5)).sum() / total])
    return np.array(found)


@pytest.mark.parametrize(("latitude", "longitude", "epsg"), PLACES)
def test_an_orthophoto_has_its_marks_within_a_ground_pixel(
    tmp_path: Path, latitude: float, longitude: float, epsg: int
) -> None:
    site = site_at(tmp_path, latitude, longitude)
    assert site.ground.resolution_m == 0.05  # 40 m above the ground, 800 pixels of focal length
    made = orthophoto(site, MapProjection(site.place), 0)
    with MemoryFile(made.data) as memory, memory.open() as file:
        assert file.crs.to_epsg() == epsg
        assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert file.overviews(1)
        assert file.res == (0.05, 0.05)
        assert made.resolution_m == 0.05
        assert "CE90 0.75 m, LE90 1.5 m, by 18 positions of the photos themselves" in file.tags()["ACCURACY"]
        pixels = file.read()
        found = np.array([file.transform @ tuple(pixel) for pixel in marks_of(pixels)])
    enu = np.column_stack([MARKS, np.full(4, GROUND_UP_M)])
    wanted = on_map(enu, latitude, longitude, epsg % 100, south=latitude < 0)[:, :2]
    np.testing.assert_allclose(found, wanted, atol=0.05)
    assert pixels[3, 0, 0] == 0  # no photo saw the corner
    assert pixels[3, pixels.shape[1] // 2, pixels.shape[2] // 2] == 255


def test_a_chosen_map_and_resolution_are_kept(tmp_path: Path) -> None:
    site = site_at(tmp_path, 47.4, 8.55)
    made = orthophoto(site, MapProjection(site.place, 25832), 0.2)
    with MemoryFile(made.data) as memory, memory.open() as file:
        assert (file.crs.to_epsg(), file.res) == (25832, (0.2, 0.2))


@pytest.mark.parametrize(
    ("epsg", "reason"),
    [(27700, "needs a grid that is not there"), (4326, "no map with east and north"), (1, "not known")],
)
def test_a_map_that_is_none_or_cannot_be_reached_exactly_is_refused(tmp_path: Path, epsg: int, reason: str) -> None:
    with pytest.raises(ProjectionError, match=reason):
        MapProjection(site_at(tmp_path, 51.5, -0.1).place, epsg)


@pytest.mark.parametrize(
    ("latitude", "longitude", "epsg", "fits"),
    [
        (41.04, -83.31, 32617, True),
        (41.04, -83.31, 32618, False),
        (-33.9, 151.2, 32656, False),  # the zone's northern half
        (-36.8, 178.0, 2193, True),  # New Zealand: its area reaches over the antimeridian
        (-43.9, -176.5, 2193, False),
        (-12.0, 179.999, 3832, True),
        (48.2, 16.4, 3832, False),
    ],
)
def test_a_map_that_is_made_for_elsewhere_is_named(
    tmp_path: Path, latitude: float, longitude: float, epsg: int, fits: bool
) -> None:
    complaint = MapProjection(site_at(tmp_path, latitude, longitude).place, epsg).complaint
    assert complaint is None if fits else str(complaint).startswith(f"EPSG:{epsg} (")


def test_files_on_a_map_that_is_made_for_elsewhere_are_delivered_with_one_warning(tmp_path: Path) -> None:
    site = site_at(tmp_path, 47.4, 8.55)
    settings = CompressionSettings.model_construct(
        orthophoto=1, point_cloud=1, tiles=0, topdown=0, epsg=32631, ground_resolution_mm=400
    )
    files: dict[str, bytes] = {}
    made = deliver_on_map(site.model, site.cameras, site.place, settings, files.__setitem__, lambda _: nullcontext())
    assert set(files) == {"orthophoto.tif", "pointcloud.laz"}
    assert [warning.split(" (")[0] for warning in made.warnings] == ["EPSG:32631"]
    assert made.warnings[0].endswith("EPSG:32632 is the UTM zone of the place.")


def test_the_picture_from_above_has_its_corners_in_the_scene(tmp_path: Path) -> None:
    picture, facts = topdown(site_at(tmp_path, 47.4, 8.55))
    corners = json.loads(facts)["corners"]
    with Image.open(io.BytesIO(picture)) as image:
        pixels = np.moveaxis(np.asarray(image.convert("RGBA")), 2, 0)
    west, north = corners["northWest"]
    pixel = json.loads(facts)["groundResolutionM"]
    assert corners["southEast"] == pytest.approx([west + pixels.shape[2] * pixel, north - pixels.shape[1] * pixel])
    np.testing.assert_allclose(marks_of(pixels) * (pixel, -pixel) + (west, north), MARKS, atol=pixel)


def test_points_lie_on_the_ground_of_the_map_with_their_colours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spaceport_compression.georeferenced.point_cloud.MAX_POINTS", 100_000)
    site = site_at(tmp_path, 52.0, 11.5)
    made = point_cloud(site, MapProjection(site.place))
    cloud = laspy.read(io.BytesIO(made.data))
    assert cloud.header.parse_crs().to_epsg() == 32632
    assert len(cloud.points) == made.points > 10_000
    assert next(vlr.string for vlr in cloud.header.vlrs if vlr.record_id == 2112).startswith("PROJCS[")
    text = next(vlr.record_data_bytes() for vlr in cloud.header.vlrs if vlr.record_id == 3).decode()
    assert text.startswith("Heights: metres above the WGS84 ellipsoid.")
    assert np.abs(cloud.z - (ALTITUDE_M + GROUND_UP_M)).max() < 0.08
    red = np.asarray(cloud.red, float) - cloud.green > 30_000
    mark = on_map(np.array([[*MARKS[2], GROUND_UP_M]]), 52.0, 11.5, 32)[0]
    near = red & (np.hypot(cloud.x - mark[0], cloud.y - mark[1]) < 4)
    assert abs(np.mean(cloud.x[near]) - mark[0]) < 0.1
    assert abs(np.mean(cloud.y[near]) - mark[1]) < 0.1


def test_what_hangs_in_the_air_is_in_no_picture_and_no_point(tmp_path: Path) -> None:
    write_place(tmp_path, 47.4, 8.55)
    write_nadir_cameras(tmp_path / "cameras.json")
    place, cameras = read_place(tmp_path), read_cameras(tmp_path / "cameras.json")
    assert isinstance(place, Place)
    model = marked_place()
    model.positions[0] = (3, -CAMERA_UP_M + 1, 2)  # before a lens
    model.positions[1] = (0, -CAMERA_UP_M - 50, 0)  # sky
    model.positions[2] = (500, 3, 500)
    solid, _ = solid_ground(model, place, cameras)
    assert len(solid) == len(model) - 3


def test_a_scene_without_a_place_says_why(tmp_path: Path) -> None:
    assert read_place(tmp_path) == "camera reconstruction left no facts about the scene"
    (tmp_path / "scene.json").write_text(json.dumps({"origin": None, "enuFromScene": None}))
    (tmp_path / "sfm-report.json").write_text(json.dumps({"metrics": {"frame": {"reason": "no photo has a position"}}}))
    assert read_place(tmp_path) == "the scene is not laid on the map: no photo has a position"


def tile_content(data: bytes) -> tuple[dict[str, Any], bytes]:
    """The JSON of a binary glTF, and its buffer."""
    assert data[:4] == b"glTF"
    assert int.from_bytes(data[8:12], "little") == len(data)
    size = int.from_bytes(data[12:16], "little")
    return json.loads(data[20 : 20 + size]), data[28 + size :]


def test_tiles_lie_at_their_place_on_the_globe(tmp_path: Path) -> None:
    place = site_at(tmp_path, 47.4, 8.55).place
    model = random_model(500, 2)
    files: dict[str, bytes] = {}
    made = write_tileset(model, [], place, files.__setitem__)
    assert list(files) == ["tiles/0.glb", "tiles/tileset.json"]
    assert made == Tileset(1, sum(map(len, files.values())))
    root = json.loads(files["tiles/tileset.json"])["root"]
    content, data = tile_content(files["tiles/0.glb"])
    (tmp_path / "tile.spz").write_bytes(data[: content["bufferViews"][0]["byteLength"]])
    decode_to_ply(tmp_path / "tile.spz", tmp_path / "tile.ply", 500)
    y_up_positions = read_ply(tmp_path / "tile.ply").positions.astype(np.float64)
    # As CesiumJS does: y up to z up, then the tile's transform, by columns.
    z_up = y_up_positions @ np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]]).T
    matrix = np.array(root["transform"]).reshape(4, 4).T
    found = z_up @ matrix[:3, :3].T + matrix[:3, 3]
    topocentric = pyproj.Transformer.from_pipeline(
        "+proj=pipeline +step +inv +proj=topocentric +ellps=WGS84 +lat_0=47.4 +lon_0=8.55 +h_0=120"
    )
    wanted = np.stack(topocentric.transform(*place.enu(model.positions).T), axis=1)
    distances = np.linalg.norm(wanted[:, None] - found[None], axis=2)  # the order of tiles is their own
    assert distances.min(axis=1).max() < 0.001
    middle, half = np.array(root["boundingVolume"]["box"][:3]), np.array(root["boundingVolume"]["box"][3::4])
    assert (np.abs(z_up - middle) <= half + 1e-3).all()
    names = content["meshes"][0]["primitives"][0]["attributes"]
    assert "KHR_gaussian_splatting:SH_DEGREE_2_COEF_4" in names
    assert "KHR_gaussian_splatting:SH_DEGREE_3_COEF_0" not in names


def test_coarser_tiles_hold_those_that_take_their_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spaceport_compression.levels.levels.COARSEST", 2500)
    files: dict[str, bytes] = {}
    write_tileset(random_model(9000, 0), [], site_at(tmp_path, 47.4, 8.55).place, files.__setitem__)
    index = json.loads(files["tiles/tileset.json"])
    counts: dict[int, int] = {}

    def walk(tile: dict[str, Any], depth: int) -> None:
        content, _ = tile_content(files[f"tiles/{tile['content']['uri']}"])
        counts[depth] = counts.get(depth, 0) + content["accessors"][0]["count"]
        children = tile.get("children", [])
        assert (tile["geometricError"] > 0) == bool(children)
        middle, half = np.array(tile["boundingVolume"]["box"][:3]), np.array(tile["boundingVolume"]["box"][3::4])
        for child in children:
            assert child["geometricError"] < tile["geometricError"] < index["geometricError"]
            inner, reach = np.array(child["boundingVolume"]["box"][:3]), np.array(child["boundingVolume"]["box"][3::4])
            assert (np.abs(inner - middle) + reach <= half * (1 + 1e-5)).all()
            walk(child, depth + 1)

    walk(index["root"], 0)
    assert counts == {0: 2250, 1: 4500, 2: 9000}
