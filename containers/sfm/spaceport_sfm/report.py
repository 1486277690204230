"""What the SfM program writes into report.json."""

from typing import Annotated, Literal

from spaceport_common.report import REQUIRED, Reported, StageReport

from .pairs import Method
from .settings import SfmSettings


class SfmInputs(Reported):
    """What the run was given, and what it chose. Steps that were not reached are left out."""

    photos: int
    """Files handed over."""
    decoded: int
    """Files that could be read as photos."""
    gps: bool | None = None
    """Whether GPS positions could be used."""
    extraction_threads: int | None = None
    """Threads that extracted features."""
    pairing: Method | None = None
    """How pairs of photos were chosen."""
    pairs: int | None = None
    """Pairs that were matched."""
    matching_threads: int | None = None
    """Threads that matched."""
    guided_matching: bool | None = None
    """Whether matching was guided."""


class UnregisteredPhoto(Reported):
    """A photo without a place in the model."""

    name: str
    """Path below the photo folder."""
    reason: str
    """Why, for people."""


class ModelSize(Reported):
    """One of the models that mapping found."""

    registered: int
    """Photos in it."""
    points: int
    """Points in it."""


class MappingAttempt(ModelSize):
    """One run of the mapper and its best model."""

    name: Literal["standard", "relaxed"]
    """The second is tried where the first would not pass the gates."""
    options: dict[str, bool | int | float]
    """`MappingOptions`."""


class SfmMetrics(Reported):
    """What SfM found."""

    photos: Annotated[int, REQUIRED]
    """Photos handed over, readable or not."""
    registered: Annotated[int, REQUIRED]
    """Photos with a place in the model."""
    unregistered: list[UnregisteredPhoto]
    """Photos without one."""
    points: Annotated[int, REQUIRED]
    """Points of the model."""
    observations: int
    """Places in photos where points are seen."""
    mean_track_length: float | None
    """Photos that see a point, on average; null without a model."""
    reprojection_error_px: Annotated[float | None, REQUIRED]
    """Mean over all observations, in pixels of the original photos; null without a model."""
    models: list[ModelSize]
    """Models that mapping found, best first; the first is delivered."""
    georeferenced: bool
    """Whether the model is in metres by GPS."""
    median_features: float
    """Features of a photo, median; 0 where none were extracted."""


class SfmReport(StageReport):
    """report.json of SfM."""

    stage: Annotated[Literal["sfm"], REQUIRED]
    """The stage."""
    options: SfmSettings
    """The settings."""
    inputs: SfmInputs
    """What the run was given, and what it chose."""
    metrics: Annotated[SfmMetrics, REQUIRED]
    """What it found."""
    attempts: list[MappingAttempt] | None = None
    """What mapping tried; left out where it was not reached."""
