"""From where a level of detail is looked at: viewers take it when its Gaussians lie about a pixel apart, or nearer."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from spaceport_common.opening_view import PhotoCamera
from spaceport_common.sog.gaussians import Float32s
from spaceport_common.sog.quantizers import Float64s

SAMPLE = 20_000  # positions that are looked for in a picture
SMALLEST_LONG_SIDE = 32  # pixels


@dataclass(frozen=True)
class Viewpoint:
    """A camera, and which share of the scene's Gaussians its picture shows, more than 0 and up to 1."""

    camera: PhotoCamera
    share: float

    def long_side(self, count: int, pixels_a_gaussian: float) -> int:
        """Pixels of a picture that has so many for each Gaussian that it shows, of `count` in the whole scene."""
        ratio = max(self.camera.width, self.camera.height) / min(self.camera.width, self.camera.height)
        return max(SMALLEST_LONG_SIDE, round(float(np.sqrt(count * self.share * pixels_a_gaussian * ratio))))


def from_afar(camera: PhotoCamera, positions: Float32s, moved: Float64s | None = None) -> Viewpoint:
    """A photo's camera, moved back along its axis until its picture would be as large as the scene.

    A photo of a survey shows a twentieth of it: there a level of a tenth of the Gaussians has twenty pixels for each
    of them, and no viewer takes it. positions: float32[N, 3], in an order that is even over the scene (levels' order
    is). moved: float64[3], also moved by that many of its distances from the scene; None: not.
    """
    some = positions[:: max(1, len(positions) // SAMPLE)].astype(np.float64)
    share, depth = _seen(camera, some)
    if share == 0:
        return Viewpoint(camera, 1.0)
    times = 1 / np.sqrt(share)
    away = np.zeros(3) if moved is None else moved * depth * times
    far = replace(camera, position=camera.position - camera.rotation[2] * (times - 1) * depth + away)
    return Viewpoint(far, _seen(far, some)[0] or share)


def _seen(camera: PhotoCamera, positions: NDArray[np.float64]) -> tuple[float, float]:
    """The share of the positions that the picture shows, and their median depth."""
    x, y, depth = ((positions - camera.position) @ camera.rotation.T).T
    inside = (depth > 0) & (np.abs(x) * 2 * camera.fx < camera.width * depth)
    inside &= np.abs(y) * 2 * camera.fy < camera.height * depth
    return float(inside.mean()), float(np.median(depth[inside])) if inside.any() else 0.0
