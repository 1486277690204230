"""What the SfM program writes into report.json."""

from typing import Annotated, Literal

from spaceport_common.report import Reported, StageReport, required
from spaceport_common.settings import doc

from .accuracy_file import AccuracyMetrics
from .cameras import CameraReport
from .pairs import Method
from .photo_findings import PhotoQualityMetrics
from .settings import SfmSettings
from .verdict import Shortfall

RungName = Literal[
    "standard",
    "without positions",
    "told apart",
    "continued",
    "another pair",
    "all pairs",
    "relaxed",
    "more features",
    "more points",
]


class SfmInputs(Reported):
    """What the run was given, and what it chose. Steps that were not reached are left out."""

    photos: Annotated[int, doc("Files handed over, without photos that were left out.")]
    decoded: Annotated[int, doc("Files that could be read as photos.")]
    gps: Annotated[bool | None, doc("Whether GPS positions could be used.")] = None
    position_files: Annotated[dict[str, int] | None, doc("Photos that each file beside them gave a position.")] = None
    ground_points: Annotated[int | None, doc("Control and check points that are marked in the photos.")] = None
    cameras: Annotated[list[CameraReport] | None, doc("Cameras of the photos, and what came out of each.")] = None
    masked: Annotated[int | None, doc("Photos with transparent parts.")] = None
    extraction_threads: Annotated[int | None, doc("Threads that extracted features.")] = None
    pairing: Annotated[Method | None, doc("How pairs of photos were chosen.")] = None
    pairs: Annotated[int | None, doc("Pairs that were matched.")] = None
    pairs_without_overlap: Annotated[
        int | None, doc("Of them, passed over as their largest features did not match.")
    ] = None
    matching_threads: Annotated[int | None, doc("Threads that matched.")] = None
    guided_matching: Annotated[bool | None, doc("Whether matching was guided.")] = None
    left_undone: Annotated[list[str] | None, doc("What settings ask for and the machine could not do, for people.")] = (
        None
    )


class UnregisteredPhoto(Reported):
    """A photo without a place in the model."""

    name: Annotated[str, doc("Path below the photo folder.")]
    reason: Annotated[str, doc("Why, for people.")]
    features: Annotated[int | None, doc("Features found in it; null where it could not be read.")] = None
    partners: Annotated[int | None, doc("Photos that share a verified geometry with it; null likewise.")] = None
    thumbnail: Annotated[str | None, doc("Its thumbnail below the output; null likewise.")] = None


class LeftOutPhoto(Reported):
    """A photo that could be read and was not used, on purpose."""

    name: Annotated[str, doc("Path below the photo folder.")]
    reason: Annotated[str, doc("Why, for people.")]


class ModelSize(Reported):
    """One of the models that mapping found."""

    registered: Annotated[int, doc("Photos in it.")]
    points: Annotated[int, doc("Points in it.")]


class MappingAttempt(ModelSize):
    """One run of the mapper and its best model, as a rung of the ladder (registration.py)."""

    name: Annotated[RungName, doc("What was tried.")]
    options: Annotated[dict[str, bool | int | float | list[int]], doc("`MappingOptions`.")]
    seconds: Annotated[float, doc("Seconds of mapping.")]
    taken: Annotated[bool, doc("Whether its models are better than those before it.")]
    refused: Annotated[str | None, doc("Why not, for people.")] = None


class PositionMetrics(Reported):
    """GPS positions of the photos."""

    photos: Annotated[int, doc("Photos that have one.")]
    places: Annotated[int, doc("Different places among them, on the map and to the centimetre.")]
    outliers: Annotated[int, doc("Photos whose position is far from all others and was not used.")]
    moved_m: float | None
    """Median distance of positions in files beside the photos from the photos' own; null where none has both."""
    unlike_altitudes: int
    """Altitudes that count from something else than most (ellipsoid, sea level, unknown) and were not used."""


AlignedBy = Literal["position", "position and up axis", "ground control"]


class FrameMetrics(Reported):
    """The frame of the model, and the numbers that it was checked by. Lengths are metres where georeferenced."""

    code: Annotated[Literal["NOT_GEOREFERENCED"] | None, doc("Set where photos had positions that were not used.")]
    reason: Annotated[str | None, doc("Why the model is not georeferenced, for people; null where it is.")]
    aligned_by: Annotated[AlignedBy | None, doc("What laid the model on the map.")]
    aligned_photos: Annotated[int, doc("Photos whose position agrees with their place in the model.")]
    residual_rms_m: Annotated[float | None, doc("RMS distance between the two, metres.")]
    spread_m: Annotated[float | None, doc("RMS distance of these positions from their middle, metres.")]
    camera_distance: Annotated[float, doc("From a camera to the points that it sees, along its view; median.")]
    camera_height: Annotated[float, doc("Of a camera above the points that it sees; median.")]
    camera_spacing: Annotated[float, doc("From a camera to the nearest other one; median.")]
    takeoff_height_ratio: Annotated[float | None, doc("`cameraHeight` over the drone's own height; null if unknown.")]
    up_vs_gimbals_degrees: Annotated[float | None, doc("Between pitch in the model and by gimbal; median.")]
    roll_degrees: Annotated[float | None, doc("Roll of cameras that look sideways, from a quarter turn; median.")]
    ground_below_share: Annotated[float, doc("Part of the observations whose point lies below the camera.")]
    height_error_m: Annotated[float | None, required()]
    """Bend, or offset between lenses, of the heights against the altitudes; 0 within scatter, null if unknown."""


class GroundMetrics(Reported):
    """How well the place is covered; scene.json has more. Lengths are metres where georeferenced."""

    sampling_distance_m: Annotated[float | None, doc("Side of a pixel of the photos on what they show; or null.")]
    photos_median: Annotated[float, doc("Photos that see a cell of the ground, median.")]
    photos_max: Annotated[int, doc("The same of the best covered cell.")]
    cell_size: Annotated[float, doc("Side of a cell.")]


class ContradictionMetrics(Reported):
    """Pairs of photos that should show the same everywhere, by their places in the model (doubled_places.py)."""

    judged_pairs: Annotated[int, doc("Pairs that see enough in common to be judged.")]
    contradicting_pairs: Annotated[int, doc("Those that look at different places.")]
    doubled: Annotated[bool, doc("Whether the model lays different places on one another.")]


class SfmMetrics(Reported):
    """What SfM found."""

    photos: Annotated[int, required("Photos handed over, readable or not, without those left out.")]
    registered: Annotated[int, required("Photos with a place in the model.")]
    unregistered: Annotated[list[UnregisteredPhoto], doc("Photos without one.")]
    left_out: Annotated[list[LeftOutPhoto], doc("Photos that were left out on purpose, which count nowhere else.")]
    photo_quality: Annotated[PhotoQualityMetrics, doc("What single photos tell of themselves.")]
    points: Annotated[int, required("Points of the model.")]
    points_in_three: Annotated[int | None, doc("Those that three photos or more see: what the gate counts.")] = None
    observations: Annotated[int, doc("Places in photos where points are seen.")]
    mean_track_length: Annotated[float | None, doc("Photos that see a point, on average; null without a model.")]
    reprojection_error_px: Annotated[float | None, required()]
    """Mean over all observations, in pixels of the original photos; null without a model."""
    models: Annotated[list[ModelSize], doc("Models that mapping found, best first; the first is delivered.")]
    georeferenced: Annotated[bool, doc("Whether the model is in metres, by GPS or ground control.")]
    positions: Annotated[PositionMetrics | None, doc("GPS positions of the photos; null without a run over them.")]
    frame: Annotated[FrameMetrics | None, doc("The frame of the model; null without a model.")]
    ground: Annotated[GroundMetrics | None, doc("How well the place is covered; null where the points have no extent.")]
    accuracy: Annotated[AccuracyMetrics | None, doc("How accurate its places are; null where not georeferenced.")]
    warnings: Annotated[list[str], doc("What a person should know of an accepted model, a sentence each.")]
    median_features: Annotated[float, doc("Features of a photo, median; 0 where none were extracted.")]
    aerial: Annotated[bool | None, doc("Whether the photos were taken from the air, as far as they say (capture.py).")]
    shortfall: Annotated[Shortfall | None, doc("What the photos lack that do not fit; null where all do.")]
    contradictions: Annotated[ContradictionMetrics | None, doc("Of the model; null without one.")] = None


class SfmReport(StageReport):
    """report.json of SfM."""

    stage: Annotated[Literal["sfm"], required("The stage.")]
    options: Annotated[SfmSettings, doc("The settings.")]
    inputs: Annotated[SfmInputs, doc("What the run was given, and what it chose.")]
    metrics: Annotated[SfmMetrics, required("What it found.")]
    attempts: list[MappingAttempt] | None = None
    """What mapping tried, in order; left out where it was not reached."""
