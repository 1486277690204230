"""Which photos are matched."""

import numpy as np
import pytest
from numpy.typing import NDArray
from spaceport_sfm.neighbours import spatial_neighbours
from spaceport_sfm.pair_graph import parts_of
from spaceport_sfm.pairs import exhaustive_pairs, select_pairs, sequential_pairs, spatial_pairs
from spaceport_sfm.tuning import PairingTuning

Floats = NDArray[np.float64]


def strips(count: int, photos: int, along_m: float, across_m: float, turned_degrees: float = 0.0) -> Floats:
    """Positions of a flight over flat ground, strip after strip to and fro."""
    there = np.arange(photos) * along_m
    rows = [
        np.stack([there[:: 1 - 2 * (strip % 2)], np.full(photos, strip * across_m)], axis=1) for strip in range(count)
    ]
    angle = np.radians(turned_degrees)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return np.concatenate([np.concatenate(rows) @ turn, np.zeros((count * photos, 1))], axis=1)


def facade(columns: int, heights: int, scatter_m: float = 0.0) -> Floats:
    """Positions before a wall, column after column upwards."""
    exact = [[4.0 * column, 0.0, 2.0 * height] for column in range(columns) for height in range(heights)]
    return np.array(exact) + np.random.default_rng(0).normal(0, 1, (columns * heights, 3)) * scatter_m


def parts(photos: int, pairs: list[tuple[int, int]]) -> int:
    return len(set(parts_of(photos, pairs)))


def test_photos_with_gps_are_paired_with_their_neighbours_on_the_map() -> None:
    line = np.stack([np.arange(40) * 10.0, np.zeros(40), np.arange(40) % 2 * 5.0], axis=1)  # heights scatter
    method, pairs = select_pairs(40, line, PairingTuning())
    assert method == "spatial"
    assert {(0, 1), (5, 6), (5, 9)} <= set(pairs)
    assert all(second - first <= 8 for first, second in pairs)


def test_every_photo_has_neighbours_even_when_one_lies_far_away() -> None:
    enu = np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0], [5000, 0, 0]])
    assert (2, 3) in spatial_pairs(enu, PairingTuning(spatial_neighbours=1))


def test_a_photo_without_gps_is_paired_with_its_neighbours_by_name() -> None:
    enu = np.stack([np.arange(20) * 10.0, np.zeros(20), np.zeros(20)], axis=1)
    enu[10] = np.nan
    pairs = set(spatial_pairs(enu, PairingTuning(spatial_neighbours=4)))
    assert {pair for pair in pairs if 10 in pair} == {(8, 10), (9, 10), (10, 11), (10, 12)}


def test_few_photos_without_gps_are_all_paired() -> None:
    method, pairs = select_pairs(4, None, PairingTuning())
    assert method == "exhaustive"
    assert pairs == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)] == exhaustive_pairs(4)


def test_many_photos_without_gps_are_paired_along_their_names() -> None:
    method, pairs = select_pairs(500, None, PairingTuning())
    assert method == "sequential"
    assert {(0, 1), (0, 10), (0, 512 // 4)} <= set(pairs)
    assert len(pairs) < 500 * 17


def test_sequential_pairs_end_at_the_last_photo() -> None:
    assert sequential_pairs(3, 10) == [(0, 1), (0, 2), (1, 2)]


def test_no_pair_is_listed_twice_or_with_itself() -> None:
    enu = np.random.default_rng(0).random((50, 3)) * 100
    pairs = spatial_pairs(enu)
    assert len(set(pairs)) == len(pairs)
    assert all(first < second for first, second in pairs)


def test_s02_photos_that_repeat_a_position_are_paired_along_their_names() -> None:
    frozen = np.array([[0.0, 12.0 * min(photo, 3), 0.0] for photo in range(150)])
    _, pairs = select_pairs(150, frozen, PairingTuning())
    assert {(photo, photo + 1) for photo in range(149)} <= set(pairs)
    assert {pair for pair in sequential_pairs(150, 10) if pair[1] > 3} <= set(pairs)


def test_s02_few_photos_that_repeat_a_position_are_all_paired() -> None:
    frozen = np.array([[0.0, 12.0 * min(photo, 3), 0.0] for photo in range(18)])
    assert select_pairs(18, frozen, PairingTuning()) == ("exhaustive", exhaustive_pairs(18))


def test_s02_three_photos_from_each_place_are_paired_with_the_next_strip() -> None:
    grid = np.array([[10.0 * (place % 10), 10.0 * (place // 10), 0.0] for place in range(50) for _ in range(3)])
    _, pairs = select_pairs(150, grid, PairingTuning())
    assert {(3 * place, 3 * (place + 10)) for place in range(40)} & set(pairs)


@pytest.mark.parametrize("scatter_m", [0.0, 0.5])
def test_s01_columns_of_a_facade_are_paired_above_below_and_beside(scatter_m: float) -> None:
    positions = facade(5, 30, scatter_m)
    pairs = set(spatial_pairs(positions))
    above = {(30 * column + height, 30 * column + height + 1) for column in range(5) for height in range(29)}
    assert above <= pairs
    for column in range(4):
        for height in range(30):  # the photo beside, or one of two above and below it
            beside = {(30 * column + height, 30 * column + 30 + other) for other in range(height - 2, height + 3)}
            assert beside & pairs, (column, height)
    assert scatter_m > 0 or {(photo, photo + 30) for photo in range(120)} <= pairs
    assert parts(150, list(pairs)) == 1


@pytest.mark.parametrize("turned_degrees", [0.0, 22.5, 70.0])
def test_photos_close_together_along_a_strip_are_paired_with_the_strips_beside_it_too(turned_degrees: float) -> None:
    positions = strips(6, 50, 2.0, 20.0, turned_degrees)
    pairs = spatial_pairs(positions)
    strip_of = np.arange(300) // 50
    for photo in range(300):
        partners = {other for pair in pairs if photo in pair for other in pair}
        beside = {strip for strip in (strip_of[photo] - 1, strip_of[photo] + 1) if 0 <= strip < 6}
        assert beside <= {strip_of[other] for other in partners}, photo
    assert {(photo, photo + step) for photo in range(47) for step in (1, 2, 3)} <= set(pairs)


def test_an_ordinary_grid_has_about_as_many_pairs_as_its_eight_neighbours_make() -> None:
    positions = strips(20, 20, 10.0, 10.0)
    assert len(spatial_pairs(positions)) < 4.3 * 400


@pytest.mark.parametrize("scatter_m", [1.5, 5.0])
def test_scattered_positions_cost_at_most_half_as_many_pairs_again(scatter_m: float) -> None:
    positions = strips(15, 15, 10.0, 10.0, 22.5) + np.random.default_rng(0).normal(0, scatter_m, (225, 3))
    assert len(spatial_pairs(positions)) < 1.5 * 4.4 * 225


def test_pairs_grow_with_the_photos_and_not_with_their_square() -> None:
    few, many = (len(spatial_pairs(strips(20, photos, 10.0, 10.0))) for photos in (20, 80))
    assert many < 4.5 * few


def test_two_levels_of_a_flight_are_paired_with_each_other() -> None:
    low, high = strips(8, 10, 10.0, 10.0), strips(4, 6, 18.0, 18.0) + np.array([0, 0, 30.0])
    pairs = spatial_pairs(np.concatenate([low, high]))
    for photo in range(80, 104):
        assert any(first < 80 and second == photo for first, second in pairs)


def test_two_places_far_apart_are_one_graph_with_several_pairs_between_them() -> None:
    two = np.concatenate([strips(5, 10, 10.0, 10.0), strips(5, 10, 10.0, 10.0) + np.array([3000.0, 500.0, 0.0])])
    pairs = spatial_pairs(two)
    assert parts(100, pairs) == 1
    assert sum(first < 50 <= second for first, second in pairs) >= 4


def test_photos_without_gps_among_photos_with_are_in_the_same_graph() -> None:
    positions = strips(10, 20, 10.0, 10.0)
    positions[[*range(0, 6), *range(90, 120), 199]] = np.nan
    pairs = spatial_pairs(positions)
    assert parts(200, pairs) == 1
    assert {(100, other) for other in range(101, 105)} <= set(pairs)


def test_photos_whose_altitude_alone_is_unknown_have_neighbours_like_the_others() -> None:
    positions = strips(10, 20, 10.0, 10.0)
    positions[::3, 2] = np.nan
    assert set(spatial_pairs(positions)) == set(spatial_pairs(strips(10, 20, 10.0, 10.0)))


def test_a_photo_with_a_wrong_position_is_paired_with_the_next_by_name() -> None:
    positions = strips(10, 20, 10.0, 10.0)
    positions[103] = positions[5]
    assert {(102, 103), (103, 104)} <= set(spatial_pairs(positions))


def test_bursts_from_one_spot_do_not_hide_the_spots_around_it() -> None:
    scatter = np.random.default_rng(0).normal(0, 0.05, (250, 3))
    bursts = np.repeat(strips(5, 5, 10.0, 10.0), 10, axis=0) + scatter
    spots = {other // 10 for other in spatial_neighbours(bursts, 120, None, PairingTuning())}
    assert spots == {6, 7, 8, 11, 12, 13, 16, 17, 18}


def test_no_photo_is_left_alone_without_gps_over_the_limit_for_all_pairs() -> None:
    for photos in (121, 200, 1000):
        method, pairs = select_pairs(photos, None)
        assert method == "sequential" and parts(photos, pairs) == 1


def test_pairs_do_not_depend_on_chance() -> None:
    positions = np.random.default_rng(0).random((300, 3)) * [100, 100, 10]
    assert spatial_pairs(positions) == spatial_pairs(positions.copy())
