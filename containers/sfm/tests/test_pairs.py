"""Which photos are matched."""

import numpy as np
from spaceport_sfm.pairs import exhaustive_pairs, select_pairs, sequential_pairs, spatial_pairs
from spaceport_sfm.tuning import PairingTuning


def test_photos_with_gps_are_paired_with_their_neighbours_on_the_map() -> None:
    line = np.stack([np.arange(40) * 10.0, np.zeros(40), np.arange(40) % 2 * 500.0], axis=1)  # heights do not count
    method, pairs = select_pairs(40, line, PairingTuning())
    assert method == "spatial"
    assert {(0, 1), (5, 6), (5, 9)} <= set(pairs)
    assert all(second - first <= 8 for first, second in pairs)


def test_every_photo_has_neighbours_even_when_one_lies_far_away() -> None:
    enu = np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0], [5000, 0, 0]])
    assert (2, 3) in spatial_pairs(enu, 1)


def test_a_photo_without_gps_is_paired_with_its_neighbours_by_name() -> None:
    enu = np.stack([np.arange(20) * 10.0, np.zeros(20), np.zeros(20)], axis=1)
    enu[10] = np.nan
    pairs = set(spatial_pairs(enu, 4))
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
    pairs = spatial_pairs(enu, 8)
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


def test_columns_of_a_facade_are_paired_above_below_and_beside() -> None:
    facade = np.array([[4.0 * column, 0.0, 2.0 * height] for column in range(5) for height in range(30)])
    _, pairs = select_pairs(150, facade, PairingTuning())
    above = {(30 * column + height, 30 * column + height + 1) for column in range(5) for height in range(29)}
    beside = {(30 * column + height, 30 * column + 30 + height) for column in range(4) for height in range(30)}
    assert above | beside <= set(pairs)
