"""The course of one training: the model that is measured, then what becomes of it with all photos; both are resumed."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import torch
from spaceport_common.opening_view import shown_pose
from spaceport_common.paths import checkpoint_dir, training_channel
from spaceport_common.progress import progress

from .checkpoint import newest_checkpoint, save_checkpoint
from .cropping import delivered
from .evaluation import PhotoScore, score_photos
from .exposure import Exposure, LearnedExposures
from .gaussians import Gaussians
from .optimizer import GaussianOptimizer
from .photos import Photo
from .pictures import first_view
from .preview import PREVIEW_FILE, PREVIEW_SIZE, Preview
from .preview_scene import PREVIEW_SCENE_FILE, PreviewScene
from .rasterizers.protocol import Rasterizer
from .refit import RefitSchedule, all_exposures, judged_settings, refit_settings, round_of_looks
from .scene import Scene
from .schedule import Schedule
from .settings import TrainingSettings
from .trainer import Outcome, SaveState, Tell, Trainer
from .tuning import Tuning


class Course:
    """One run of it, from its start or from the newest checkpoint."""

    def __init__(self, settings: TrainingSettings, tuning: Tuning, scene: Scene, rasterizer: Rasterizer) -> None:
        self.scene, self._settings, self._tuning, self._rasterizer = scene, settings, tuning, rasterizer
        self._folder: Path = checkpoint_dir()
        self._fingerprint = scene.fingerprint(settings, tuning)
        self._initial = scene.initial_gaussians(settings, tuning)
        self._learns = scene.exposure_spread >= tuning.exposure.min_spread
        self._optimizer: GaussianOptimizer | None = None
        self._state = newest_checkpoint(self._folder, self._fingerprint)
        view = first_view(shown_pose(training_channel("sfm") / "scene.json"), scene.export_cameras, PREVIEW_SIZE)
        self._picture = Preview(self._folder / PREVIEW_FILE, view, scene.frame.export, rasterizer)
        self._shows = PreviewScene(self._folder / PREVIEW_SCENE_FILE, self._delivered)
        if self._state is not None:
            print(f"resumed at iteration {self._state['iteration']}", flush=True)

    def initial_scores(self) -> list[PhotoScore]:
        """Of held-out photos before training."""
        return score_photos(self._initial, self.scene.held_out_photos(), self._rasterizer)

    def judged(self) -> Outcome:
        """The model that has seen no held-out photo. Raises Interrupted."""
        if self._state is not None and "judged" in self._state:
            return _outcome(self._state["judged"])
        settings = judged_settings(self._settings)
        photos, schedule = self.scene.training_photos(), Schedule(settings, self._tuning.schedule)
        trainer = self._trainer(
            settings, photos, self._initial, schedule, partial(progress, "train"), self._saves(0, {})
        )
        if self._state is not None:
            trainer.restore(self._state)
        outcome = trainer.train()
        self._optimizer = trainer.optimizer
        return outcome

    def refits(self, judged: Outcome) -> bool:
        """Whether anything of the budget is left for all photos."""
        return refit_settings(self._settings, judged.iterations).max_iterations > 0

    def refitted(self, judged: Outcome) -> Outcome:
        """What the judged model becomes with all photos; iterations and seconds are those of the refit alone.

        Raises Interrupted.
        """
        scene, tuning = self.scene, self._tuning
        settings = refit_settings(self._settings, judged.iterations)
        schedule = RefitSchedule(settings, tuning.schedule, tuning.refit)
        save = self._saves(judged.iterations, {"judged": _kept(judged)})
        trainer = self._trainer(settings, scene.photos, judged.gaussians, schedule, partial(progress, "refit"), save)
        optimizer = self._optimizer or GaussianOptimizer(judged.gaussians, asdict(tuning.rates))
        told = dict(zip(scene.held_out, self.predicted(judged), strict=True))
        exposures = all_exposures(len(scene.photos), scene.training, judged.exposures, told)
        trainer.go_on(optimizer, exposures, round_of_looks(len(scene.photos), scene.held_out, tuning.refit))
        if self._state is not None and "judged" in self._state:
            trainer.restore(self._state)
        return trainer.train()

    def predicted(self, judged: Outcome) -> list[Exposure]:
        """Of held-out photos, by their EXIF and neighbours."""
        scene = self.scene
        return [judged.exposures.predicted(scene.training, at, scene.exposure_values) for at in scene.held_out]

    def _trainer(
        self,
        settings: TrainingSettings,
        photos: Sequence[Photo],
        start: Gaussians,
        schedule: Schedule,
        tell: Tell,
        save: SaveState,
    ) -> Trainer:
        rasterizer, look = self._rasterizer, self._look
        return Trainer(settings, self._tuning, photos, start, rasterizer, save, self._learns, look, schedule, tell)

    def _look(self, gaussians: Gaussians, spent: float) -> None:
        self._picture(gaussians)
        self._shows(gaussians, spent)

    def _delivered(self, gaussians: Gaussians) -> Gaussians:
        return self.scene.frame.export(delivered(gaussians, self._tuning.cropping)[0])

    def _saves(self, before: int, also: dict[str, Any]) -> SaveState:
        """`before`: iterations of earlier parts, so that the newest checkpoint has the highest number."""

        def save(iteration: int, state: dict[str, Any]) -> None:
            known = state | {"fingerprint": self._fingerprint} | also
            path = save_checkpoint(self._folder, before + iteration, known)
            print(f"saved {path.name}", flush=True)

        return save


def _kept(outcome: Outcome) -> dict[str, Any]:
    """For a checkpoint."""
    return {
        "gaussians": outcome.gaussians.to(torch.device("cpu")).tensors(),
        "logGains": outcome.exposures.log_gains,
        "offsets": outcome.exposures.offsets,
        "iterations": outcome.iterations,
        "seconds": outcome.seconds,
        "stopReason": outcome.stop_reason,
    }


def _outcome(kept: dict[str, Any]) -> Outcome:
    exposures = LearnedExposures(kept["logGains"], kept["offsets"])
    return Outcome(Gaussians(**kept["gaussians"]), exposures, kept["iterations"], kept["seconds"], kept["stopReason"])
