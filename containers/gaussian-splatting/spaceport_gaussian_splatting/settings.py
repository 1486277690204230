"""Settings of the training stage (`settings.json` of the `config` channel)."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from spaceport_common.settings import Settings, doc

MIN_FULL_RESOLUTION_SHARE = 0.4
SHARE_TOLERANCE = 1e-6
MIN_GAUSSIANS = 1000
"""A model of fewer, and of fewer than half of `maxGaussians`, is a dummy: MODEL_TOO_SMALL."""

Share = Annotated[float, Field(gt=0, le=1)]


class ResolutionStage(Settings):
    """One step of progressive resolution."""

    scale: Annotated[Share, doc("Part of the full training resolution.")]
    share: Annotated[Share, doc("Part of the budget of iterations or time.")]


class TrainingSettings(Settings):
    """What the workflow may decide of training."""

    max_iterations: Annotated[int, doc("Most training iterations, one photo each.", ge=0, le=1_000_000)]
    iterations_per_photo: Annotated[
        int, doc("Iterations for each photo that is learned from; 0: `maxIterations`.", ge=0, le=100_000)
    ]
    max_seconds: Annotated[float, doc("Wall-clock limit of the training loop, in seconds; 0 = no limit.", ge=0)]
    max_gaussians: Annotated[int, doc("Hard cap on the number of Gaussians.", ge=1, le=50_000_000)]
    pixels_per_gaussian: Annotated[
        int,
        doc(
            "One Gaussian for so many pixels that show again what another photo shows, at full training resolution; "
            "0: `maxGaussians`.",
            ge=0,
            le=100_000,
        ),
    ]
    sh_degree: Annotated[int, doc("Degree of the spherical harmonics.", ge=0, le=3)]
    dssim_weight: Annotated[float, doc("Weight of 1 - SSIM in the loss; the rest is L1.", ge=0, le=1)]
    image_size: Annotated[int, doc("Long side, in pixels, of the photos at full training resolution.", ge=16, le=16384)]
    resolution_stages: Annotated[list[ResolutionStage], Field(min_length=1)]
    """Steps of progressive resolution; shares add up to 1, the last scale is 1 with a share of at least 0.4."""
    refit_share: Annotated[
        float,
        doc("Part of the budget for all photos, held-out ones too, once they were measured with.", ge=0, le=0.5),
    ]
    plateau_patience: Annotated[int, Field(ge=1)]
    """Training stops early after so many evaluations in a row without a gain of `plateauMinDeltaDb`."""
    plateau_min_delta_db: Annotated[float, doc("Gain of PSNR, in dB, that counts as progress.", ge=0)]
    evaluation_every: Annotated[int, doc("Every n-th photo by name is held out of training and measured with.", ge=2)]
    min_points: Annotated[int, doc("Fewer SfM points than this: TOO_FEW_POINTS.", ge=1)]
    checkpoint_seconds: Annotated[float, doc("Seconds between checkpoints.", gt=0)]
    seed: Annotated[int, doc("Seed of every random choice.", ge=0, lt=2**63)]
    rasterizer: Literal["auto", "gsplat", "cpu", "torch"]
    """What draws: `gsplat` on CUDA, `cpu` the C++ kernel, `torch` plain PyTorch, `auto` the first of them that can."""

    @model_validator(mode="after")
    def _stages_fill_the_budget(self) -> "TrainingSettings":
        if abs(sum(stage.share for stage in self.resolution_stages) - 1) > SHARE_TOLERANCE:
            raise ValueError("resolutionStages: the shares must add up to 1")
        last = self.resolution_stages[-1]
        if last.scale != 1 or last.share < MIN_FULL_RESOLUTION_SHARE:
            raise ValueError(
                f"resolutionStages: the last must have scale 1 and at least a share of {MIN_FULL_RESOLUTION_SHARE}"
            )
        return self
