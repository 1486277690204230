"""Exposures of photos: learned beside the model, and told by neighbours for photos that nothing is learned from."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from spaceport_gaussian_splatting.exposure import Exposure, Exposures, LearnedExposures
from spaceport_gaussian_splatting.exposure_values import read_exposure_values
from spaceport_gaussian_splatting.image_metrics import color_matched, psnr
from spaceport_gaussian_splatting.photos import Photo
from spaceport_gaussian_splatting.rasterizers.choice import training_rasterizer
from spaceport_gaussian_splatting.settings import TrainingSettings
from spaceport_gaussian_splatting.shared_points import log_gains
from spaceport_gaussian_splatting.trainer import Trainer
from spaceport_gaussian_splatting.tuning import Tuning
from splatting_testing.synthetic_scene import HEIGHT, SETTINGS, WIDTH, camera_at, random_gaussians
from torch import Tensor

CPU = torch.device("cpu")


def picture(seed: int) -> Tensor:
    return torch.rand(20, 30, 3, generator=torch.Generator().manual_seed(seed))


def photos_of(exposures: list[Exposure]) -> tuple[Any, list[Photo]]:
    """A known model, and photos of it that were exposed so."""
    model = random_gaussians(300, 0, seed=11)
    rasterizer = training_rasterizer("cpu")
    photos = []
    for index, exposure in enumerate(exposures):
        camera = camera_at(0.3 * index, 0)
        image, _ = rasterizer.render(model, camera, WIDTH, HEIGHT, 0)
        pixels = (exposure.applied(image).clamp(0, 1) * 255).round().byte()
        photos.append(Photo(replace(camera, translation=camera.translation / 10, near=0.05), pixels))
    # The training frame has median depth 1, this scene 10.
    scaled = replace(model, means=model.means / 10, log_scales=model.log_scales - torch.log(torch.tensor(10.0)))
    return scaled, photos


def test_photos_that_were_exposed_differently_come_out_so_and_their_mean_does_not_move() -> None:
    gains = torch.tensor([0.8, 0.8, 1.0, 1.0])
    model, photos = photos_of([Exposure(gain.expand(3), torch.zeros(3)) for gain in gains])
    settings = TrainingSettings.model_validate(SETTINGS | {"maxIterations": 100, "maxGaussians": 400, "shDegree": 0})
    trainer = Trainer(settings, Tuning(), photos, model, training_rasterizer("cpu"), lambda iteration, state: None)
    learned = trainer.train().exposures
    assert learned.log_gains.mean(dim=0).abs().max() < 1e-5
    shown = [float(learned.of(index).applied(torch.full((1, 1, 3), 0.5)).mean()) for index in range(4)]
    assert (shown[0] + shown[1]) / (shown[2] + shown[3]) == pytest.approx(0.8, abs=0.05)


def test_photos_are_taken_as_they_are_where_exposures_are_not_learned() -> None:
    model, photos = photos_of([Exposure(torch.full((3,), gain), torch.zeros(3)) for gain in (0.7, 1.0, 0.7)])
    settings = TrainingSettings.model_validate(SETTINGS | {"maxIterations": 20, "maxGaussians": 400, "shDegree": 0})
    rasterizer = training_rasterizer("cpu")
    learned = Trainer(settings, Tuning(), photos, model, rasterizer, lambda *_: None, False).train().exposures
    assert learned.log_gains.abs().max() == 0 and learned.offsets.abs().max() == 0


def test_shared_points_tell_how_photos_were_exposed() -> None:
    gains = [0.7, 0.8, 1.0, 0.9, 0.7]
    _, photos = photos_of([Exposure(torch.full((3,), gain), torch.zeros(3)) for gain in gains])
    points = random_gaussians(300, 0, seed=11).means.double().numpy() / 10
    observed = [inside(photo, points) for photo in photos]
    expected = np.log(gains) - np.log(gains).mean()
    assert log_gains(photos, observed, points) == pytest.approx(expected, abs=0.05)
    assert log_gains(photos, [rows[:3] for rows in observed], points).tolist() == [0.0] * 5  # too few to say anything


def inside(photo: Photo, points: NDArray[np.float64]) -> NDArray[np.int64]:
    at = photo.camera.pixels(points)
    return np.nonzero(((at > 0) & (at < (photo.width, photo.height))).all(axis=1))[0]


def test_a_checkpoint_holds_exposures_and_one_from_before_them_is_still_read() -> None:
    exposures = Exposures(3, CPU, Tuning().exposure)
    for _ in range(5):
        torch.autograd.backward((exposures.of(1).applied(picture(1)) - 0.9).abs().mean())
        exposures.step(1.0)
    again = Exposures(3, CPU, Tuning().exposure)
    again.restore(exposures.state())
    assert torch.equal(again.learned().log_gains, exposures.learned().log_gains)
    assert float(again.learned().log_gains[1].min()) > 0

    model, photos = photos_of([Exposure(torch.ones(3), torch.zeros(3))] * 3)
    settings = TrainingSettings.model_validate(SETTINGS | {"maxIterations": 4, "maxGaussians": 400, "shDegree": 0})
    new = Trainer(settings, Tuning(), photos, model, training_rasterizer("cpu"), lambda iteration, state: None)
    old = {name: value for name, value in new.state().items() if name != "exposures"}
    new.restore(old)
    assert new.train().iterations == 4


def test_neighbours_tell_an_exposure_where_it_drifts_and_nothing_where_it_jumps() -> None:
    places = [index for index in range(17) if index % 8 != 0]  # 0, 8 and 16 are held out
    drift = torch.tensor([index - 8.0 for index in places]).unsqueeze(1).expand(-1, 3) / 20
    drifting = LearnedExposures(drift, torch.zeros_like(drift))
    assert drifting.predicted(places, 8).gain.tolist() == pytest.approx([1.0] * 3, abs=1e-6)
    assert drifting.predicted(places, 0).gain.log().tolist() == pytest.approx([-0.35] * 3, abs=0.05)
    assert drifting.predicted(places, 16).gain.log().tolist() == pytest.approx([0.35] * 3, abs=0.05)

    jumps = torch.tensor([0.3 * (-1.0) ** row for row in range(len(places))]).unsqueeze(1).expand(-1, 3)
    jumping = LearnedExposures(jumps, jumps / 10)
    assert jumping.predicted(places, 16).gain.tolist() == [1.0] * 3
    assert jumping.predicted(places, 16).offset.tolist() == [0.0] * 3


def test_exif_tells_an_exposure_as_far_as_the_other_photos_follow_theirs() -> None:
    places, values = [0, 1, 2, 4, 5, 6], [10.0, 12.0, 10.0, 9.0, 12.0, 10.0, 11.0]  # 3 is held out, with the most light
    light = -math.log(2) * torch.tensor([values[place] for place in places])
    gains = 0.3 * (light - light.mean()).unsqueeze(1).expand(-1, 3)
    following = LearnedExposures(gains, torch.zeros_like(gains))
    expected = 0.3 * (-math.log(2) * 9.0 - float(light.mean()))
    assert following.predicted(places, 3, values).gain.log().tolist() == pytest.approx([expected] * 3, abs=1e-5)
    unknown = [*values[:3], None, *values[4:]]
    assert following.predicted(places, 3, unknown).gain.tolist() == following.predicted(places, 3).gain.tolist()

    few = LearnedExposures(gains[:3], torch.zeros(3, 3))
    assert few.predicted([0, 1, 2], 3, values).gain.tolist() == [1.0] * 3


@pytest.mark.parametrize("content", [None, "{", "[]", '{"photos": [{"image": "a.jpg"}]}'])
def test_photos_whose_file_tells_no_exposure_values_have_none(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "photos.json").write_text(content)
    assert read_exposure_values(tmp_path / "photos.json") == {}


def test_exposure_values_are_those_of_photos_in_the_model(tmp_path: Path) -> None:
    photos = [{"image": "a.jpg", "exposureValue": 10.5}, {"image": "b.jpg", "exposureValue": None}, {"image": None}]
    (tmp_path / "photos.json").write_text(json.dumps({"photos": photos}))
    assert read_exposure_values(tmp_path / "photos.json") == {"a.jpg": 10.5}


def test_a_picture_that_differs_by_colours_alone_matches_and_another_does_not() -> None:
    image = picture(2) * 0.5 + 0.2
    exposed = Exposure(torch.tensor([0.9, 1.1, 1.0]), torch.tensor([0.05, 0.0, -0.05])).applied(image)
    assert psnr(image, exposed) < 30
    assert psnr(color_matched(image, exposed), exposed) > 90
    assert psnr(color_matched(image, picture(3)), picture(3)) < 15
    assert torch.equal(color_matched(image, image), image)
