from dataclasses import replace
from typing import Any

import pytest
from spaceport_gaussian_splatting.budget import Budget
from spaceport_gaussian_splatting.report import OpeningView, TrainingMetrics
from spaceport_gaussian_splatting.verdict import judged, warnings

ENOUGH = Budget(gaussians=10_000, iterations=1000, short_of_memory=False)


def metrics(covered: float = 0.9, **changed: Any) -> TrainingMetrics:
    """What a good run comes to, but for what is `changed`; `covered` is the opening view's."""
    view = OpeningView(position=[0, -5, -10], target=[0, 0, 0], field_of_view_deg=60, covered=covered)
    good: dict[str, Any] = {
        "gaussians": 9000,
        "evaluation_width": 400,
        "held_out": [],
        "psnr": 18.3,
        "ssim": 0.45,
        "train_psnr": 19.0,
        "iterations": 1000,
        "initial_psnr": 16.7,
        "initial_ssim": 0.34,
        "warnings": [],
        "opening_view": view,
        "limited_sizes": 0,
        "model_bytes": 2_232_000,
        "rasterizer": "cpu",
        "device": "cpu",
        "stop_reason": "iterations",
        "train_seconds": 40.0,
    }
    return TrainingMetrics.model_validate(good | changed)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({}, None),
        # The gain: 0.5 dB or 0.02 SSIM. The second is what photos with magenta under their transparent parts came to.
        ({"initial_psnr": 18.0, "initial_ssim": 0.44}, "NOTHING_LEARNED"),
        ({"initial_psnr": 9.155, "psnr": 9.157, "initial_ssim": 0.45}, "NOTHING_LEARNED"),
        ({"initial_psnr": 18.3, "initial_ssim": 0.42}, None),
        ({"initial_psnr": 17.7, "initial_ssim": 0.45}, None),
        ({"initial_psnr": 19.0, "initial_ssim": 0.50}, "NOTHING_LEARNED"),
        # A start that is already good leaves little to gain; it must not get worse.
        ({"initial_psnr": 33.9, "psnr": 34.0, "initial_ssim": 0.95, "ssim": 0.951}, None),
        ({"initial_psnr": 34.1, "psnr": 34.0, "initial_ssim": 0.95, "ssim": 0.951}, "NOTHING_LEARNED"),
        # Options that ask for little only warn.
        ({"iterations": 10, "initial_psnr": 18.2, "initial_ssim": 0.45}, None),
        ({"iterations": 10, "initial_psnr": 18.5, "initial_ssim": 0.46}, None),
        ({"iterations": 0}, "NOT_TRAINED"),
        ({"covered": 0.19}, "SCENE_EMPTY"),
        ({"covered": 0.2}, None),
        ({"gaussians": 999}, "MODEL_TOO_SMALL"),
        ({"gaussians": 0}, "MODEL_NOT_FINITE"),
    ],
)
def test_a_model_is_judged_by_what_it_gained_and_by_what_it_shows(changed: dict[str, Any], code: str | None) -> None:
    verdict = judged(metrics(**changed), max_gaussians=10_000, not_finite=0)
    assert (verdict.ok, verdict.code) == (code is None, code)
    assert (verdict.message is None) == (code is None)


def test_t02_the_smallest_cap_of_the_api_does_not_fail_because_of_itself() -> None:
    assert judged(metrics(gaussians=978), max_gaussians=1000, not_finite=0).ok
    verdict = judged(metrics(gaussians=499), max_gaussians=1000, not_finite=0)
    assert verdict.message == "the model has 499 Gaussians that can be seen, at least 500 are needed"


def test_a_small_gain_of_few_iterations_is_told_as_a_warning() -> None:
    assert warnings(metrics(), ENOUGH) == []
    (warning,) = warnings(metrics(iterations=10, initial_psnr=18.2, initial_ssim=0.449), ENOUGH)
    assert warning == (
        "in 10 iterations the likeness to photos held out went from 18.20 to 18.30 dB PSNR and from 0.449 to 0.450 "
        "SSIM: with more iterations the scene becomes sharper"
    )


def test_a_memory_that_is_too_small_for_the_photos_is_told_as_a_warning() -> None:
    (warning,) = warnings(metrics(), replace(ENOUGH, short_of_memory=True))
    assert warning.startswith("the machine's memory holds no more than 10000 Gaussians")
