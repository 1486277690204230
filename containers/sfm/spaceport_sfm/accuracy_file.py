"""Accuracy of places in the scene, as report.json has it."""

from typing import Annotated

from spaceport_common.report import Reported
from spaceport_common.settings import doc


class AxisAccuracy(Reported):
    """Errors, by axis, as root mean squares: an offset that all share counts in full."""

    count: Annotated[int, doc("Photos or points.")]
    rms_east_m: Annotated[float, doc("Metres.")]
    rms_north_m: Annotated[float, doc("Metres.")]
    rms_up_m: Annotated[float | None, doc("Metres; null where no height is known.")]
    ce90_m: Annotated[float, doc("Radius, on the map, within which 90 % lie: 1.5175 times the radial RMS.")]
    le90_m: Annotated[float | None, doc("Within which 90 % lie in height: 1.6449 times the RMS.")]


class PointError(Reported):
    """One ground point."""

    name: Annotated[str, doc("As in gcp_list.txt.")]
    check: Annotated[bool, doc("Whether it was only measured.")]
    error_m: Annotated[list[float], doc("Found minus surveyed: east, north, up.")]


class AccuracyMetrics(Reported):
    """Accuracy of a georeferenced scene. Check points are the only ones that say how good a scene is elsewhere."""

    gps: Annotated[AxisAccuracy | None, doc("Photos: their places minus their positions.")]
    control: Annotated[AxisAccuracy | None, doc("Control points, which hold the scene.")]
    check: Annotated[AxisAccuracy | None, doc("Check points, which were only measured.")]
    points: Annotated[list[PointError], doc("Each ground point.")]
