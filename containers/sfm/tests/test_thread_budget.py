"""Threads by memory: the cases that killed plain COLMAP."""

from spaceport_sfm.thread_budget import (
    extraction_threads,
    guided_matching_fits,
    matching_threads,
    preparation_threads,
)

GB = 10**9
TWELVE_MEGAPIXELS = 4000 * 3000


def test_the_survey_preset_on_16_gb_extracts_with_seven_of_eight_threads_and_with_colmap_with_three() -> None:
    assert extraction_threads(8, 16 * GB, TWELVE_MEGAPIXELS, first_octave=-1, kernel=True) == 7
    assert extraction_threads(8, 16 * GB, TWELVE_MEGAPIXELS, first_octave=-1, kernel=False) == 3


def test_starting_at_octave_0_leaves_room_for_every_cpu() -> None:
    assert extraction_threads(8, 16 * GB, TWELVE_MEGAPIXELS, first_octave=0, kernel=False) == 8


def test_guided_matching_of_the_survey_preset_on_16_gb_takes_one_thread() -> None:
    descriptors = 23_000  # 16384 keypoints, some with two orientations
    assert guided_matching_fits(16 * GB, descriptors)
    assert matching_threads(8, 16 * GB, descriptors, guided=True) == 1


def test_guided_matching_that_no_thread_can_hold_is_refused() -> None:
    assert not guided_matching_fits(8 * GB, 23_000)


def test_unguided_matching_is_not_bounded_by_memory() -> None:
    assert matching_threads(8, 16 * GB, 23_000, guided=False) == 8


def test_at_least_one_thread_runs_on_the_smallest_machine() -> None:
    assert extraction_threads(8, GB, TWELVE_MEGAPIXELS, first_octave=-1, kernel=True) == 1
    assert preparation_threads(8, GB) == 1
