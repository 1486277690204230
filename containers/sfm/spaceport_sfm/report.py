"""What the SfM program writes into report.json."""

from typing import Annotated, Literal

from spaceport_common.report import Reported, StageReport, required
from spaceport_common.settings import doc

from .pairs import Method
from .settings import SfmSettings


class SfmInputs(Reported):
    """What the run was given, and what it chose. Steps that were not reached are left out."""

    photos: Annotated[int, doc("Files handed over.")]
    decoded: Annotated[int, doc("Files that could be read as photos.")]
    gps: Annotated[bool | None, doc("Whether GPS positions could be used.")] = None
    extraction_threads: Annotated[int | None, doc("Threads that extracted features.")] = None
    pairing: Annotated[Method | None, doc("How pairs of photos were chosen.")] = None
    pairs: Annotated[int | None, doc("Pairs that were matched.")] = None
    matching_threads: Annotated[int | None, doc("Threads that matched.")] = None
    guided_matching: Annotated[bool | None, doc("Whether matching was guided.")] = None


class UnregisteredPhoto(Reported):
    """A photo without a place in the model."""

    name: Annotated[str, doc("Path below the photo folder.")]
    reason: Annotated[str, doc("Why, for people.")]


class ModelSize(Reported):
    """One of the models that mapping found."""

    registered: Annotated[int, doc("Photos in it.")]
    points: Annotated[int, doc("Points in it.")]


class MappingAttempt(ModelSize):
    """One run of the mapper and its best model."""

    name: Literal["standard", "relaxed"]
    """The second is tried where the first would not pass the gates."""
    options: Annotated[dict[str, bool | int | float], doc("`MappingOptions`.")]


class SfmMetrics(Reported):
    """What SfM found."""

    photos: Annotated[int, required("Photos handed over, readable or not.")]
    registered: Annotated[int, required("Photos with a place in the model.")]
    unregistered: Annotated[list[UnregisteredPhoto], doc("Photos without one.")]
    points: Annotated[int, required("Points of the model.")]
    observations: Annotated[int, doc("Places in photos where points are seen.")]
    mean_track_length: Annotated[float | None, doc("Photos that see a point, on average; null without a model.")]
    reprojection_error_px: Annotated[float | None, required()]
    """Mean over all observations, in pixels of the original photos; null without a model."""
    models: Annotated[list[ModelSize], doc("Models that mapping found, best first; the first is delivered.")]
    georeferenced: Annotated[bool, doc("Whether the model is in metres by GPS.")]
    median_features: Annotated[float, doc("Features of a photo, median; 0 where none were extracted.")]


class SfmReport(StageReport):
    """report.json of SfM."""

    stage: Annotated[Literal["sfm"], required("The stage.")]
    options: Annotated[SfmSettings, doc("The settings.")]
    inputs: Annotated[SfmInputs, doc("What the run was given, and what it chose.")]
    metrics: Annotated[SfmMetrics, required("What it found.")]
    attempts: list[MappingAttempt] | None = None
    """What mapping tried; left out where it was not reached."""
