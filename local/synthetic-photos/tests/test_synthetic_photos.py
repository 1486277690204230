"""The photos must agree with the cameras that the renderer says took them."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from synthetic_photos.camera import Camera, Lens, looking
from synthetic_photos.exif import ORIGIN_ALTITUDE_M, ORIGIN_LATITUDE_DEG, ORIGIN_LONGITUDE_DEG, enu_to_geodetic
from synthetic_photos.flight import plan_flight
from synthetic_photos.paint import Texture
from synthetic_photos.ray_casting import ray_grids, render, surface_points
from synthetic_photos.scene import Box, Scene, build_scene

RENDER = Path(__file__).resolve().parent.parent / "render.py"
SMALL = ["--photos", "3", "--width", "160", "--height", "120"]


@pytest.fixture(scope="module")
def scene() -> Scene:
    return build_scene(7)


def run_renderer(output: Path, *options: str) -> str:
    """What the program says on stderr; it must end with status 0."""
    command = [sys.executable, str(RENDER), str(output), *options]
    return subprocess.run(command, check=True, capture_output=True, text=True).stderr


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small set as the renderer makes it by default, to be looked at only: its ground is painted for seconds."""
    output = tmp_path_factory.mktemp("rendered") / "village"
    run_renderer(output, *SMALL)
    return output


@pytest.mark.parametrize("k1", [-0.1, -0.02, 0.0, 0.05])
def test_a_ray_through_a_pixel_projects_back_to_that_pixel(k1: float) -> None:
    lens = Lens(960, 720, k1)
    camera = Camera("a", lens, looking(30, -60, 2), np.array([1.0, 2.0, 40.0]))
    x, y = np.array([0.5, 480.0, 959.5, 200.25]), np.array([0.5, 360.0, 719.5, 600.75])
    u, v = lens.undistorted_rays(x, y)
    points = camera.position + np.stack([u, v, np.ones_like(u)], axis=1) * 37.0 @ camera.rotation
    pixels, depth = camera.project(points)
    np.testing.assert_allclose(pixels, np.stack([x, y], axis=1), atol=1e-6)
    np.testing.assert_allclose(depth, 37.0)


@pytest.mark.parametrize("index", [0, 10, 20, 23])
def test_a_marker_appears_where_the_true_camera_projects_it(scene: Scene, index: int) -> None:
    camera = plan_flight(24, Lens(480, 360, -0.02), 7)[index]
    target = surface_points(scene, camera, np.array([170.0]), np.array([120.0]))[0] + [0, 0, 8]  # above the roofs
    red = Texture.from_colours(np.tile(np.array([255.0, 0.0, 0.0]), (8, 8, 1)), 0.08)
    marked = scene.with_box(Box(target, np.array([0.3, 0.3, 0.3]), 0.4, (red,) * 5))
    grids = ray_grids(camera)
    difference = np.abs(render(marked, camera, *grids) - render(scene, camera, *grids)).sum(axis=2)
    rows, columns = np.nonzero(difference > 60)
    assert rows.size > 3
    seen = np.array([columns.mean() + 0.5, rows.mean() + 0.5])
    expected = camera.project(target[None])[0][0]
    assert np.abs(seen - expected).max() < 1.0


def test_two_views_agree_on_the_point_that_a_pixel_shows(scene: Scene) -> None:
    cameras = plan_flight(24, Lens(480, 360, -0.02), 7)
    x, y = (grid.ravel() for grid in np.meshgrid(np.arange(60.0, 420, 24), np.arange(60.0, 300, 24)))
    points = surface_points(scene, cameras[9], x, y)
    for other in (cameras[8], cameras[21]):
        pixels, depth = other.project(points)
        inside = (depth > 0) & (pixels > 0).all(axis=1) & (pixels < [480, 360]).all(axis=1)
        again = surface_points(scene, other, *pixels[inside].T)
        distances = np.linalg.norm(again - points[inside], axis=1)
        assert inside.sum() > 50
        assert (distances < 0.01).mean() > 0.8  # the rest is hidden behind a house in the other view


def test_terrain_slopes_are_the_derivatives_of_its_heights(scene: Scene) -> None:
    x, y = np.array([3.0, -40.0]), np.array([11.0, 25.0])
    _, slope_x, slope_y = scene.terrain.height_and_slope(x, y)
    e = 1e-4

    def height(dx: float, dy: float) -> np.ndarray:
        return scene.terrain.height_and_slope(x + dx, y + dy)[0].astype(np.float64)

    np.testing.assert_allclose((height(e, 0) - height(-e, 0)) / (2 * e), slope_x, atol=1e-6)
    np.testing.assert_allclose((height(0, e) - height(0, -e)) / (2 * e), slope_y, atol=1e-6)


@pytest.mark.parametrize("photos", [1, 3, 24, 40, 150])
def test_no_camera_of_a_flight_looks_past_the_painted_ground(scene: Scene, photos: int) -> None:
    for camera in plan_flight(photos, Lens(960, 720, -0.02), 7):
        corners = surface_points(scene, camera, np.array([0.0, 960, 0, 960]), np.array([0.0, 0, 720, 720]))
        assert np.abs(corners[:, :2]).max() < 100


def test_geodetic_positions_turn_back_into_metres() -> None:
    assert enu_to_geodetic(np.zeros(3)) == pytest.approx(
        (ORIGIN_LATITUDE_DEG, ORIGIN_LONGITUDE_DEG, ORIGIN_ALTITUDE_M), abs=1e-7
    )
    latitude, longitude, altitude = enu_to_geodetic(np.array([100.0, 200.0, 30.0]))
    # Radii of curvature of WGS 84 at 46.5 degrees north plus 600 m: 6 369 636 m and 6 389 983 m.
    assert np.radians(latitude - ORIGIN_LATITUDE_DEG) * 6_369_636 == pytest.approx(200, abs=0.02)
    east = np.radians(longitude - ORIGIN_LONGITUDE_DEG) * 6_389_983 * np.cos(np.radians(ORIGIN_LATITUDE_DEG))
    assert east == pytest.approx(100, abs=0.02)
    assert altitude == pytest.approx(630, abs=0.02)


def test_photos_carry_position_focal_length_and_consecutive_times(village: Path) -> None:
    truth = json.loads(village.with_name("village.truth.json").read_text())
    times = []
    for name, true in truth["cameras"].items():
        exif = Image.open(village / name).getexif()
        details, gps = exif.get_ifd(IFD.Exif), exif.get_ifd(IFD.GPSInfo)
        times.append(details[Base.DateTimeOriginal])
        assert details[Base.FocalLengthIn35mmFilm] / 36 * 160 == pytest.approx(truth["intrinsics"]["params"][0])
        latitude, longitude, altitude = enu_to_geodetic(np.array(true["positionEnuM"]))
        assert degrees(gps[GPS.GPSLatitude]) == pytest.approx(latitude, abs=1e-8)
        assert degrees(gps[GPS.GPSLongitude]) == pytest.approx(longitude, abs=1e-8)
        assert float(gps[GPS.GPSAltitude]) == pytest.approx(altitude, abs=1e-3)
    assert times == sorted(set(times))


def degrees(dms: tuple[float, float, float]) -> float:
    return float(dms[0]) + float(dms[1]) / 60 + float(dms[2]) / 3600


def test_gps_noise_moves_only_the_recorded_positions(village: Path, tmp_path: Path) -> None:
    noisy = tmp_path / "noisy"
    run_renderer(noisy, *SMALL, "--gps-noise", "2")
    a, b = (Image.open(folder / "DJI_0002.JPG") for folder in (village, noisy))
    assert np.array_equal(np.asarray(a), np.asarray(b))
    assert a.getexif().get_ifd(IFD.GPSInfo) != b.getexif().get_ifd(IFD.GPSInfo)
    assert village.with_name("village.truth.json").read_bytes() == (tmp_path / "noisy.truth.json").read_bytes()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(village: Path, tmp_path: Path) -> None:
    again, other = tmp_path / "again", tmp_path / "other"
    run_renderer(again, *SMALL, "--seed", "7")
    run_renderer(other, *SMALL, "--seed", "2")
    a, b, c = ([path.read_bytes() for path in sorted(folder.iterdir())] for folder in (village, again, other))
    assert len(a) == 3
    assert a == b
    assert a != c


def test_a_complete_set_is_not_rendered_again_and_a_damaged_one_is(tmp_path: Path) -> None:
    output = tmp_path / "photos"
    wall = [*SMALL, "--scene", "blank"]  # whatever is on the photos
    assert "rendered in" in run_renderer(output, *wall)
    assert "already complete" in run_renderer(output, *wall)
    assert "rendered in" in run_renderer(output, *wall, "--seed", "9")
    (output / "DJI_0002.JPG").unlink()
    assert "rendered in" in run_renderer(output, *wall, "--seed", "9")
    assert len(list(output.iterdir())) == 3


def test_a_blank_wall_has_no_texture(village: Path, tmp_path: Path) -> None:
    run_renderer(tmp_path / "wall", *SMALL, "--scene", "blank")
    detail = {}
    for folder in (tmp_path / "wall", village):
        grey = np.asarray(Image.open(folder / "DJI_0001.JPG").convert("L"), np.float64)
        detail[folder.name] = np.abs(np.diff(grey, axis=1)).mean()
    assert detail["wall"] < 2 < 5 < detail["village"]


def test_the_truth_may_not_lie_among_the_photos(tmp_path: Path) -> None:
    command = [sys.executable, str(RENDER), str(tmp_path), "--truth", str(tmp_path / "truth.json")]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 2
    assert "photo folder" in result.stderr
