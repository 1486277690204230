"""The axes of other programs: x right, y up, z towards the viewer, as glTF, SPZ and three.js have them."""

from dataclasses import replace

import numpy as np
from spaceport_common.sog.gaussians import SH_COEFFICIENTS, Float32s, Gaussians

# Half a turn about x takes y down, z ahead to y up, z back. Harmonics with an odd number of factors y and z change
# sign (basis and order of the 3DGS PLY: y, z, x; xy, yz, 3zz-1, xz, xx-yy; and so on).
ODD_IN_Y_AND_Z = (0, 1, 3, 6, 8, 10, 11, 13)


def y_up(gaussians: Gaussians) -> Gaussians:
    """The model turned from the export frame (x east, y down, z north) to x east, y up, z south; its own inverse.

    A Gaussian has no front and back: conjugating a rotation (w, x, -y, -z) turns it as the product with the half turn
    does, and keeps small rotations small.
    """
    turned = np.array([1, -1, -1], np.float32)
    return replace(
        gaussians,
        positions=gaussians.positions * turned,
        rotations=gaussians.rotations * np.array([1, 1, -1, -1], np.float32),
        sh=_turned_harmonics(gaussians),
    )


def _turned_harmonics(gaussians: Gaussians) -> Float32s:
    """float32[N, 3 * C], channel-major as before."""
    count = SH_COEFFICIENTS[gaussians.sh_bands]
    signs = np.ones(count, np.float32)
    signs[[index for index in ODD_IN_Y_AND_Z if index < count]] = -1
    turned: Float32s = gaussians.sh * np.tile(signs, 3)
    return turned
