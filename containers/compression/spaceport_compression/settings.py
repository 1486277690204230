"""Settings of the compression program."""

from typing import Annotated

from pydantic import Field
from spaceport_common.settings import Settings, doc

# Of the scene as viewers decode it (docs/checks.md tells where the number comes from).
MIN_DECODED_PSNR_DB = 20


class CompressionSettings(Settings):
    """What to keep of the model, how small it must get, and which files are made of it."""

    sh_bands: Annotated[int, Field(ge=0, le=3)]
    """Bands of spherical harmonics to keep; a model with fewer keeps what it has."""
    min_ratio: Annotated[float, Field(ge=0)]
    """Smallest ratio of 248 bytes a Gaussian (the 62-float PLY) to the .sog; below it: SOG_TOO_LARGE."""
    spz: Annotated[int, doc("1: also `scene.spz`, for programs that read no SOG; 0: not.", ge=0, le=1)]
    html: Annotated[int, doc("1: also `scene.html`, the scene with a viewer in one file; 0: not.", ge=0, le=1)]
    stream_above: Annotated[int, Field(ge=0, le=50_000_000)]
    """A scene of more Gaussians than this is delivered in pieces too, which viewers load as they need them."""
    seed: Annotated[int, doc("Seed of the codebooks and palettes.", ge=0, lt=2**31)]
