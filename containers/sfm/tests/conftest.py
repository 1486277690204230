"""What several test modules share: the rendered place and one run over it."""

from collections.abc import Callable
from typing import Any

import pytest
from sfm_testing.job import SETTINGS, Job
from sfm_testing.photo_files import gps_of, save_photo
from sfm_testing.place import Place, survey_views
from sfm_testing.survey import Survey


@pytest.fixture(scope="session")
def place() -> Place:
    return Place()


@pytest.fixture(scope="session")
def new_job(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Job]:
    def new(**settings: Any) -> Job:
        return Job(tmp_path_factory.mktemp("job"), {**SETTINGS, **settings})

    return new


@pytest.fixture(scope="session")
def survey(place: Place, new_job: Callable[..., Job]) -> Survey:
    job, views = new_job(), survey_views()
    for view in views:
        save_photo(job.photos / view.name, place.render(view), gps=gps_of(view.center))
    (job.photos / "grid" / "cut-off.jpg").write_bytes((job.photos / views[0].name).read_bytes()[:20_000])
    (job.photos / "notes.txt").write_text("not a photo", "utf-8")
    return Survey(views, job, job.run())
