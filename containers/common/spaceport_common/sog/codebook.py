"""One-dimensional k-means: the 256 values that stand for all scales, all colours, or all palette entries."""

import numpy as np
from numpy.typing import NDArray

Float64s = NDArray[np.float64]

CODEBOOK_SIZE = 256
MAX_MOVES = 600
ROUNDS_A_MOVE = 2
MAX_FINAL_ROUNDS = 200
SIGNIFICANT_DIGITS = 7  # in meta.json; a float32 has no more


def build_codebook(values: NDArray[np.float32], moves: int = MAX_MOVES) -> Float64s:
    """At most CODEBOOK_SIZE ascending values, float64[K], that minimise the squared error of `values` (any shape).

    Lloyd's algorithm on the sorted values, where prefix sums make a round cost K binary searches. It starts from a
    density of codewords that follows the cube root of the values' density (optimal at high rates: Panter and Dite
    1951), and leaves local optima by moving one codeword at a time from where it is needed least to where it is
    needed most, `moves` times at most, as long as that lowers the error. Few distinct values are kept exactly.
    """
    ordered = np.sort(values, axis=None).astype(np.float64)
    distinct = ordered[np.concatenate([[True], np.diff(ordered) > 0])]
    if len(distinct) <= CODEBOOK_SIZE:
        return _rounded(distinct)
    line = _SortedValues(ordered)
    centres = line.start(distinct)
    for _ in range(moves):
        centres = line.lloyd(centres, ROUNDS_A_MOVE)
        moved = line.move_one(centres)
        if moved is None:
            break
        centres = moved
    return _rounded(line.lloyd(centres, MAX_FINAL_ROUNDS))


def nearest_codes(values: NDArray[np.float32], codebook: Float64s) -> NDArray[np.uint8]:
    """Index of the nearest of the ascending `codebook` for each value, in the values' shape."""
    return np.searchsorted((codebook[1:] + codebook[:-1]) / 2, values).astype(np.uint8)


def padded(codebook: Float64s) -> list[float]:
    """The codebook as meta.json holds it: always CODEBOOK_SIZE long (viewers rely on it), the last value repeated."""
    return [*codebook.tolist(), *[float(codebook[-1])] * (CODEBOOK_SIZE - len(codebook))]


class _SortedValues:
    """Sorted values float64[N] with prefix sums: the squared error of any run of them is a subtraction away."""

    def __init__(self, ordered: Float64s) -> None:
        self.values = ordered
        self.shift = ordered.mean()
        self.sums = np.concatenate([[0.0], np.cumsum(ordered - self.shift)])
        self.squares = np.concatenate([[0.0], np.cumsum((ordered - self.shift) ** 2)])

    def start(self, distinct: Float64s) -> Float64s:
        """CODEBOOK_SIZE of the `distinct` values, ascending, denser where there are more values."""
        intervals = np.linspace(0, len(self.values) - 1, 4 * CODEBOOK_SIZE + 1).astype(np.intp)
        quantiles = self.values[intervals]
        path = np.concatenate([[0.0], np.cumsum(np.cbrt(np.diff(quantiles)) ** 2)])  # width * density^(1/3)
        wanted = (np.arange(CODEBOOK_SIZE) + 0.5) / CODEBOOK_SIZE * path[-1]
        index = np.searchsorted(distinct, np.interp(wanted, path, quantiles))
        room = np.arange(CODEBOOK_SIZE)  # forces indices apart: each codeword its own value
        index = np.maximum.accumulate(index - room) + room
        start: Float64s = distinct[np.minimum(index, len(distinct) - CODEBOOK_SIZE + room)]
        return start

    def lloyd(self, centres: Float64s, rounds: int) -> Float64s:
        """At most `rounds` rounds, fewer when nothing moves; centres that serve no value are dropped."""
        for _ in range(rounds):
            borders = self._borders(centres)
            moved = self._means(borders[:-1], borders[1:])
            if np.array_equal(moved, centres):
                break
            centres = moved
        return centres

    def move_one(self, centres: Float64s) -> Float64s | None:
        """Splits one cluster and merges two neighbours (none, while the codebook is not full); None if no gain."""
        borders = self._borders(centres)
        low, high = borders[:-1], borders[1:]
        centres = self._means(low, high)
        errors = self._errors(low, high)
        middle = np.clip(np.searchsorted(self.values, centres), low + 1, np.maximum(high - 1, low + 1))
        gains = np.where(high - low > 1, errors - self._errors(low, middle) - self._errors(middle, high), 0.0)
        split = int(gains.argmax())
        halves = self._means(np.array([low[split], middle[split]]), np.array([middle[split], high[split]]))
        if len(centres) < CODEBOOK_SIZE:
            return np.sort(np.concatenate([np.delete(centres, split), halves])) if gains[split] > 0 else None
        losses = self._errors(low[:-1], high[1:]) - errors[:-1] - errors[1:]
        losses[max(0, split - 1) : split + 1] = np.inf
        merge = int(losses.argmin())
        if gains[split] <= losses[merge]:
            return None
        merged = self._means(low[merge : merge + 1], high[merge + 1 : merge + 2])
        return np.sort(np.concatenate([np.delete(centres, [split, merge, merge + 1]), halves, merged]))

    def _borders(self, centres: Float64s) -> NDArray[np.intp]:
        """Where each centre's values begin and end; only centres that have some."""
        inner = np.searchsorted(self.values, (centres[1:] + centres[:-1]) / 2, side="right")
        return np.unique(np.concatenate([[0], inner, [len(self.values)]]))

    def _means(self, low: NDArray[np.intp], high: NDArray[np.intp]) -> Float64s:
        means: Float64s = (self.sums[high] - self.sums[low]) / (high - low) + self.shift
        return means

    def _errors(self, low: NDArray[np.intp], high: NDArray[np.intp]) -> Float64s:
        """Squared errors around the mean; empty runs have none."""
        counts = np.maximum(high - low, 1)
        errors: Float64s = self.squares[high] - self.squares[low] - (self.sums[high] - self.sums[low]) ** 2 / counts
        return errors


def _rounded(values: Float64s) -> Float64s:
    return np.unique([float(f"{value:.{SIGNIFICANT_DIGITS}g}") for value in values])
