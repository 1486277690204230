"""What the compression program writes into report.json."""

from typing import Annotated, Literal

from spaceport_common.report import REQUIRED, Reported, StageReport

from .settings import CompressionSettings


class CompressionInputs(Reported):
    """What the run was given."""

    gaussians: int
    """Gaussians of the model."""
    sh_bands: int
    """Its bands of spherical harmonics."""
    ply_bytes: int
    """Size of model.ply."""


class FileSize(Reported):
    """One file of the archive."""

    name: str
    """Its name."""
    bytes: int
    """Its size."""


class CompressionMetrics(Reported):
    """What compression came to."""

    gaussians: Annotated[int, REQUIRED]
    """Gaussians of the scene."""
    sh_bands: Annotated[int, REQUIRED]
    """Bands of spherical harmonics of the scene."""
    palette_entries: int
    """Entries of the palette of spherical harmonics."""
    bytes: Annotated[int, REQUIRED]
    """Size of scene.sog."""
    ply_bytes: int
    """Size of model.ply."""
    ratio: float
    """`plyBytes` / `bytes`."""
    ratio_sh3: Annotated[float, REQUIRED]
    """248 bytes a Gaussian (62 floats) / `bytes`."""
    files: list[FileSize]
    """The files of the archive."""
    max_errors: dict[str, float]
    """Largest error of each attribute after decoding (verification.py); empty where it cannot be compared."""


class CompressionReport(StageReport):
    """report.json of compression."""

    stage: Annotated[Literal["compression"], REQUIRED]
    """The stage."""
    options: CompressionSettings
    """The settings."""
    inputs: CompressionInputs
    """What the run was given."""
    metrics: Annotated[CompressionMetrics, REQUIRED]
    """What it came to."""
