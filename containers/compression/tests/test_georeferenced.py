"""Files that lie on the map, opened by rasterio (GDAL) and laspy: every mark where PROJ's own pipeline has it."""

import io
import json
from pathlib import Path

import laspy
import numpy as np
import pytest
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
from spaceport_compression.georeferenced.map_projection import MapProjection, ProjectionError
from spaceport_compression.georeferenced.photographed import solid_ground
from spaceport_compression.georeferenced.pictures_from_above import Site, orthophoto, topdown
from spaceport_compression.georeferenced.place import Place, read_place
from spaceport_compression.georeferenced.point_cloud import point_cloud

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
