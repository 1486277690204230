"""`scene.json`: what a program that shows or measures the scene must know of it, beside the scene itself."""

from typing import Annotated, Literal

from spaceport_common.report import Reported
from spaceport_common.settings import doc

Vector3 = tuple[float, float, float]
Row4 = tuple[float, float, float, float]


class SceneScale(Reported):
    """Where the unit comes from."""

    source: Annotated[Literal["gps", "ground control", "none"], doc("What set the scale.")]
    relative_sigma: float | None
    """Standard deviation over the scale, by scatter of the residuals: what all positions share is not in it."""


class SceneOrigin(Reported):
    """The place of the scene's point 0, 0, 0 on Earth."""

    datum: Annotated[Literal["WGS84"], doc("Of the coordinates.")]
    latitude: Annotated[float, doc("Degrees north.")]
    longitude: Annotated[float, doc("Degrees east.")]
    altitude: Annotated[float | None, doc("Metres, as the photos count them; null where they do not say.")]


class SceneBox(Reported):
    """A box along the axes of the export frame."""

    min: Annotated[Vector3, doc("Smallest x, y, z.")]
    max: Annotated[Vector3, doc("Largest x, y, z.")]


class SceneView(Reported):
    """An upright view for a 16:9 picture."""

    position: Annotated[Vector3, doc("Where to stand.")]
    target: Annotated[Vector3, doc("What to look at.")]
    field_of_view_deg: Annotated[float, doc("Along the longer side.")]


class LegendEntry(Reported):
    """A colour of coverage.png."""

    photos: Annotated[int, doc("So many photos or more, up to the next entry.")]
    colour: Annotated[str, doc("`#rrggbb`.")]


class SceneCoverage(Reported):
    """How many photos see each cell of the ground. coverage.png shows it from above, north up."""

    file: Annotated[Literal["coverage.png"], doc("The picture, beside this file; cells that no photo sees are clear.")]
    cell_size: Annotated[float, doc("Side of a cell, units of the scene.")]
    pixels_per_cell: Annotated[int, doc("Pixels along a side of a cell.")]
    west: Annotated[float, doc("x of the picture's left edge.")]
    north: Annotated[float, doc("z of its upper edge.")]
    columns: Annotated[int, doc("Cells from west to east.")]
    rows: Annotated[int, doc("Cells from north to south.")]
    max: Annotated[int, doc("Photos that see the best covered cell.")]
    median: Annotated[float, doc("Of the cells that any photo sees.")]
    legend: Annotated[list[LegendEntry], doc("Colours, from few photos to many.")]


class SceneCounts(Reported):
    """What the scene was reconstructed from."""

    photos: Annotated[int, doc("That have a place in it.")]
    points: Annotated[int, doc("Sparse points.")]


class SceneCaptured(Reported):
    """When photos were taken, by the cameras' own clocks, which name no time zone: `YYYY-MM-DDTHH:MM:SS`."""

    first: Annotated[str, doc("Of the earliest.")]
    last: Annotated[str, doc("Of the latest.")]


class SceneFile(Reported):
    """Content of scene.json. Positions are in the export frame: x east, y down, z north."""

    version: Annotated[Literal[1], doc("Version of this format.")]
    axes: Annotated[Literal["x east, y down, z north"], doc("Of the export frame; east is arbitrary without a map.")]
    metric: Annotated[bool, doc("Whether a unit is a metre.")]
    scale: Annotated[SceneScale, doc("What set the unit, and how sure it is.")]
    enu_from_scene: tuple[Row4, Row4, Row4, Row4] | None
    """Matrix, by rows, from the scene to metres east, north, up of `origin`; null where it is not laid on the map."""
    origin: Annotated[SceneOrigin | None, doc("Null where the scene is not laid on the map.")]
    bounds: Annotated[SceneBox, doc("1 to 99 % of the points, along each axis.")]
    subject: Annotated[SceneBox, doc("5 to 95 % of the points that 3 photos or more see.")]
    opening_view: Annotated[SceneView, doc("Shows the subject whole, from a side that photos saw.")]
    flight_height: Annotated[float | None, doc("Of cameras above what they see, metres, median; null if not metric.")]
    ground_sampling_distance: Annotated[float | None, doc("Metres a pixel of the photos, median; null if not metric.")]
    counts: Annotated[SceneCounts, doc("What it was reconstructed from.")]
    captured: Annotated[SceneCaptured | None, doc("Null where no photo says when it was taken.")]
    attribution: Annotated[list[str], doc("Whose photos they are, by their EXIF, those of most photos first.")]
    coverage: Annotated[SceneCoverage | None, doc("Null where the points have no extent.")]
