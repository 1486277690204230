"""What the compression program writes into report.json."""

from typing import Annotated, Literal

from spaceport_common.report import Reported, StageReport, required
from spaceport_common.settings import doc

from .settings import CompressionSettings


class CompressionInputs(Reported):
    """What the run was given."""

    gaussians: Annotated[int, doc("Gaussians of the model.")]
    sh_bands: Annotated[int, doc("Its bands of spherical harmonics.")]
    ply_bytes: Annotated[int, doc("Size of model.ply.")]


class FileSize(Reported):
    """A file."""

    name: Annotated[str, doc("Its name.")]
    bytes: Annotated[int, doc("Its size.")]


class View(Reported):
    """The model and the decoded scene, drawn from one place."""

    name: Annotated[str, doc("`opening view`, or a photo.")]
    psnr: Annotated[float, doc("Of the scene against the model, dB; 100 where they are equal.")]
    covered: Annotated[float, doc("Share of the pixels that the scene covers with an opacity over 0.5.")]


class StreamedScene(Reported):
    """The scene in pieces."""

    levels: Annotated[list[int], doc("Gaussians of each level, the finest first.")]
    bytes: Annotated[int, doc("All its files together.")]
    coarsest_bytes: Annotated[int, doc("Those of the coarsest level, which viewers load first.")]


class LeftOutFile(Reported):
    """A file that was asked for and has no place in this result."""

    name: Annotated[str, doc("Its name.")]
    reason: Annotated[str, doc("Why, for people.")]


class MapFacts(Reported):
    """What the files on the map say of themselves."""

    epsg: Annotated[int, doc("Code of the map.")]
    map_name: Annotated[str, doc("Its name.")]
    heights: Annotated[str, doc("What heights are.")]
    accuracy: Annotated[str, doc("Of places in the scene, by what SfM knows best.")]
    orthophoto_resolution_m: Annotated[float | None, doc("Side of a pixel on the ground.")] = None
    points: Annotated[int | None, doc("Of the point cloud.")] = None


class CompressionMetrics(Reported):
    """What compression came to."""

    gaussians: Annotated[int, required("Gaussians of the scene.")]
    sh_bands: Annotated[int, required("Bands of spherical harmonics of the scene.")]
    palette_entries: Annotated[int, doc("Entries of the palette of spherical harmonics.")]
    bytes: Annotated[int, required("Size of scene.sog.")]
    ply_bytes: Annotated[int, doc("Size of model.ply.")]
    ratio: Annotated[float, doc("`plyBytes` / `bytes`.")]
    ratio_sh3: Annotated[float, required("248 bytes a Gaussian (62 floats) / `bytes`.")]
    given_up: Annotated[str | None, doc("What of the harmonics the asked ratio cost, for people.")] = None
    below_target: Annotated[str | None, doc("Why the file is larger than asked, for people.")] = None
    files: Annotated[list[FileSize], doc("The files of the archive.")]
    also: Annotated[list[FileSize] | None, doc("What is delivered beside scene.sog; null where nothing is.")] = None
    streamed: Annotated[StreamedScene | None, doc("`scene/lod-meta.json`; null where it was not asked for.")] = None
    warnings: Annotated[list[str] | None, doc("What was asked for and could not be made, a sentence each.")] = None
    left_out: Annotated[list[LeftOutFile] | None, doc("Files on the map that this scene cannot have.")] = None
    map: Annotated[MapFacts | None, doc("The map of the files that lie on one; null where there is none.")] = None
    max_errors: dict[str, float]
    """Largest error of each attribute after decoding (`verification/values.py`); empty where it cannot be compared."""
    decoded_psnr: float | None = None
    """Smallest `psnr` of the views. This and what follows is missing where nothing was drawn."""
    covered_share: Annotated[float | None, doc("`covered` of the opening view.")] = None
    views: Annotated[list[View] | None, doc("The opening view first, then at most 3 photos.")] = None


class CompressionReport(StageReport):
    """report.json of compression."""

    stage: Annotated[Literal["compression"], required("The stage.")]
    options: Annotated[CompressionSettings, doc("The settings.")]
    inputs: Annotated[CompressionInputs, doc("What the run was given.")]
    metrics: Annotated[CompressionMetrics, required("What it came to.")]
