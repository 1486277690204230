"""What a person is told about a frame."""

import numpy as np
import pytest
from spaceport_sfm.alignment import Similarity
from spaceport_sfm.export_frame import Frame
from spaceport_sfm.frame_checks import FrameNumbers
from spaceport_sfm.frame_report import frame_warnings
from spaceport_sfm.height_errors import HeightErrors
from spaceport_sfm.positions import PositionFacts


def frame(problem: str | None, between_lenses: float) -> Frame:
    numbers = FrameNumbers(44.0, 44.0, 13.0, None, None, 1.0)
    return Frame(
        Similarity(1.0, np.eye(3), np.zeros(3)), None, problem, numbers, HeightErrors(0.3, between_lenses, 0.1)
    )


def facts(known: int) -> PositionFacts:
    return PositionFacts(None, known, known, 0, None)


def test_positions_that_were_not_used_are_named_with_the_reason() -> None:
    assert frame_warnings(facts(18), frame("15 of 18 photos have the same GPS position as another photo", 0)) == [
        "The scene is not georeferenced: 15 of 18 photos have the same GPS position as another photo."
    ]


def test_photos_that_never_had_positions_are_nothing_to_warn_of() -> None:
    assert frame_warnings(facts(0), frame("the photos have no GPS positions", 0)) == []


@pytest.mark.parametrize(("error", "warned"), [(0.5, False), (4.0, False), (4.6, True)])
def test_heights_that_are_off_by_a_tenth_of_the_distance_are_named(error: float, warned: bool) -> None:
    expected = ["The heights of cameras differ from their altitudes by up to 5 m, at 44 m from what they see."]
    assert frame_warnings(facts(18), frame(None, error)) == (expected if warned else [])
