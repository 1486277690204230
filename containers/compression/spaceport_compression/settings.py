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
    target_ratio: Annotated[float, Field(ge=0, le=1000)]
    """Times the .sog is to be smaller than 248 bytes a Gaussian: harmonics are lost for it within 40 dB. 0: none."""
    min_ratio: Annotated[float, Field(ge=0)]
    """Smallest ratio of 248 bytes a Gaussian (the 62-float PLY) to the .sog; below it: SOG_TOO_LARGE."""
    spz: Annotated[int, doc("1: also `scene.spz`, for programs that read no SOG; 0: not.", ge=0, le=1)]
    html: Annotated[int, doc("1: also `scene.html`, the scene with a viewer in one file; 0: not.", ge=0, le=1)]
    phone_gaussians: Annotated[int, Field(ge=0, le=1_000_000)]
    """Most Gaussians of `scene-phone.sog`, which is made of larger scenes; 0: not made."""
    stream_above: Annotated[int, Field(ge=0, le=50_000_000)]
    """A scene of more Gaussians than this is delivered in pieces too, which viewers load as they need them."""
    topdown: Annotated[int, doc("1: also `topdown.webp`, of a scene on the map; 0: not.", ge=0, le=1)]
    orthophoto: Annotated[int, doc("1: also `orthophoto.tif`, of a scene on the map; 0: not.", ge=0, le=1)]
    point_cloud: Annotated[int, doc("1: also `pointcloud.laz`, of a scene on the map; 0: not.", ge=0, le=1)]
    tiles: Annotated[int, doc("1: also `tiles/` (3D Tiles), of a scene on the map; 0: not.", ge=0, le=1)]
    epsg: Annotated[int, doc("EPSG code of the map; 0: the UTM zone of the place.", ge=0, le=32767)]
    ground_resolution_mm: Annotated[int, doc("Of the orthophoto's pixels; 0: that of the photos.", ge=0, le=10_000)]
    seed: Annotated[int, doc("Seed of the codebooks and palettes.", ge=0, lt=2**31)]
