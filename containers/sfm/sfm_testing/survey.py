"""A run over the whole place, as tests look at it, and its model beside the truth."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pycolmap
from numpy.typing import NDArray

from .job import Job, Result
from .place import View


@dataclass(frozen=True)
class Survey:
    """A run over `survey_views` with exact GPS, shared by the tests that only look at its result."""

    views: list[View]
    job: Job
    result: Result


def model_of(job: Job) -> pycolmap.Reconstruction:
    """The delivered model."""
    return pycolmap.Reconstruction(job.output / "sparse" / "0")


def camera_centers(
    views: Sequence[View], model: pycolmap.Reconstruction
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centres of the registered photos and where they were taken: float64[N, 3] each, metres east, north, up.

    The first are those of the export frame with its axes exchanged; its origin is somewhere on the ground.
    """
    truth = {view.name: view.center for view in views}
    images = [model.image(image_id) for image_id in model.reg_image_ids()]
    east, down, north = np.array([image.projection_center() for image in images]).T
    return np.stack([east, north, -down], axis=1), np.array([truth[image.name] for image in images])
