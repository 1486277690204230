"""Whether a trained model may be built on; docs/checks.md has the numbers that the thresholds come from."""

from spaceport_common.failures import model_too_small, not_trained, scene_empty
from spaceport_common.opening_view import MIN_COVERED_PERCENT
from spaceport_common.report import ACCEPTED, Verdict, rejected

from .budget import Budget
from .opening_view import MIN_COVERED
from .report import TrainingMetrics
from .settings import MIN_GAUSSIANS

# Photos that fit together teach more than this, whatever the start; one of the two is enough.
MIN_GAIN_DB, MIN_GAIN_SSIM = 0.5, 0.02
MIN_JUDGED_ITERATIONS = 100  # fewer were asked for, or paid for: their small gain is no surprise
GOOD_DB = 30.0  # a model that shows held-out photos like this is good, however good its start was


def fewest_gaussians(max_gaussians: int) -> int:
    """Gaussians that a model needs: a cap that is small itself is not held against it."""
    return min(MIN_GAUSSIANS, max_gaussians // 2)


def judged(metrics: TrainingMetrics, max_gaussians: int, not_finite: int) -> Verdict:
    """The verdict on a model of at most `max_gaussians`, of which `not_finite` were broken before the export."""
    if not_finite > 0 or metrics.gaussians == 0:
        return rejected("MODEL_NOT_FINITE", f"{not_finite} Gaussians of the trained model are not finite numbers")
    if metrics.iterations == 0:
        return rejected("NOT_TRAINED", not_trained())
    needed = fewest_gaussians(max_gaussians)
    if metrics.gaussians < needed:
        return rejected("MODEL_TOO_SMALL", model_too_small(gaussians=metrics.gaussians, needed=needed))
    if metrics.iterations >= MIN_JUDGED_ITERATIONS and not _has_learned(metrics):
        return rejected("NOTHING_LEARNED", _gain(metrics))
    covered = metrics.opening_view.covered
    if covered < MIN_COVERED:
        return rejected("SCENE_EMPTY", scene_empty(covered=round(100 * covered), needed=MIN_COVERED_PERCENT))
    return ACCEPTED


def warnings(metrics: TrainingMetrics, budget: Budget) -> list[str]:
    """What a person should know of an accepted model, a sentence each."""
    found = []
    if not _has_learned(metrics):
        found.append(f"{_gain(metrics)}: with more iterations the scene becomes sharper")
    if budget.short_of_memory:
        found.append(
            f"the machine's memory holds no more than {budget.gaussians} Gaussians: "
            "with more memory the scene becomes sharper"
        )
    return found


def _has_learned(metrics: TrainingMetrics) -> bool:
    gain_db, gain_ssim = metrics.psnr - metrics.initial_psnr, metrics.ssim - metrics.initial_ssim
    already_good = metrics.psnr >= GOOD_DB and gain_db >= 0
    return gain_db >= MIN_GAIN_DB or gain_ssim >= MIN_GAIN_SSIM or already_good


def _gain(metrics: TrainingMetrics) -> str:
    return (
        f"in {metrics.iterations} iterations the likeness to photos held out went from "
        f"{metrics.initial_psnr:.2f} to {metrics.psnr:.2f} dB PSNR and from "
        f"{metrics.initial_ssim:.3f} to {metrics.ssim:.3f} SSIM"
    )
