"""Halves the number of Gaussians: neighbours become one that covers what both did."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from spaceport_common.machine import usable_cpus
from spaceport_common.sog.gaussians import Float32s, Gaussians
from spaceport_common.sog.importance import covered_area
from spaceport_common.sog.quantizers import Float64s, sigmoid
from spaceport_common.spherical_harmonics import C0

from ..drawing.draw import rotation_matrices

CHUNK = 32_768  # pairs a thread takes at once
SMALLEST_VARIANCE = 1e-16  # square units: below it a half axis is none
MIN_OPACITY, MAX_OPACITY = 1e-6, 0.99
# Of what an opacity over the largest would cover, as an exponent: one that grows by all of it lies over its neighbours,
# one that does not grow leaves holes between them.
EXCESS_AS_AREA = 0.5
GROUP = 8  # Gaussians among which the pairs are chosen: 105 ways
COLOR_WEIGHT = 10 * C0 * C0  # of a squared distance of colours, against the growth of the logarithm of a volume


def _pairings(members: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """All ways to divide them into pairs, each as the members in the order of the pairs."""
    if not members:
        yield ()
        return
    first, *others = members
    for other in others:
        rest = tuple(member for member in others if member != other)
        for pairing in _pairings(rest):
            yield (first, other, *pairing)


PAIRINGS = np.array(list(_pairings(tuple(range(GROUP)))))


def merge_pairs(gaussians: Gaussians) -> Gaussians:
    """Merges each group of GROUP in pairs, those which change least; of the rest 0 and 1, and so on, an odd one stays.

    In a pair each counts by its opacity times its area. Mean and covariance are those of the mixture of both (moment
    matching: cov = sum p_i (cov_i + d_i d_i^T)), colours and harmonics are averaged, and opacity times area is kept, up
    to the largest opacity: what is beyond makes the area larger, in part. The number of threads changes nothing.
    """
    pairs = len(gaussians) // 2
    chunks = [slice(2 * start, 2 * min(start + CHUNK, pairs)) for start in range(0, pairs, CHUNK)]
    with ThreadPoolExecutor(max_workers=usable_cpus()) as pool:
        parts = list(pool.map(lambda rows: _merged(paired(rows_of(gaussians, rows))), chunks))
    if len(gaussians) % 2:
        parts.append(rows_of(gaussians, slice(2 * pairs, None)))
    return Gaussians(**{name: np.concatenate([vars(part)[name] for part in parts]) for name in vars(gaussians)})


def rows_of(gaussians: Gaussians, rows: slice) -> Gaussians:
    """Some of the Gaussians, without a copy."""
    return Gaussians(**{name: column[rows] for name, column in vars(gaussians).items()})


def paired(gaussians: Gaussians) -> Gaussians:
    """The Gaussians with the pairs beside each other: the pairing of each group whose costs are the least together.

    The cost of a pair is by how much it grows (volume of the merged one over the mean of both, logarithms) and how
    differently both are coloured, by the light that this concerns.
    """
    groups = len(gaussians) // GROUP
    grouped = rows_of(gaussians, slice(groups * GROUP))

    def each(column: Float32s | Float64s) -> Float64s:
        return column.astype(np.float64).reshape(groups, GROUP, *column.shape[1:])

    logarithms = np.clip(grouped.scales.astype(np.float64), -30, 30)
    scales = np.exp(logarithms)
    axes = rotation_matrices(grouped.rotations) * scales[:, None, :]
    light, volume = each(sigmoid(grouped.opacities) * covered_area(scales)), each(2 * logarithms.sum(axis=1))
    colors, positions, covariance = each(grouped.colors), each(grouped.positions), each(axes @ axes.transpose(0, 2, 1))
    costs = np.zeros((groups, GROUP, GROUP))
    for i in range(GROUP):
        for j in range(i + 1, GROUP):
            both = np.maximum(light[:, i] + light[:, j], np.finfo(np.float64).tiny)
            share, other = light[:, i] / both, light[:, j] / both
            away = positions[:, i] - positions[:, j]
            merged = share[:, None, None] * covariance[:, i] + other[:, None, None] * covariance[:, j]
            merged += (share * other)[:, None, None] * away[:, :, None] * away[:, None, :]
            log_volume = np.log(np.maximum(np.linalg.det(merged), np.finfo(np.float64).tiny))
            growth = np.maximum(log_volume - share * volume[:, i] - other * volume[:, j], 0)
            unlike = COLOR_WEIGHT * share * other * np.square(colors[:, i] - colors[:, j]).sum(axis=1)
            costs[:, i, j] = both * (growth + unlike)
    best = costs[:, PAIRINGS[:, ::2], PAIRINGS[:, 1::2]].sum(axis=2).argmin(axis=1)
    order = np.arange(len(gaussians))
    order[: groups * GROUP] = (PAIRINGS[best] + GROUP * np.arange(groups)[:, None]).ravel()
    return gaussians.reordered(order)


def _merged(pairs: Gaussians) -> Gaussians:
    scales = np.exp(np.clip(pairs.scales.astype(np.float64), -30, 30))
    opacity, area = sigmoid(pairs.opacities), covered_area(scales)
    weight = np.maximum(opacity * area, np.finfo(np.float64).tiny).reshape(-1, 2)
    share = weight / weight.sum(axis=1, keepdims=True)

    def averaged(column: Float32s | Float64s) -> Float64s:
        both = column.reshape(len(share), 2, -1)
        result: Float64s = share[:, :1] * both[:, 0] + share[:, 1:] * both[:, 1]
        return result

    positions = averaged(pairs.positions.astype(np.float64))
    axes = rotation_matrices(pairs.rotations) * scales[:, None, :]
    away = pairs.positions.reshape(-1, 2, 3) - positions[:, None]
    spread = np.einsum("npi,npj->npij", away, away).reshape(-1, 3, 3)
    covariance = averaged(axes @ axes.transpose(0, 2, 1) + spread).reshape(-1, 3, 3)
    variances, directions = np.linalg.eigh(covariance)
    half_axes = np.sqrt(np.maximum(variances, SMALLEST_VARIANCE))
    directions[:, :, 0] *= np.sign(np.linalg.det(directions))[:, None]  # a rotation, not a reflection
    wanted = weight.sum(axis=1) / covered_area(half_axes)
    half_axes *= np.maximum(wanted / MAX_OPACITY, 1)[:, None] ** (EXCESS_AS_AREA / 2)
    kept = np.clip(wanted, MIN_OPACITY, MAX_OPACITY)
    values = {
        "positions": positions,
        "rotations": _quaternions(directions),
        "scales": np.log(half_axes),
        "opacities": np.log(kept / (1 - kept)),
        "colors": averaged(pairs.colors),
        "sh": averaged(pairs.sh),
    }
    return Gaussians(**{name: value.astype(np.float32) for name, value in values.items()})


def _quaternions(matrices: Float64s) -> Float64s:
    """float64[N, 4], w x y z, of rotation matrices: the largest component first (Shepperd 1978)."""
    m = matrices
    trace = m[:, 0, 0] + m[:, 1, 1] + m[:, 2, 2]
    squares = np.stack([trace, m[:, 0, 0], m[:, 1, 1], m[:, 2, 2]], axis=1)
    largest = squares.argmax(axis=1)
    x, y, z = m[:, 2, 1] - m[:, 1, 2], m[:, 0, 2] - m[:, 2, 0], m[:, 1, 0] - m[:, 0, 1]
    xy, xz, yz = m[:, 0, 1] + m[:, 1, 0], m[:, 0, 2] + m[:, 2, 0], m[:, 1, 2] + m[:, 2, 1]
    own = 1 + 2 * squares - trace[:, None]  # four times the square of each component
    own[:, 0] = 1 + trace
    rows = np.stack(
        [
            np.stack([own[:, 0], x, y, z], axis=1),
            np.stack([x, own[:, 1], xy, xz], axis=1),
            np.stack([y, xy, own[:, 2], yz], axis=1),
            np.stack([z, xz, yz, own[:, 3]], axis=1),
        ],
        axis=1,
    )
    chosen = rows[np.arange(len(rows)), largest]
    unit: Float64s = chosen / np.linalg.norm(chosen, axis=1, keepdims=True)
    return unit
