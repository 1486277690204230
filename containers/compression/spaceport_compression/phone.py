"""scene-phone.sog: a larger scene with so few Gaussians that phones hold it whole."""

from spaceport_common.opening_view import PhotoCamera
from spaceport_common.sog.encoder import SceneEncoder
from spaceport_common.sog.gaussians import Gaussians

from .spatial_order import spatial_order
from .streamed import coarser_levels

PHONE = "scene-phone.sog"
BANDS = 1
PALETTE_ENTRIES = 4096


def encode_for_phones(model: Gaussians, limit: int, cameras: list[PhotoCamera], seed: int) -> bytes:
    """A .sog of at most `limit` Gaussians, `limit` > 0: the first level of detail that has so few, with one band."""
    level = model.reordered(spatial_order(model.positions)).with_bands(BANDS)
    halvings = max(0, (len(model) - 1).bit_length())
    for coarser in coarser_levels(level, halvings, cameras):
        if len(level) <= limit:
            break
        level = coarser
    return SceneEncoder(level, seed=seed).encoded(BANDS, PALETTE_ENTRIES).data
