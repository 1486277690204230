"""A run over the whole place, as tests look at it."""

from dataclasses import dataclass

from .job import Job, Result
from .place import View


@dataclass(frozen=True)
class Survey:
    """A run over `survey_views` with exact GPS, shared by the tests that only look at its result."""

    views: list[View]
    job: Job
    result: Result
