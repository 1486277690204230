from dataclasses import replace
from pathlib import Path

import pytest
import torch
from spaceport_gaussian_splatting.checkpoint import (
    CorruptCheckpointError,
    newest_checkpoint,
    read_checkpoint,
    save_checkpoint,
)
from spaceport_gaussian_splatting.evaluation import mean_psnr, score_photos
from spaceport_gaussian_splatting.photos import Photo
from spaceport_gaussian_splatting.plateau import Plateau
from spaceport_gaussian_splatting.rasterizers.choice import training_rasterizer
from spaceport_gaussian_splatting.settings import TrainingSettings
from spaceport_gaussian_splatting.trainer import Trainer
from spaceport_gaussian_splatting.tuning import Tuning
from splatting_testing.synthetic_scene import HEIGHT, SETTINGS, WIDTH, camera_at, random_gaussians


def test_one_photo_is_learned_to_a_high_psnr() -> None:
    rasterizer = training_rasterizer("cpu")
    truth = random_gaussians(300, 0, seed=11)
    camera = camera_at(0, 0)
    image, _ = rasterizer.render(truth, camera, WIDTH, HEIGHT, 0)
    photo = Photo(camera, (image.clamp(0, 1) * 255).round().byte())
    start = random_gaussians(800, 0, seed=12)
    start.base_colors.zero_()
    # The training frame has median depth 1, this scene 10.
    small = replace(start, means=start.means / 10, log_scales=start.log_scales - torch.log(torch.tensor(20.0)))
    near = Photo(replace(camera, translation=camera.translation / 10, near=0.05), photo.pixels)
    settings = TrainingSettings.model_validate(SETTINGS | {"maxIterations": 400, "maxGaussians": 1200, "shDegree": 0})
    before = mean_psnr(score_photos(small, [near], rasterizer))
    outcome = Trainer(settings, Tuning(), [near], small, rasterizer, lambda iteration, state: None).train()
    after = mean_psnr(score_photos(outcome.gaussians, [near], rasterizer))
    assert before < 20
    assert after > 30
    assert len(outcome.gaussians) <= 1200


def test_a_plateau_needs_as_many_looks_without_gain_as_its_patience() -> None:
    plateau = Plateau(patience=2, min_delta_db=0.1)
    assert [plateau.reached(psnr) for psnr in (20, 20.05, 20.2, 20.25, 20.29)] == [False, False, False, False, True]


def test_a_damaged_checkpoint_is_refused_and_the_one_before_is_used(tmp_path: Path) -> None:
    for iteration in (10, 20, 30):
        save_checkpoint(tmp_path, iteration, {"fingerprint": "f", "iteration": iteration})
    files = sorted(tmp_path.iterdir())
    assert [path.name for path in files] == ["checkpoint-000000020.bin", "checkpoint-000000030.bin"]
    data = bytearray(files[-1].read_bytes())
    data[len(data) // 2] ^= 1
    files[-1].write_bytes(data)
    with pytest.raises(CorruptCheckpointError):
        read_checkpoint(files[-1])
    state = newest_checkpoint(tmp_path, "f")
    assert state is not None and state["iteration"] == 20
    assert newest_checkpoint(tmp_path, "another scene") is None
