"""Settings of the training stage (`settings.json` of the `config` channel)."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from spaceport_common.settings import Settings

MIN_FULL_RESOLUTION_SHARE = 0.4
SHARE_TOLERANCE = 1e-6
MIN_MODEL_BYTES = 100 * 1024
"""A model.ply of this size or less is a dummy: MODEL_TOO_SMALL."""

Share = Annotated[float, Field(gt=0, le=1)]


class ResolutionStage(Settings):
    """One step of progressive resolution."""

    scale: Share
    """Part of the full training resolution."""
    share: Share
    """Part of the budget of iterations or time."""


class TrainingSettings(Settings):
    """What the workflow may decide of training."""

    max_iterations: Annotated[int, Field(ge=0, le=1_000_000)]
    """Training iterations, one photo each."""
    max_seconds: Annotated[float, Field(ge=0)]
    """Wall-clock limit of the training loop, in seconds; 0 = no limit."""
    max_gaussians: Annotated[int, Field(ge=1, le=50_000_000)]
    """Hard cap on the number of Gaussians."""
    sh_degree: Annotated[int, Field(ge=0, le=3)]
    """Degree of the spherical harmonics."""
    dssim_weight: Annotated[float, Field(ge=0, le=1)]
    """Weight of 1 - SSIM in the loss; the rest is L1."""
    image_size: Annotated[int, Field(ge=16, le=16384)]
    """Long side, in pixels, of the photos at full training resolution."""
    resolution_stages: Annotated[list[ResolutionStage], Field(min_length=1)]
    """Steps of progressive resolution; shares add up to 1, the last scale is 1 with a share of at least 0.4."""
    plateau_patience: Annotated[int, Field(ge=1)]
    """Training stops early after so many evaluations in a row without a gain of `plateauMinDeltaDb`."""
    plateau_min_delta_db: Annotated[float, Field(ge=0)]
    """Gain of PSNR, in dB, that counts as progress."""
    evaluation_every: Annotated[int, Field(ge=2)]
    """Every n-th photo by name is held out of training and measured with."""
    min_points: Annotated[int, Field(ge=1)]
    """Fewer SfM points than this: TOO_FEW_POINTS."""
    checkpoint_seconds: Annotated[float, Field(gt=0)]
    """Seconds between checkpoints."""
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    """Seed of every random choice."""
    rasterizer: Literal["auto", "gsplat", "cpu", "torch"]
    """What draws: `gsplat` on CUDA, `cpu` the C++ kernel, `torch` plain PyTorch, `auto` the fastest of this machine."""

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
