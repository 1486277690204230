"""Two places that look alike in part: the model of both is told from one of a single place, and mapped apart."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from sfm_testing.matches import Same, flights_database
from spaceport_sfm.doubled_places import Contradictions, PairOfViews
from spaceport_sfm.mapping import MappingOptions, map_incrementally
from spaceport_sfm.model_quality import photo_names
from spaceport_sfm.pair_graph import Pair
from spaceport_sfm.registration import PositionFit, Registration
from spaceport_sfm.tuning import DoublingTuning, LadderTuning, MappingTuning, Tuning

OPTIONS = MappingOptions(pixel_scale=1.0, use_position_priors=False, refine_focal_length=False, threads=2, seed=0)
TUNING = DoublingTuning()
Floats = NDArray[np.float64]


def house(_first: int, _second: int, ground: Floats) -> NDArray[np.bool_]:
    """The sites have a house in the middle in common, of 12 x 12 m."""
    return np.asarray((np.abs(ground[:, :2]) < 6).all(axis=1), np.bool_)


def everything(_first: int, _second: int, ground: Floats) -> NDArray[np.bool_]:
    return np.ones(len(ground), bool)


def registered(folder: Path, same: Same, fit: PositionFit | None = None) -> Registration:
    database = flights_database(folder, 2, same)
    photos = len(database.photos)
    pairs: list[Pair] = [(i, j) for j in range(photos) for i in range(j)]
    registration = Registration(
        database,
        folder,
        OPTIONS,
        replace(Tuning(), ladder=LadderTuning(max_enriched=0)),
        pairs,
        match=lambda _: None,
        enrich=lambda *_: None,
        min_points=0,
        fit=lambda _: fit,
        on_registered=lambda _: None,
    )
    registration.run()
    return registration


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Registration:
    return registered(tmp_path_factory.mktemp("houses"), house)


def test_two_sites_with_the_same_house_are_told_apart(houses: Registration) -> None:
    registration = houses
    standard, *others = registration.attempts
    assert (standard.name, standard.registered) == ("standard", 18)  # the house joins them
    assert {attempt.name for attempt in others} == {"told apart"}  # nothing is tried to place the other site
    assert [(attempt.name, attempt.registered) for attempt in others if attempt.taken] == [("told apart", 9)]
    sites = [{name.split("/")[0] for name in photo_names(model)} for model in registration.models]
    assert sorted(sites, key=str) == [{"site-0"}, {"site-1"}]
    found = registration.contradictions
    assert found is not None and found.judged and found.pairs == []


def test_a_rung_that_lays_the_sites_on_one_another_again_is_refused(houses: Registration, tmp_path: Path) -> None:
    database = flights_database(tmp_path, 2, house).path
    folded = map_incrementally(database, tmp_path, tmp_path / "folded", OPTIONS, MappingTuning(), lambda _: None)[0]
    assert len(photo_names(folded)) == 18
    objection = houses._objection(folded)
    assert objection is not None and "different places" in objection


def test_two_flights_over_one_site_are_one_model(tmp_path: Path) -> None:
    registration = registered(tmp_path, everything)
    assert [attempt.name for attempt in registration.attempts] == ["standard"]
    found = registration.contradictions
    assert found is not None and len(found.judged) > 50 and found.pairs == []


@pytest.mark.parametrize("repeated", [0.5, 0.15])
def test_flights_whose_photos_hardly_match_are_one_place_where_the_matches_lie_everywhere(
    tmp_path: Path, repeated: float
) -> None:
    """Another light: few features are found again, and no part of the photos lacks them."""

    def few(_first: int, _second: int, ground: Floats) -> NDArray[np.bool_]:
        return np.random.default_rng(len(ground)).random(len(ground)) < repeated

    registration = registered(tmp_path, few)
    found = registration.contradictions
    assert len(photo_names(registration.models[0])) == 18
    assert found is not None and not found.doubled


def test_positions_that_agree_with_the_model_are_believed(tmp_path: Path) -> None:
    registration = registered(tmp_path, house, PositionFit(residual_m=2.0, agreeing_share=1.0))
    assert [attempt.name for attempt in registration.attempts] == ["standard"]
    half = tmp_path / "half"
    half.mkdir()
    assert registered(half, house, PositionFit(2.0, 0.5)).attempts[1].name == "told apart"


def judged(*pairs: tuple[str, int]) -> Contradictions:
    """Pairs of photos, one letter each, and how many of ten cells are empty."""
    return Contradictions([PairOfViews((names[0], names[1]), 10, empty) for names, empty in pairs], TUNING)


def test_a_single_photo_in_all_contradicting_pairs_makes_no_doubled_model() -> None:
    found = judged(("ax", 9), ("bx", 9), ("cx", 9), ("dx", 9), ("ab", 0), ("bc", 0), ("cd", 0))
    assert len(found.pairs) == 4 and not found.doubled


def test_contradictions_that_part_nothing_make_no_doubled_model() -> None:
    """Three pairs contradict, among many between the same photos that agree."""
    agreeing = [(names, 0) for names in ("ab", "bc", "ac", "xy", "yz", "xz", "ay", "az", "bx", "bz", "cx", "cy")]
    found = judged(("ax", 9), ("by", 9), ("cz", 9), *agreeing)
    assert len(found.pairs) == 3 and not found.doubled


def test_parts_agree_within_and_contradict_across() -> None:
    found = judged(("ab", 0), ("bc", 0), ("xy", 0), ("yz", 0), ("ax", 9), ("by", 9), ("cz", 9), ("cx", 0))
    assert found.doubled
    assert sorted(map(sorted, found.parts())) == [["a", "b", "c"], ["x", "y", "z"]]
