import shutil
from pathlib import Path

import numpy as np
import pycolmap
import pytest
import torch
from PIL import Image
from spaceport_gaussian_splatting.colmap_model import read_sparse_model
from spaceport_gaussian_splatting.evaluation import mean_psnr, score_photos
from spaceport_gaussian_splatting.frame import Frame, median_depth, model_cameras, training_frame
from spaceport_gaussian_splatting.image_metrics import psnr
from spaceport_gaussian_splatting.loss import fastest_loss
from spaceport_gaussian_splatting.rasterizers.torch_tiles import TorchRasterizer
from spaceport_gaussian_splatting.scene import load_scene
from spaceport_gaussian_splatting.settings import TrainingSettings
from spaceport_gaussian_splatting.split import held_out_indices
from spaceport_gaussian_splatting.tuning import Tuning
from splatting_testing.synthetic_scene import HEIGHT, SETTINGS, WIDTH, camera_at, random_gaussians


def test_the_reader_reads_what_colmap_wrote(sfm_output: Path) -> None:
    model = read_sparse_model(sfm_output / "sparse" / "0")
    truth = pycolmap.Reconstruction(str(sfm_output / "sparse" / "0"))
    assert [image.name for image in model.images] == sorted(image.name for image in truth.images.values())
    by_name = {image.name: image for image in truth.images.values()}
    for image in model.images:
        pose = by_name[image.name].cam_from_world()
        np.testing.assert_allclose(image.rotation, pose.rotation.matrix(), atol=1e-12)
        np.testing.assert_allclose(image.translation, pose.translation, atol=1e-12)
        assert len(image.observed) == by_name[image.name].num_points3D
    assert len(model.points) == truth.num_points3D()
    assert list(model.cameras[1].params) == list(truth.cameras[1].params)


def test_the_training_frame_has_median_depth_one(sfm_output: Path) -> None:
    model = read_sparse_model(sfm_output / "sparse" / "0")
    frame = training_frame(model)
    assert abs(median_depth(model) * frame.scale - 1) < 1e-9
    moved = frame.points(model.points)
    camera, inside = model_cameras(model)[0], frame.camera(model_cameras(model)[0])
    np.testing.assert_allclose(inside.pixels(moved), camera.pixels(model.points), atol=1e-9)


def test_shifting_and_scaling_the_world_100_times_changes_no_picture() -> None:
    model, camera = random_gaussians(200, 2, seed=6), camera_at(0.5, 0.5)
    frame = Frame(np.array([300.0, -200.0, 100.0]), 0.01)
    exported, exported_camera = frame.export(model), Frame(-frame.origin * frame.scale, 1 / frame.scale).camera(camera)
    rasterizer = TorchRasterizer(torch.device("cpu"))
    image, _ = rasterizer.render(model, camera, WIDTH, HEIGHT, 2)
    far, _ = rasterizer.render(exported, exported_camera, WIDTH, HEIGHT, 2)
    torch.testing.assert_close(far, image, atol=2e-3, rtol=0)
    np.testing.assert_allclose(frame.camera(exported_camera).translation, camera.translation, atol=1e-9)


def test_every_nth_photo_by_name_is_held_out_and_at_least_two() -> None:
    assert held_out_indices(18, 8) == [0, 8, 16]
    assert held_out_indices(6, 8) == [0, 3]
    assert held_out_indices(3, 8) == [0]


def test_the_model_before_training_is_dense_within_its_cap_and_shows_held_out_photos(sfm_output: Path) -> None:
    settings = TrainingSettings.model_validate(SETTINGS)
    scene = load_scene(sfm_output, settings)
    initial = scene.initial_gaussians(settings, Tuning())
    assert settings.max_gaussians // 2 < len(initial) <= settings.max_gaussians
    black = initial.detached()
    black.base_colors = torch.full_like(black.base_colors, -2.0)
    rasterizer = TorchRasterizer(torch.device("cpu"))
    photos = scene.held_out_photos()
    assert mean_psnr(score_photos(initial, photos, rasterizer)) > mean_psnr(score_photos(black, photos, rasterizer)) + 3


def hide_right_half(sfm_output: Path, folder: Path) -> Path:
    """The SfM output with the right half of every photo masked; magenta is stored there."""
    shutil.copytree(sfm_output, folder)
    (folder / "masks").mkdir()
    for path in (folder / "images").iterdir():
        with Image.open(path) as photo:
            pixels = np.array(photo.convert("RGB"))
        pixels[:, WIDTH // 2 :] = (255, 0, 255)
        Image.fromarray(pixels).save(path)
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        mask[:, : WIDTH // 2] = 255
        Image.fromarray(mask).save(folder / "masks" / f"{path.name}.png")
    return folder


def test_s07_transparent_parts_neither_start_a_model_nor_count_in_its_quality(tmp_path: Path, sfm_output: Path) -> None:
    settings = TrainingSettings.model_validate(SETTINGS)
    scene = load_scene(hide_right_half(sfm_output, tmp_path / "sfm"), settings)
    initial = scene.initial_gaussians(settings, Tuning())
    colours = initial.base_colors * 0.28209479 + 0.5
    assert not ((colours[:, 0] > 0.95) & (colours[:, 1] < 0.05) & (colours[:, 2] > 0.95)).any()

    whole = load_scene(sfm_output, settings)
    rasterizer = TorchRasterizer(torch.device("cpu"))
    masked_photo, photo = scene.held_out_photos()[0], whole.held_out_photos()[0]
    (score,) = score_photos(initial, [masked_photo], rasterizer)
    left = score.render[:, : WIDTH // 2], photo.target(torch.device("cpu"))[:, : WIDTH // 2]
    assert score.psnr == pytest.approx(psnr(*left), abs=1e-3)


def test_s07_training_pulls_at_no_transparent_pixel(tmp_path: Path, sfm_output: Path) -> None:
    settings = TrainingSettings.model_validate(SETTINGS)
    photo = load_scene(hide_right_half(sfm_output, tmp_path / "sfm"), settings).photos[0]
    image = torch.full((HEIGHT, WIDTH, 3), 0.5, requires_grad=True)
    torch.autograd.backward(fastest_loss(image.device, 0.0)(image, photo, None))
    assert image.grad is not None
    assert not image.grad[:, WIDTH // 2 :].any() and image.grad[:, : WIDTH // 2].any()


def test_s07_a_mask_shrinks_with_its_photo(tmp_path: Path, sfm_output: Path) -> None:
    settings = TrainingSettings.model_validate(SETTINGS)
    half = load_scene(hide_right_half(sfm_output, tmp_path / "sfm"), settings).photos[0].scaled(0.5)
    assert half.visible is not None and tuple(half.visible.shape) == (HEIGHT // 2, WIDTH // 2)
    assert half.visible_share == pytest.approx(0.5)
