"""scene-phone.sog: a larger scene with so few Gaussians that phones hold it whole."""

from itertools import count

from spaceport_common.sog.encoder import SceneEncoder

from .levels import Levels

PHONE = "scene-phone.sog"
BANDS = 1
PALETTE_ENTRIES = 4096


def encode_for_phones(levels: Levels, limit: int, seed: int) -> bytes:
    """A .sog of at most `limit` Gaussians, `limit` > 0: the first level that has so few, with one band at most."""
    level = next(level for level in map(levels.__getitem__, count()) if len(level) <= limit).with_bands(BANDS)
    return SceneEncoder(level, seed=seed).encoded(level.sh_bands, PALETTE_ENTRIES).data
