"""What several test modules share: the rendered place and one run over it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sfm_testing.job import SETTINGS, Job
from sfm_testing.photo_files import gps_of, save_photo
from sfm_testing.place import Place, survey_views
from sfm_testing.proof_sets import site
from sfm_testing.survey import Survey
from spaceport_common.kernel.build import build
from spaceport_sfm.kernel.build import FEATURES


@pytest.fixture(scope="session", autouse=True)
def kernel(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A folder of its own for the kernel, unless one was built at set-up."""
    if "SPACEPORT_KERNEL_DIR" not in os.environ:
        os.environ["SPACEPORT_KERNEL_DIR"] = str(tmp_path_factory.mktemp("kernel"))
    build(Path(os.environ["SPACEPORT_KERNEL_DIR"]), FEATURES)


@pytest.fixture(scope="session")
def place() -> Place:
    return site("home")


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
