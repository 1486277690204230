"""A wall photographed in columns: altitudes decide which photos are neighbours."""

from collections.abc import Callable

import numpy as np
import pycolmap
from sfm_testing.job import Job
from sfm_testing.photo_files import gps_of, save_photo
from sfm_testing.place import Place, facade_views
from spaceport_sfm.alignment import fit_similarity


def test_s01_a_facade_registers_wholly_and_where_it_was_photographed_from(
    new_job: Callable[..., Job], place: Place
) -> None:
    job, views = new_job(), facade_views(columns=3, heights=8)
    scatter = np.random.default_rng(0).normal(0, 0.3, (len(views), 3))
    for wall, error in zip(views, scatter, strict=True):
        save_photo(job.photos / wall.view.name, place.render(wall.view), gps=gps_of(wall.center + error))

    result = job.run()

    assert result.status == 0, result.stderr
    assert result.report is not None and result.report["inputs"]["pairing"] == "spatial"
    assert result.report["inputs"]["pairs"] < len(views) * 8
    assert result.metrics["registered"] == len(views)
    assert result.metrics["georeferenced"] is True
    model = pycolmap.Reconstruction(job.output / "sparse" / "0")
    truth = {wall.view.name: wall.center for wall in views}
    images = list(model.images.values())
    found = np.array([image.projection_center() for image in images])
    expected = np.array([truth[image.name] for image in images])
    errors = np.linalg.norm(fit_similarity(found, expected)(found) - expected, axis=1)
    assert np.sqrt(np.mean(errors**2)) < 0.005 * np.linalg.norm(np.ptp(expected, axis=0))
