"""Real runs over rendered flights whose photos were zoomed differently."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import ExifTags
from sfm_testing.job import Job
from sfm_testing.photo_files import gps_of, save_photo
from sfm_testing.place import FOCAL_35MM, Place, View, look
from sfm_testing.survey import camera_centers, model_of

NewJob = Callable[..., Job]

ZOOM = 1.5
HEIGHT_M = 30.0
OPTICAL: dict[int, object] = {ExifTags.Base.FocalLength: 6.0, ExifTags.Base.FocalLengthIn35mmFilm: FOCAL_35MM * ZOOM}
DIGITAL: dict[int, object] = {ExifTags.Base.FocalLength: 4.0, ExifTags.Base.DigitalZoomRatio: ZOOM}
WIDE: dict[int, object] = {ExifTags.Base.FocalLength: 4.0}


def flight() -> list[View]:
    """Straight down over 50 m of ground, strip after strip."""
    return [
        look(f"{row}-{column}.jpg", (-12 + 6 * column, -9 + 6 * row, HEIGHT_M), 90 if row % 2 else 270, -90)
        for row in range(4)
        for column in range(5)
    ]


@pytest.mark.parametrize("zoomed", [OPTICAL, DIGITAL], ids=["optical", "digital"])
def test_zoomed_photos_of_a_flat_place_are_as_high_as_the_others(new_job: NewJob, zoomed: dict[int, object]) -> None:
    """Hills of 24 cm: nothing in the photos tells focal length from height, and no gimbal says "down"."""
    job, views, place = new_job(), flight(), Place(relief=0.03)
    for number, view in enumerate(views):
        is_zoomed = number % 3 == 1
        image = place.render(view, zoom=ZOOM if is_zoomed else 1.0)
        save_photo(job.photos / view.name, image, gps=gps_of(view.center), camera=zoomed if is_zoomed else WIDE)

    result = job.run()

    assert result.metrics["registered"] == len(views), result.stderr
    found, truth = camera_centers(views, model_of(job))
    offsets = found - truth
    assert np.abs(offsets - offsets.mean(axis=0)).max() < 0.01 * HEIGHT_M
    assert result.metrics["frame"]["cameraHeight"] == pytest.approx(HEIGHT_M, rel=0.03)
    assert result.metrics["frame"]["alignedPhotos"] > 0.8 * len(views)  # of one zoom alone: 0.65
    assert result.report is not None
    wide, tele = result.report["inputs"]["cameras"]
    assert (wide["photos"], tele["photos"]) == (13, 7)
    assert tele["focalPriorPx"] == pytest.approx(ZOOM * wide["focalPriorPx"])
    assert tele["focalPx"] == pytest.approx(ZOOM * wide["focalPx"], rel=0.01)
    assert wide["focalPx"] == pytest.approx(FOCAL_35MM / 35 * 480, rel=0.03)
