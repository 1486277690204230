"""Settings of the training stage (`settings.json` of the `config` channel)."""

from typing import Annotated, Literal

from pydantic import Field, model_validator
from spaceport_common.settings import Settings

MIN_FULL_RESOLUTION_SHARE = 0.4
SHARE_TOLERANCE = 1e-6

Share = Annotated[float, Field(gt=0, le=1)]


class ResolutionStage(Settings):
    """A part of the budget at a part of the training resolution."""

    scale: Share
    share: Share


class TrainingSettings(Settings):
    """What the workflow may decide. Lengths of time in seconds; 0 for `max_seconds` means no limit."""

    max_iterations: Annotated[int, Field(ge=0, le=1_000_000)]
    max_seconds: Annotated[float, Field(ge=0)]
    max_gaussians: Annotated[int, Field(ge=1, le=50_000_000)]
    sh_degree: Annotated[int, Field(ge=0, le=3)]
    dssim_weight: Annotated[float, Field(ge=0, le=1)]
    image_size: Annotated[int, Field(ge=16, le=16384)]
    resolution_stages: Annotated[list[ResolutionStage], Field(min_length=1)]
    plateau_patience: Annotated[int, Field(ge=1)]
    plateau_min_delta_db: Annotated[float, Field(ge=0)]
    evaluation_every: Annotated[int, Field(ge=2)]
    min_points: Annotated[int, Field(ge=1)]
    checkpoint_seconds: Annotated[float, Field(gt=0)]
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    rasterizer: Literal["auto", "gsplat", "cpu", "torch"]

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
