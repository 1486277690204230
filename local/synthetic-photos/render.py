"""Renders synthetic drone photos into a folder, with GPS in their EXIF and the true cameras beside the folder.

    python local/synthetic-photos/render.py OUTPUT_DIR [--photos 24] [--width 960] [--height 720] [--seed 7]
                                            [--scene terrain|blank] [--k1 -0.02] [--gps-noise 0] [--truth FILE]

OUTPUT_DIR gets DJI_0001.JPG onwards and nothing else. OUTPUT_DIR.truth.json (or FILE) gets the true cameras, and
OUTPUT_DIR.stamp.json the parameters: when these match and the photos are there, nothing is rendered again.
The same parameters give the same files on one machine; another processor may round a colour differently.
"""

import argparse
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from synthetic_photos.camera import Camera, Lens
from synthetic_photos.exif import (
    ORIGIN_ALTITUDE_M,
    ORIGIN_LATITUDE_DEG,
    ORIGIN_LONGITUDE_DEG,
    drone_exif,
)
from synthetic_photos.flight import plan_flight
from synthetic_photos.ray_casting import ray_grids, render
from synthetic_photos.scene import build_scene

RENDERER_VERSION = 1  # raise it when the same parameters give other photos, so that old ones are not reused
JPEG_QUALITY = 92
SENSOR_NOISE = 1.2  # standard deviation in grey levels
MIN_SIDE_PX = 32


@dataclass(frozen=True)
class Parameters:
    """All that decides what the photos look like. `gps_noise` is a standard deviation in metres, each axis."""

    photos: int
    width: int
    height: int
    seed: int
    scene: str
    k1: float
    gps_noise: float


def render_photos(parameters: Parameters, output: Path, truth: Path) -> bool:
    """Renders the set unless it is complete already; True when it rendered.

    Photos of another set that lie in `output` are replaced. The stamp is removed first and written last, so that
    an interrupted run is never taken for a complete one.
    """
    stamp = output.with_name(output.name + ".stamp.json")
    wanted = {"renderer": RENDERER_VERSION, **asdict(parameters)}
    lens = Lens(parameters.width, parameters.height, parameters.k1)
    cameras = plan_flight(parameters.photos, lens, parameters.seed)
    if _is_complete(wanted, stamp, output, truth, cameras):
        return False
    stamp.unlink(missing_ok=True)
    output.mkdir(parents=True, exist_ok=True)
    for old in output.glob("DJI_*.JPG"):
        old.unlink()
    _render_all(parameters, cameras, output)
    _write_json(truth, true_cameras(parameters, cameras))
    _write_json(stamp, wanted)
    return True


def true_cameras(parameters: Parameters, cameras: list[Camera]) -> dict[str, Any]:
    """What truth.json holds: origin of the ENU frame, intrinsics as COLMAP's SIMPLE_RADIAL, poses by name."""
    lens = cameras[0].lens
    return {
        "scene": parameters.scene,
        "origin": {
            "latitudeDeg": ORIGIN_LATITUDE_DEG,
            "longitudeDeg": ORIGIN_LONGITUDE_DEG,
            "altitudeM": ORIGIN_ALTITUDE_M,
        },
        "intrinsics": {
            "model": "SIMPLE_RADIAL",
            "width": lens.width,
            "height": lens.height,
            "params": [lens.focal, lens.width / 2, lens.height / 2, lens.k1],
        },
        "cameras": {
            c.name: {"positionEnuM": c.position.tolist(), "rotationWorldToCamera": c.rotation.tolist()} for c in cameras
        },
    }


def _is_complete(wanted: dict[str, Any], stamp: Path, output: Path, truth: Path, cameras: list[Camera]) -> bool:
    try:
        same = json.loads(stamp.read_text("utf-8")) == wanted
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    present = {path.name for path in output.glob("*")}
    return same and truth.is_file() and present == {camera.name for camera in cameras}


def _render_all(parameters: Parameters, cameras: list[Camera], output: Path) -> None:
    scene = build_scene(parameters.seed) if parameters.scene == "terrain" else None
    centre, subpixels = ray_grids(cameras[0])
    gps_noise = np.random.default_rng([parameters.seed, 5]).normal(0, 1, (len(cameras), 3)) * parameters.gps_noise

    def photo(index: int) -> None:
        camera = cameras[index]
        random = np.random.default_rng([parameters.seed, 6, index])
        colours = render(scene, camera, centre, subpixels) if scene else _blank_wall(parameters)
        noise = random.standard_normal(colours.shape, np.float32) * np.float32(SENSOR_NOISE)
        pixels = np.clip(colours + noise + np.float32(0.5), 0, 255).astype(np.uint8)
        exif = drone_exif(index, (parameters.width, parameters.height), camera.position + gps_noise[index])
        Image.fromarray(pixels).save(output / camera.name, "JPEG", quality=JPEG_QUALITY, exif=exif)

    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        for done, _ in enumerate(pool.map(photo, range(len(cameras))), start=1):
            print(f"rendered {done} of {len(cameras)} photos", file=sys.stderr, flush=True)


def _blank_wall(parameters: Parameters) -> Any:
    """A white wall in even light, a little darker towards the corners: nothing for SIFT to hold on to."""
    x, y = np.meshgrid(np.linspace(-1, 1, parameters.width), np.linspace(-1, 1, parameters.height))
    grey = (205 - 8 * (x**2 + y**2)).astype(np.float32)
    return np.repeat(grey[..., None], 3, axis=2)


def _write_json(path: Path, value: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(json.dumps(value, indent=1), "utf-8")
    temporary.replace(path)


def main() -> None:
    """Command line; see the top of this file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("output", type=Path, metavar="OUTPUT_DIR")
    parser.add_argument("--photos", type=int, default=24)
    parser.add_argument("--width", type=int, default=960, help="pixels")
    parser.add_argument("--height", type=int, default=720, help="pixels")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--scene", choices=["terrain", "blank"], default="terrain")
    parser.add_argument("--k1", type=float, default=-0.02, help="radial distortion; negative is barrel")
    parser.add_argument("--gps-noise", type=float, default=0.0, help="standard deviation in metres")
    parser.add_argument("--truth", type=Path, help="where the true cameras go (default: OUTPUT_DIR.truth.json)")
    given = parser.parse_args()
    if given.photos < 1 or min(given.width, given.height) < MIN_SIDE_PX or not -0.2 <= given.k1 <= 0.2:
        parser.error(f"needs at least 1 photo, sides of at least {MIN_SIDE_PX} pixels and k1 within -0.2..0.2")
    output = given.output.resolve()
    truth = (given.truth or output.with_name(output.name + ".truth.json")).resolve()
    if truth.is_relative_to(output):
        parser.error("--truth must not lie in the photo folder")
    parameters = Parameters(
        given.photos, given.width, given.height, given.seed, given.scene, given.k1, max(0.0, given.gps_noise)
    )
    started = time.monotonic()
    rendered = render_photos(parameters, output, truth)
    note = f"rendered in {time.monotonic() - started:.1f} s" if rendered else "already complete"
    print(f"{given.photos} photos in {output}, {note}", file=sys.stderr)


if __name__ == "__main__":
    main()
