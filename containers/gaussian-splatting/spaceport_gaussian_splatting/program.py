"""The training stage from its input folders to its output folder."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from spaceport_common.errors import StageError
from spaceport_common.failures import out_of_memory
from spaceport_common.gpu import GpuUse, watched_gpu
from spaceport_common.opening_view import FIELD_OF_VIEW_DEG, read_cameras, shown_pose
from spaceport_common.paths import model_dir, training_channel
from spaceport_common.progress import progress, tell_of_machine
from spaceport_common.report import Recorder, peak_memory_mb

from .budget import content_budget, free_memory_bytes, within
from .camera_list import save_cameras
from .course import Course
from .cropping import delivered
from .evaluation import PhotoScore, mean_corrected_psnr, mean_psnr, mean_ssim, score_photos
from .exposure import Exposure
from .gaussians import Gaussians
from .off_path import OFF_PATH_FILE, off_path_camera
from .opening_view import Opening, best_opening
from .photos import Photo
from .pictures import save_held_out, save_poster, save_view
from .ply import read_ply, write_ply
from .rasterizers.choice import training_rasterizer
from .rasterizers.protocol import Rasterizer
from .report import (
    HeldOutPhoto,
    OffPathView,
    OpeningView,
    PhotoSize,
    Refit,
    TrainingInputs,
    TrainingMetrics,
    TrainingReport,
)
from .scene import Scene, load_scene, seed_everything
from .settings import TrainingSettings
from .trainer import Outcome
from .tuning import CroppingTuning, Tuning
from .verdict import judged, warnings

MAX_SCORED_TRAINING_PHOTOS = 16


def main(settings: TrainingSettings) -> None:
    """Runs the stage; see docs/container-contract.md for folders, codes and gates."""
    try:
        run(settings, Tuning(), model_dir())
    except torch.OutOfMemoryError as error:
        peak = torch.cuda.max_memory_allocated() / 2**20
        raise StageError("GPU_OUT_OF_MEMORY", f"the GPU's memory is too small, {peak:.0f} MiB were in use") from error
    except RuntimeError as error:
        if "can't allocate memory" not in str(error):  # PyTorch's CPU allocator has no exception of its own
            raise
        raise StageError("OUT_OF_MEMORY", f"{out_of_memory()}, {peak_memory_mb():.0f} MiB were in use") from error


def run(settings: TrainingSettings, tuning: Tuning, output: Path) -> None:
    """Trains on the `sfm` channel and writes everything into `output`. Raises StageError."""
    seed_everything(settings.seed)
    rasterizer = training_rasterizer(settings.rasterizer)
    with watched_gpu(_gpu_id(rasterizer.device)) as gpu:
        tell_of_machine(gpu.figures)
        _run(settings, tuning, output, rasterizer, gpu)


def _run(settings: TrainingSettings, tuning: Tuning, output: Path, rasterizer: Rasterizer, gpu: GpuUse) -> None:
    recorder = Recorder()
    output.mkdir(parents=True, exist_ok=True)

    asked = settings
    with recorder.phase("prepare"):
        scene = load_scene(training_channel("sfm"), settings)
        budget = content_budget(
            settings, len(scene.training), scene.repeated_pixels, free_memory_bytes(rasterizer.device)
        )
        settings = within(settings, budget)
        course = Course(settings, tuning, scene, rasterizer)
        initial = course.initial_scores()
    with recorder.phase("train"):
        outcome = delivered_outcome = course.judged()
    with recorder.phase("evaluate"):
        limited = _export(output, scene, outcome, tuning.cropping, _psnr_of(scene, scene.training, outcome, rasterizer))
        held_out, training_photos = _evaluate(read_ply(output / "model.ply"), scene, course, outcome, rasterizer)
        reported = _reported(output, held_out)
    refit = None
    if course.refits(outcome):
        with recorder.phase("refit"):
            delivered_outcome = course.refitted(outcome)
            all_photos = range(len(scene.photos))
            psnr_of = _psnr_of(scene, all_photos, delivered_outcome, rasterizer)
            limited = _export(output, scene, delivered_outcome, tuning.cropping, psnr_of)
            refit = _refit(delivered_outcome, len(scene.photos))
    with recorder.phase("export"):
        not_finite = int((~delivered_outcome.gaussians.finite_rows()).sum())
        save_cameras(output / "cameras.json", scene)
        model = read_ply(output / "model.ply")
        opening, off_path = _draw_views(output, model, scene, rasterizer)
        progress("export", 1, 1)
    metrics = TrainingMetrics(
        gaussians=len(model),
        evaluation_width=held_out[0].photo.width,
        held_out=reported,
        psnr=mean_psnr(held_out),
        ssim=mean_ssim(held_out),
        repeated_pixels=round(scene.repeated_pixels),
        exposure_spread=round(scene.exposure_spread, 4),
        corrected_psnr=round(mean_corrected_psnr(held_out), 4),
        train_psnr=mean_psnr(training_photos),
        iterations=outcome.iterations,
        initial_psnr=mean_psnr(initial),
        initial_ssim=mean_ssim(initial),
        warnings=[],
        opening_view=OpeningView(
            position=opening.pose.position.tolist(),
            target=opening.pose.target.tolist(),
            field_of_view_deg=FIELD_OF_VIEW_DEG,
            covered=round(opening.covered, 4),
        ),
        limited_sizes=limited,
        model_bytes=(output / "model.ply").stat().st_size,
        rasterizer=rasterizer.name,
        device=str(rasterizer.device),
        stop_reason=outcome.stop_reason,
        train_seconds=round(outcome.seconds, 3),
        refit=refit,
        off_path=off_path,
    )
    metrics.warnings = warnings(metrics, budget)
    recorder.add_gpu(gpu)
    TrainingReport(
        stage="training",
        options=asked,
        inputs=TrainingInputs(
            photos=len(scene.photos),
            training_photos=len(scene.training),
            points=len(scene.model.points),
            masked=sum(photo.visible is not None for photo in scene.photos),
            sizes=_sizes(scene.photos),
        ),
        metrics=metrics,
        verdict=judged(metrics, settings.max_gaussians, not_finite),
        **recorder.facts(torch=torch.__version__, **_cuda_versions(rasterizer.device)),
    ).write(output)


def _export(
    output: Path, scene: Scene, outcome: Outcome, tuning: CroppingTuning, psnr_of: Callable[[Gaussians], float]
) -> int:
    """Writes model.ply; returns how many Gaussians were too large."""
    model, limited = delivered(outcome.gaussians, tuning, psnr_of)
    write_ply(output / "model.ply", scene.frame.export(model))
    return limited


def _sample(scene: Scene, trained: Sequence[int], outcome: Outcome) -> tuple[list[Photo], list[Exposure]]:
    """Some of the photos that a model was trained on, in the file's frame, and what it learned of their exposures."""
    step = -(-len(trained) // MAX_SCORED_TRAINING_PHOTOS)
    learned = [outcome.exposures.of(index) for index in range(0, len(trained), step)]
    return scene.exported_photos(trained[::step]), learned


def _psnr_of(
    scene: Scene, trained: Sequence[int], outcome: Outcome, rasterizer: Rasterizer
) -> Callable[[Gaussians], float]:
    """Mean PSNR of some of the photos that a model was trained on, dB, of Gaussians of the training frame."""

    def psnr(gaussians: Gaussians) -> float:
        photos, learned = _sample(scene, trained, outcome)
        return mean_psnr(score_photos(scene.frame.export(gaussians), photos, rasterizer, learned))

    return psnr


def _evaluate(
    model: Gaussians, scene: Scene, course: Course, outcome: Outcome, rasterizer: Rasterizer
) -> tuple[list[PhotoScore], list[PhotoScore]]:
    """Scores of the held-out photos and of some training photos, of the exported file, read back."""
    held_out = scene.exported_photos(scene.held_out)
    training, learned = _sample(scene, scene.training, outcome)
    total = len(held_out) + len(training)
    scores = score_photos(
        model, held_out, rasterizer, course.predicted(outcome), lambda done: progress("evaluate", done, total)
    )
    training_scores = score_photos(
        model, training, rasterizer, learned, lambda done: progress("evaluate", len(held_out) + done, total)
    )
    return scores, training_scores


def _draw_views(
    output: Path, model: Gaussians, scene: Scene, rasterizer: Rasterizer
) -> tuple[Opening, OffPathView | None]:
    """Draws the poster and a view off the flight path of the exported file, and chooses what a page opens with."""
    shown = shown_pose(training_channel("sfm") / "scene.json")
    save_poster(output, model, shown, scene.export_cameras, rasterizer)
    camera = off_path_camera(scene)
    if camera is not None:
        save_view(output / OFF_PATH_FILE, model, camera, rasterizer)
    opening = best_opening(model, read_cameras(output / "cameras.json"), scene.export_cameras[0].near, rasterizer)
    return opening, None if camera is None else OffPathView(near=camera.name, picture=OFF_PATH_FILE)


def _refit(outcome: Outcome, photos: int) -> Refit:
    return Refit(photos=photos, iterations=outcome.iterations, seconds=round(outcome.seconds, 3))


def _reported(output: Path, scores: Sequence[PhotoScore]) -> list[HeldOutPhoto]:
    """Every held-out photo by name; writes pictures of some."""
    pictures = save_held_out(output, scores)
    return [
        HeldOutPhoto(
            name=score.photo.camera.name,
            psnr=round(score.psnr, 4),
            ssim=round(score.ssim, 5),
            corrected_psnr=round(score.corrected_psnr, 4),
            **(asdict(pictures[index]) if index in pictures else {}),
        )
        for index, score in enumerate(scores)
    ]


def _sizes(photos: Sequence[Photo]) -> list[PhotoSize]:
    """The commonest first."""
    counts = Counter((photo.width, photo.height) for photo in photos)
    return [PhotoSize(width=width, height=height, photos=count) for (width, height), count in counts.most_common()]


def _gpu_id(device: torch.device) -> str | None:
    """As nvidia-smi knows it, whichever cards are hidden from this process; None for a CPU."""
    return f"GPU-{torch.cuda.get_device_properties(device).uuid}" if device.type == "cuda" else None


def _cuda_versions(device: torch.device) -> dict[str, str]:
    used = device.type == "cuda"
    return {"cuda": str(torch.version.cuda), "gpu": torch.cuda.get_device_name(device)} if used else {}
