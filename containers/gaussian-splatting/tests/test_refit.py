import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from spaceport_common.errors import Interrupted
from spaceport_gaussian_splatting import course as module
from spaceport_gaussian_splatting.course import Course
from spaceport_gaussian_splatting.evaluation import mean_psnr, score_photos
from spaceport_gaussian_splatting.off_path import OFF_PATH_DEG, swung
from spaceport_gaussian_splatting.rasterizers.choice import training_rasterizer
from spaceport_gaussian_splatting.refit import judged_settings, refit_settings, round_of_looks
from spaceport_gaussian_splatting.scene import load_scene, seed_everything
from spaceport_gaussian_splatting.settings import TrainingSettings
from spaceport_gaussian_splatting.tuning import RefitTuning, Tuning
from splatting_testing.synthetic_scene import SETTINGS, camera_at


def settings(**changes: Any) -> TrainingSettings:
    return TrainingSettings.model_validate(SETTINGS | {"maxIterations": 120, "refitShare": 0.25} | changes)


@pytest.fixture
def place(tmp_path: Path, sfm_output: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A job's folder, whose photos are those of the testing scene."""
    (tmp_path / "input" / "data").mkdir(parents=True)
    (tmp_path / "input" / "data" / "sfm").symlink_to(sfm_output)
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    return tmp_path


def course(place: Path, given: TrainingSettings) -> Course:
    seed_everything(given.seed)
    scene = load_scene(place / "input" / "data" / "sfm", given)
    return Course(given, Tuning(), scene, training_rasterizer("cpu"))


def test_the_budget_is_shared_out_between_the_model_that_is_judged_and_the_refit() -> None:
    given = settings(maxIterations=1000, maxSeconds=100, refitShare=0.2)
    judged = judged_settings(given)
    assert (judged.max_iterations, judged.max_seconds) == (800, 80)
    refit = refit_settings(given, 800)
    assert (refit.max_iterations, refit.max_seconds) == (200, 20)
    assert refit_settings(given, 400).max_iterations == 100  # a plateau has ended the training before
    assert refit_settings(settings(refitShare=0), 1000).max_iterations == 0


def test_photos_that_were_held_out_are_looked_at_more_often() -> None:
    assert sorted(round_of_looks(4, [1], RefitTuning(held_out_looks=3))) == [0, 1, 1, 1, 2, 3]


def test_the_delivered_model_has_learned_from_the_photos_that_the_judged_one_was_measured_with(place: Path) -> None:
    run = course(place, settings())
    judged = run.judged()
    assert judged.iterations == 90 and run.refits(judged)
    refitted = run.refitted(judged)
    assert refitted.iterations == 30
    held_out, rasterizer = run.scene.held_out_photos(), training_rasterizer("cpu")
    before, after = (mean_psnr(score_photos(model.gaussians, held_out, rasterizer)) for model in (judged, refitted))
    assert after > before + 0.3
    assert len(refitted.gaussians) == len(judged.gaussians)


def test_an_interrupted_refit_is_resumed_and_the_judged_model_stays_as_it_was(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = course(place, settings())
    judged = run.judged()
    looks: list[float] = []

    def interrupt(_: Course, gaussians: object, spent: float) -> None:
        looks.append(spent)
        if len(looks) == 10:
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(module.Course, "_look", interrupt)
    with pytest.raises(Interrupted):
        run.refitted(judged)
    monkeypatch.setattr(module.Course, "_look", lambda _, gaussians, spent: looks.append(spent))
    again = course(place, settings())
    told = again.judged()
    assert torch.equal(told.gaussians.means, judged.gaussians.means)
    assert (told.iterations, told.stop_reason) == (judged.iterations, judged.stop_reason)
    looks.clear()
    assert again.refitted(told).iterations == 30
    assert looks[0] > 0.3  # it began in the middle


def test_a_view_off_the_flight_path_looks_at_the_same_place_from_15_degrees_beside_it() -> None:
    camera = camera_at(1, 0)
    target = camera.position + 10 * camera.rotation[2]
    beside = swung(camera, np.array([1.0, 0, 0]), 10)
    np.testing.assert_allclose(beside.world_to_camera(target[None])[0], [0, 0, 10], atol=1e-9)
    cosine = (beside.position - target) @ (camera.position - target) / 100
    assert np.degrees(np.arccos(cosine)) == pytest.approx(OFF_PATH_DEG)
    assert beside.position[0] == pytest.approx(camera.position[0])  # across the way, not along it
    assert swung(camera, np.zeros(3), 10).rotation.shape == (3, 3)
