"""Which features of two photos match, and which photos are passed over."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sfm_testing.job import SETTINGS
from sfm_testing.place import Place, View, look
from spaceport_sfm.kernel.library import load
from spaceport_sfm.pair_matching import Matches, PairMatcher, PhotoFeatures
from spaceport_sfm.settings import SfmSettings
from spaceport_sfm.tuning import MatchingLevel, MatchingTuning

LEVELS = (MatchingLevel(0.2, 200, 2), MatchingLevel(0.4, 400, 3))
ALL_AT_ONCE = MatchingTuning(levels=())


def features_of(place: Place, view: View) -> PhotoFeatures:
    grey = np.asarray(place.render(view, 640, 480).convert("L"))
    found = load().extract(grey, first_octave=0, octaves=4, resolution=3, most_features=4096)
    return PhotoFeatures(found.keypoints[:, :2].copy(), found.keypoints[:, 2], found.descriptors)


def match(first: PhotoFeatures, second: PhotoFeatures, tuning: MatchingTuning, *, thorough: bool) -> Matches | None:
    return PairMatcher(load(), SfmSettings.model_validate(SETTINGS), tuning, 0.5).match(
        first, second, thorough=thorough
    )


@pytest.fixture(scope="module")
def here(place: Place) -> PhotoFeatures:
    return features_of(place, look("here", (0, 0, 30), 0, -80))


@pytest.fixture(scope="module")
def beside(place: Place) -> PhotoFeatures:
    return features_of(place, look("beside", (8, 3, 33), 25, -75))


@pytest.fixture(scope="module")
def elsewhere(place: Place) -> PhotoFeatures:
    return features_of(place, look("elsewhere", (-55, 55, 30), 0, -90))


def as_set(matches: Matches | None) -> set[tuple[int, int]]:
    assert matches is not None
    return {(int(one), int(other)) for one, other in matches}


def test_largest_features_lead_to_nearly_all_matches_and_to_more(here: PhotoFeatures, beside: PhotoFeatures) -> None:
    all_at_once = as_set(match(here, beside, ALL_AT_ONCE, thorough=False))
    led = as_set(match(here, beside, MatchingTuning(levels=LEVELS), thorough=False))
    assert len(all_at_once) > 100
    assert len(led & all_at_once) > 0.95 * len(all_at_once)
    assert len(led) > len(all_at_once)


def test_photos_that_do_not_overlap_are_passed_over(here: PhotoFeatures, elsewhere: PhotoFeatures) -> None:
    for thorough in (False, True):
        assert match(here, elsewhere, MatchingTuning(levels=LEVELS), thorough=thorough) is None


def test_only_the_last_level_is_believed_that_photos_do_not_overlap_where_it_must_be_sure(
    here: PhotoFeatures, beside: PhotoFeatures
) -> None:
    hasty = MatchingTuning(levels=(MatchingLevel(0.01, 10, 10**6), *LEVELS[1:]))
    assert match(here, beside, hasty, thorough=False) is None
    assert len(as_set(match(here, beside, hasty, thorough=True))) > 100


def test_photos_of_which_the_largest_features_say_too_little_are_compared_whole(
    here: PhotoFeatures, beside: PhotoFeatures
) -> None:
    never_enough = MatchingTuning(levels=LEVELS, min_agreeing=10**6)
    led = as_set(match(here, beside, never_enough, thorough=False))
    assert led == as_set(match(here, beside, ALL_AT_ONCE, thorough=False))


def few(photo: PhotoFeatures, count: int) -> PhotoFeatures:
    chosen: NDArray[np.intp] = photo.largest_first[:count]
    return PhotoFeatures(photo.xy[chosen], photo.scale[chosen], photo.descriptors[chosen])


@pytest.mark.parametrize("count", [0, 1, 150])
def test_photos_of_few_features_are_compared_whole(here: PhotoFeatures, beside: PhotoFeatures, count: int) -> None:
    one, other = few(here, count), few(beside, count)
    led = as_set(match(one, other, MatchingTuning(levels=LEVELS), thorough=False))
    assert led == as_set(match(one, other, ALL_AT_ONCE, thorough=False))
