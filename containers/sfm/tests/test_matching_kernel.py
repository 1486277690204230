"""The kernel's matches are those of the whole table of distances, by COLMAP's rules."""

import numpy as np
import pytest
from numpy.typing import NDArray
from spaceport_common.kernel.build import levels, library_path
from spaceport_common.kernel.library import best_library
from spaceport_sfm.kernel.build import FEATURES
from spaceport_sfm.kernel.library import Gate, GateGeometry, Kernel, load

SIZE = 1000.0  # pixels


def match(
    first: NDArray[np.uint8],
    second: NDArray[np.uint8],
    gate: Gate | None = None,
    *,
    max_ratio: float = 0.8,
    cross_check: bool = True,
    kernel: Kernel | None = None,
) -> list[tuple[int, int]]:
    found = (kernel or load()).match(
        first, second, max_ratio=max_ratio, max_distance=0.7, cross_check=cross_check, gate=gate
    )
    return [(int(one), int(other)) for one, other in found]


def unlike(random: np.random.Generator, count: int) -> NDArray[np.uint8]:
    """Descriptors of length 512 that resemble nothing."""
    vectors = random.random((count, 128)) ** 4
    scaled: NDArray[np.float64] = 512 * vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.round(scaled).astype(np.uint8)


def two_photos(seed: int, counts: tuple[int, int], common: int) -> list[NDArray[np.uint8]]:
    """Descriptors of two photos; `common` of them, in other places, are the same but for noise."""
    random = np.random.default_rng(seed)
    first, second = (unlike(random, count) for count in counts)
    noise = random.integers(-12, 13, (common, 128))
    places = random.permutation(counts[1])[:common]
    second[places] = np.clip(first[:common].astype(int) + noise, 0, 255)
    return [first, second]


def whole_table(
    first: NDArray[np.uint8], second: NDArray[np.uint8], allowed: NDArray[np.bool_] | None = None
) -> list[tuple[int, int]]:
    """Matches by all distances at once; pairs that are not allowed are 512 apart."""
    one, other = first.astype(np.float64), second.astype(np.float64)
    squares = np.maximum(np.sum(one**2, axis=1)[:, None] + np.sum(other**2, axis=1) - 2 * one @ other.T, 0)
    if allowed is not None:
        squares = np.where(allowed, squares, 512.0**2)

    def nearest(table: NDArray[np.float64]) -> NDArray[np.intp]:
        best, second_best = np.partition(table, 1, axis=1)[:, :2].T
        taken = (best <= (512 * 0.7) ** 2) & (np.sqrt(best) < 0.8 * np.sqrt(second_best))
        return np.where(taken, table.argmin(axis=1), -1)

    forward, backward = nearest(squares), nearest(squares.T)
    return [(i, int(k)) for i, k in enumerate(forward) if k >= 0 and backward[k] == i]


@pytest.mark.parametrize("counts", [(700, 500), (97, 331), (16, 6), (2, 2)])
def test_all_descriptors_compared(counts: tuple[int, int]) -> None:
    first, second = two_photos(3, counts, min(counts) // 2)
    expected = whole_table(first, second)
    assert len(expected) >= min(counts) // 3
    assert match(first, second) == expected


def gates(name: str) -> tuple[GateGeometry, NDArray[np.float64]]:
    """A geometry by its name."""
    cases: dict[str, tuple[GateGeometry, list[list[float]]]] = {
        "lines along rows": ("fundamental", [[0, 0, 0], [0, 0, -1], [0, 1, 0]]),
        "lines that meet far away": ("fundamental", [[0, -1, 900], [1, 0, -4000], [-1000, 5000, 0]]),
        "lines that meet in the photo": ("fundamental", [[0, -1, 450], [1, 0, -520], [-440, 530, 0]]),
        "a plane": ("homography", [[0.98, 0.05, 12], [-0.04, 1.02, -9], [1e-5, 2e-5, 1]]),
    }
    geometry, matrix = cases[name]
    return geometry, np.array(matrix, np.float64)


def allowed_by(
    geometry: str, matrix: NDArray[np.float64], error: float, first: NDArray[np.float32], second: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Every pair by the definition: Sampson error, or distance."""
    one, other = (np.column_stack([points.astype(np.float64), np.ones(len(points))]) for points in (first, second))
    moved = one @ matrix.T
    if geometry == "homography":
        places = moved[:, :2] / moved[:, 2:]
        near: NDArray[np.bool_] = np.linalg.norm(places[:, None] - other[None, :, :2], axis=2) <= error
        return near
    back = other @ matrix
    steepness = np.sum(moved[:, :2] ** 2, axis=1)[:, None] + np.sum(back[:, :2] ** 2, axis=1)[None]
    allowed: NDArray[np.bool_] = (moved @ other.T) ** 2 <= error**2 * steepness
    return allowed


@pytest.mark.parametrize("error", [4.0, 60.0])
@pytest.mark.parametrize(
    "name", ["lines along rows", "lines that meet far away", "lines that meet in the photo", "a plane"]
)
def test_descriptors_that_a_geometry_allows(name: str, error: float) -> None:
    geometry, matrix = gates(name)
    first, second = two_photos(5, (900, 1100), 600)
    random = np.random.default_rng(7)
    places = [random.uniform(0, SIZE, (len(each), 2)).astype(np.float32) for each in (first, second)]
    unguided = whole_table(first, second)
    for one, other in unguided[::2]:  # every second pair of like descriptors lies as the geometry tells, but for noise
        moved = matrix @ [*places[0][one], 1]
        if geometry == "homography":
            places[1][other] = moved[:2] / moved[2]
        else:
            away = moved @ [*places[1][other], 1] / np.linalg.norm(moved[:2])
            places[1][other] -= away * moved[:2] / np.linalg.norm(moved[:2])
        places[1][other] += random.normal(0, 1, 2)
    allowed = allowed_by(geometry, matrix, error, *places)
    expected = whole_table(first, second, allowed)
    assert len(unguided) / 3 < len(set(expected) & set(unguided)) < len(unguided)
    gate = Gate(geometry, matrix, error, *places)
    found = match(first, second, gate)
    assert len(set(found) ^ set(expected)) <= 1  # a pair at the very edge may fall on either side by rounding


def test_one_way_is_enough_without_a_cross_check() -> None:
    first, second = two_photos(1, (300, 200), 80)
    both = match(first, second)
    repeated = match(first, np.vstack([second, second]), max_ratio=1.0)
    assert len(match(first, second, cross_check=False)) >= len(both) > 50
    assert repeated == []  # what is there twice is no nearer than its copy


def test_photos_without_features_match_nothing() -> None:
    none, some = np.empty((0, 128), np.uint8), unlike(np.random.default_rng(0), 20)
    for first, second in ((none, some), (some, none), (none, none)):
        assert match(first, second) == []


def test_every_instruction_set_of_this_machine_finds_the_same_matches() -> None:
    first, second = two_photos(9, (500, 400), 200)
    best, level = best_library(FEATURES)
    names = list(levels())
    for name in names[: names.index(level) + 1]:
        kernel = Kernel(library_path(best.parent, name, FEATURES), name)
        assert match(first, second, kernel=kernel) == whole_table(first, second)
