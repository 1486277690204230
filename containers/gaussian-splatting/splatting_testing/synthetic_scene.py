"""A small scene of known Gaussians, photographed by known cameras, as the SfM stage would hand it over."""

import json
from pathlib import Path

import numpy as np
import pycolmap
import torch
from PIL import Image
from spaceport_gaussian_splatting.camera import Camera
from spaceport_gaussian_splatting.gaussians import Gaussians
from spaceport_gaussian_splatting.lens import Lens
from spaceport_gaussian_splatting.rasterizers.torch_tiles import TorchRasterizer

WIDTH, HEIGHT, FOCAL = 96, 64, 90.0
OPENCV = [FOCAL, FOCAL, WIDTH / 2, HEIGHT / 2, 0.02, -0.01, 0.001, -0.002]

SETTINGS = {
    "maxIterations": 60,
    "iterationsPerPhoto": 0,
    "pixelsPerGaussian": 0,
    "maxSeconds": 0,
    "refitShare": 0,
    "maxGaussians": 1500,
    "shDegree": 1,
    "imageSize": WIDTH,
    "resolutionStages": [{"scale": 0.5, "share": 0.5}, {"scale": 1, "share": 0.5}],
    "plateauPatience": 4,
    "dssimWeight": 0.2,
    "plateauMinDeltaDb": 0.0,
    "evaluationEvery": 4,
    "minPoints": 1000,
    "checkpointSeconds": 3600,
    "seed": 0,
    "rasterizer": "auto",
}


def random_gaussians(count: int, sh_degree: int, seed: int, dtype: torch.dtype = torch.float32) -> Gaussians:
    """Gaussians over a bumpy ground around z = 10, x and y in [-6, 6], of many shapes and colours."""
    random = torch.Generator().manual_seed(seed)

    def uniform(*shape: int) -> torch.Tensor:
        return torch.rand(*shape, generator=random, dtype=dtype)

    means = torch.cat([uniform(count, 2) * 12 - 6, 10 + uniform(count, 1)], dim=1)
    return Gaussians(
        means=means,
        log_scales=torch.log(0.15 + 0.35 * uniform(count, 3)),
        quaternions=uniform(count, 4) - 0.5,
        opacity_logits=uniform(count) * 5 - 1,
        base_colors=uniform(count, 3) * 3 - 1.5,
        rest_colors=(uniform(count, (sh_degree + 1) ** 2 - 1, 3) - 0.5) * 0.2,
    )


def camera_at(x: float, y: float, name: str = "view") -> Camera:
    """Looks along +z from height 0, slightly tilted, through an OPENCV lens."""
    tilt = 0.05
    rotation = np.array([[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]])
    translation = -rotation @ np.array([x, y, 0.0])
    return Camera(name, WIDTH, HEIGHT, Lens.from_colmap("OPENCV", OPENCV), rotation, translation, near=0.5)


def write_sfm_output(folder: Path, points: int = 1200, accepted: bool = True) -> None:
    """Nine photos on a grid, `points` exact points on the Gaussians' centres, and a report with a verdict."""
    truth = random_gaussians(600, 0, seed=3)
    rasterizer = TorchRasterizer(torch.device("cpu"))
    cameras = [camera_at(x, y, f"photo_{3 * row + column}.png")
               for row, y in enumerate((-2.0, 0.0, 2.0)) for column, x in enumerate((-2.0, 0.0, 2.0))]  # fmt: skip
    (folder / "images").mkdir(parents=True)
    for camera in cameras:
        image, _ = rasterizer.render(truth, camera, WIDTH, HEIGHT, 0)
        Image.fromarray((image.clamp(0, 1) * 255).round().byte().numpy()).save(folder / "images" / camera.name)
    rows = np.random.default_rng(0).integers(0, len(truth), points)
    colors = (truth.base_colors * 0.28209479 + 0.5).clamp(0, 1).mul(255).byte().numpy()
    _write_model(folder / "sparse" / "0", cameras, truth.means.double().numpy()[rows], colors[rows])
    code = None if accepted else "TOO_FEW_REGISTERED"
    verdict = {"ok": accepted, "code": code, "message": None if accepted else "3 of 9 photos are registered"}
    (folder / "report.json").write_text(json.dumps({"version": 1, "stage": "sfm", "verdict": verdict}))


def _write_model(folder: Path, cameras: list[Camera], points: np.ndarray, colors: np.ndarray) -> None:
    model = pycolmap.Reconstruction()
    lens = pycolmap.Camera(model="OPENCV", width=WIDTH, height=HEIGHT, params=OPENCV, camera_id=1)
    model.add_camera_with_trivial_rig(lens)
    tracks = [pycolmap.Track() for _ in points]
    for image_id, camera in enumerate(cameras, start=1):
        pixels = camera.pixels(points)
        seen = np.nonzero(((pixels > 0) & (pixels < (WIDTH, HEIGHT))).all(axis=1))[0]
        for index, row in enumerate(seen):
            tracks[row].add_element(image_id, index)
        image = pycolmap.Image(
            name=camera.name,
            points2D=pycolmap.Point2DList([pycolmap.Point2D(pixels[row]) for row in seen]),
            camera_id=1,
            image_id=image_id,
        )
        pose = pycolmap.Rigid3d(pycolmap.Rotation3d(camera.rotation), camera.translation)
        model.add_image_with_trivial_frame(image, pose)
    for point, color, track in zip(points, colors, tracks, strict=True):
        model.add_point3D(point, track, color)
    folder.mkdir(parents=True)
    model.write(str(folder))
