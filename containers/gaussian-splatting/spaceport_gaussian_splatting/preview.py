"""The picture of a scene while it is trained, for the person who waits for it.

It lies below the folder of checkpoints, which SageMaker copies to S3 as it changes.
"""

import time
from collections.abc import Callable
from pathlib import Path

import torch
from spaceport_common.whole_file import whole_file

from .camera import Camera
from .gaussians import Gaussians
from .pictures import save_jpeg
from .rasterizers.protocol import Rasterizer

PREVIEW_FILE = "previews/picture.jpg"
PREVIEW_SIZE = (640, 360)  # pixels
PERIOD_SECONDS = 5.0
MAX_SHARE = 0.02  # of the time of training


class Preview:
    """Draws what is trained, again after PERIOD_SECONDS or later, and never for more than MAX_SHARE of the time."""

    def __init__(
        self,
        path: Path,
        camera: Camera,
        exported: Callable[[Gaussians], Gaussians],
        rasterizer: Rasterizer,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`exported` takes a model from the frame of training into that of `camera`."""
        self._path, self._camera, self._exported = path, camera, exported
        self._rasterizer, self._clock = rasterizer, clock
        self._due = 0.0

    def __call__(self, gaussians: Gaussians) -> None:
        """Draws the model if it is time to. A disk that takes no picture does not end the training."""
        started = self._clock()
        if started < self._due:
            return
        try:
            self._draw(self._exported(gaussians.detached()))
        except OSError as error:
            print(f"WARNING: the picture of the training could not be written: {error}", flush=True)
        ended = self._clock()
        self._due = ended + max(PERIOD_SECONDS, (ended - started) / MAX_SHARE)

    @torch.no_grad()
    def _draw(self, model: Gaussians) -> None:
        camera = self._camera
        image, _ = self._rasterizer.render(model, camera, camera.width, camera.height, model.sh_degree)
        with whole_file(self._path) as file:
            save_jpeg(file, image.nan_to_num(0.0).cpu())
