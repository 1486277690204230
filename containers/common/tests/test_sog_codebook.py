"""One-dimensional k-means against the exact optimum by dynamic programming."""

from collections.abc import Callable

import numpy as np
import pytest
from spaceport_common.sog import codebook as module
from spaceport_common.sog.codebook import build_codebook, nearest_codes, padded

SIZE = 16

Sample = Callable[[np.random.Generator], np.ndarray]
SAMPLES: dict[str, Sample] = {
    "normal": lambda random: random.normal(0, 1, 500),
    "one-sided": lambda random: random.exponential(1, 500),
    "with a far cluster": lambda random: np.concatenate([random.normal(0, 0.1, 450), random.normal(50, 5, 50)]),
    "heavy-tailed": lambda random: random.standard_cauchy(500),
    "with many equal values": lambda random: np.concatenate([np.zeros(300), random.normal(3, 1, 200)]),
}


def least_squared_error(values: np.ndarray, clusters: int) -> float:
    """The optimum: best[j] for k clusters is the minimum over i of best[i] for k - 1 plus the error of i..j."""
    ordered = np.sort(values).astype(np.float64)
    sums, squares = (np.concatenate([[0], np.cumsum(ordered**power)]) for power in (1, 2))
    index = np.arange(len(ordered) + 1)
    counts = index[None] - index[:, None]
    error = squares[None] - squares[:, None] - (sums[None] - sums[:, None]) ** 2 / np.maximum(counts, 1)
    error[counts <= 0] = np.inf
    best = error[0]
    for _ in range(clusters - 1):
        best = (best[:, None] + error).min(axis=0)
    return float(best[-1])


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("seed", range(3))
def test_the_error_is_close_to_the_least_possible(monkeypatch: pytest.MonkeyPatch, name: str, seed: int) -> None:
    monkeypatch.setattr(module, "CODEBOOK_SIZE", SIZE)
    values = SAMPLES[name](np.random.default_rng(seed)).astype(np.float32)
    codebook = build_codebook(values)
    assert len(codebook) <= SIZE
    error = ((codebook[nearest_codes(values, codebook)] - values) ** 2).sum()
    assert error <= 1.3 * least_squared_error(values, SIZE)


def test_few_distinct_values_are_kept_exactly() -> None:
    values = np.array([[0.1, -2.5, 0.1], [7, -2.5, 1e-20]], np.float32)
    codebook = build_codebook(values)
    np.testing.assert_allclose(codebook[nearest_codes(values, codebook)], values, rtol=1e-6)


def test_a_full_codebook_has_256_ascending_words() -> None:
    codebook = build_codebook(np.random.default_rng(0).normal(0, 1, (5000, 3)).astype(np.float32))
    assert len(codebook) == 256
    assert (np.diff(codebook) > 0).all()


def test_each_value_gets_its_nearest_word() -> None:
    random = np.random.default_rng(1)
    codebook = np.sort(random.normal(0, 1, 40))
    values = random.normal(0, 2, (300, 3)).astype(np.float32)
    expected = np.abs(values[..., None] - codebook).argmin(axis=-1)
    assert np.array_equal(nearest_codes(values, codebook), expected)


def test_a_short_codebook_is_filled_up_with_its_last_word() -> None:
    assert padded(np.array([1.0, 2.0])) == [1.0, *[2.0] * 255]
