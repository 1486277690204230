"""The scene while it is trained, for the person who waits for it: a .sog beside the picture (preview.py)."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from spaceport_common.sog import gaussians as sog
from spaceport_common.sog.encoder import encode_quickly
from spaceport_common.whole_file import whole_file

from .gaussians import Gaussians

PREVIEW_SCENE_FILE = "previews/scene.sog"
MARKS = (0.1, 0.3, 0.6)  # parts of the budget of training after which it is written


class PreviewScene:
    """Writes what is trained when a mark is passed, in place of the file before; a resumed training does so at once."""

    def __init__(self, path: Path, delivered: Callable[[Gaussians], Gaussians]) -> None:
        """`delivered` makes what would be delivered of a model of training, in the frame of the export."""
        self._path, self._delivered = path, delivered
        self._passed = 0

    def __call__(self, gaussians: Gaussians, spent: float) -> None:
        """Writes the model if `spent` of the budget, 0 to 1, is past a mark. A full disk does not end the training."""
        passed = sum(mark <= spent for mark in MARKS)
        if passed <= self._passed:
            return
        self._passed = passed
        model = self._delivered(gaussians.detached())
        if len(model) == 0:
            return
        try:
            with whole_file(self._path) as file:
                file.write(encode_quickly(_without_harmonics(model)))
        except OSError as error:
            print(f"WARNING: the scene of the training could not be written: {error}", flush=True)


def _without_harmonics(model: Gaussians) -> sog.Gaussians:
    names = {
        "positions": model.means,
        "rotations": model.quaternions,
        "scales": model.log_scales,
        "opacities": model.opacity_logits,
        "colors": model.base_colors,
    }
    columns = {name: tensor.cpu().numpy().astype(np.float32) for name, tensor in names.items()}
    return sog.Gaussians(**columns, sh=np.empty((len(model), 0), np.float32))
