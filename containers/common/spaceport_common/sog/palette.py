"""The palette of spherical harmonics: hierarchical k-means in up to 45 dimensions.

Flat k-means with tens of thousands of centroids compares everything with everything. Here faiss finds a few hundred
coarse clusters, the palette is shared out among them by their squared error, and each is clustered by itself (and
divided once more first, where it is large). At last each Gaussian may take an entry of a neighbouring cluster. Errors
weigh as much as what they are seen of.

faiss is imported where it works: who writes scenes without harmonics needs none.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .gaussians import Float32s

Indices = NDArray[np.intp]

MAX_COARSE_CLUSTERS = 256
POINTS_PER_COARSE_CLUSTER = 64  # fewer, larger clusters for small models: borders between them cost quality
COARSE_ROUNDS = 10
COARSE_SAMPLE = 64  # points a coarse cluster that faiss trains on; the borders need not be exact
SEARCH_CHUNK = 16_384  # rows
FINE_ROUNDS = 6
MEANS_AT_ONCE = 2048  # palette entries
NEIGHBOURS = 3  # coarse clusters, the nearest, in whose entries each Gaussian of a cluster looks too
MAX_PAIRS = 1 << 21  # points times centroids that are compared at once: 8 MB of distances a thread
PARTS_OF_A_LARGE_CLUSTER = 16

# Worst case of a SOG's size, for data that does not compress: bytes of the textures for each Gaussian (6 position,
# 4 rotation, 3 scale, 4 colour and opacity, 2 label), and what the container and three codebooks take.
BYTES_A_GAUSSIAN = 19
FIXED_BYTES = 14_000
SH3_PLY_BYTES = 248  # 62 floats: what a Gaussian takes in the usual PLY
GUARANTEED_RATIO = 4.0
SAFETY = 0.95


@dataclass(frozen=True)
class Palette:
    """centroids: float32[K, D]; labels: uint16[N], the centroid of each Gaussian."""

    centroids: Float32s
    labels: NDArray[np.uint16]


def palette_size(count: int, dimensions: int) -> int:
    """Number of palette entries for `count` Gaussians of `dimensions` SH coefficients each.

    splat-transform's rule, min(64, 2^floor(log2(count / 1024))) * 1024, but never so many that incompressible
    data could press the ratio to a 248-byte PLY below GUARANTEED_RATIO; at least 1.
    """
    customary = int(min(64.0, 2.0 ** np.floor(np.log2(count / 1024))) * 1024)
    budget = count * (SH3_PLY_BYTES / GUARANTEED_RATIO * SAFETY - BYTES_A_GAUSSIAN) - FIXED_BYTES
    return max(1, min(customary, int(budget / dimensions)))


def build_palette(
    sh: Float32s,
    weights: Float32s,
    size: int,
    seed: int,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Palette:
    """Clusters float32[N, D] into at most `size` centroids; the same input and seed give the same result.

    weights: float32[N], above 0, of the squared errors that are kept small. faiss trains the coarse clusters on at
    most COARSE_SAMPLE points each, drawn by `seed`. Threads work on whole clusters or chunks, so that their number does
    not change the result. `progress` gets the number of Gaussians that are done, and of all.
    """
    count = min(size, MAX_COARSE_CLUSTERS, len(sh) // POINTS_PER_COARSE_CLUSTER + 1)
    pool = ThreadPoolExecutor(max_workers=os.cpu_count() or 1)
    try:
        with _one_faiss_thread():
            members = _divide(sh, weights, count, [seed], pool.map)
            shares = _share_out(size, sh, weights, members)
            seeds = [[seed, i] for i in range(len(members))]
            palettes: list[Palette] = []
            done = 0
            for palette in pool.map(_cluster, (sh[m] for m in members), (weights[m] for m in members), shares, seeds):
                palettes.append(palette)
                done += len(palette.labels)
                progress(done, len(sh))
            return _over_borders(sh, weights, members, palettes, pool.map)
    finally:
        pool.shutdown(cancel_futures=True)  # after a signal, what has not begun must not hold up the end


@contextmanager
def _one_faiss_thread() -> Iterator[None]:
    """faiss's own threads wait actively, which costs minutes where cores are shared, and may round differently."""
    import faiss

    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)


def _divide(
    points: Float32s, weights: Float32s, count: int, seed: list[int], run: Callable[..., Any] = map
) -> list[Indices]:
    """Members of at most `count` coarse clusters, none empty, ordered along the main axis: similar ones lie together.

    `run` maps the search over chunks.
    """
    import faiss

    kmeans = faiss.Kmeans(
        points.shape[1],
        count,
        niter=COARSE_ROUNDS,
        seed=int(np.random.default_rng(seed).integers(2**31)),
        min_points_per_centroid=1,
        max_points_per_centroid=COARSE_SAMPLE,
    )
    kmeans.train(np.ascontiguousarray(points), weights=np.ascontiguousarray(weights))
    centroids = np.asarray(kmeans.centroids)
    centred = centroids - centroids.mean(axis=0)
    axis = np.linalg.svd(centred, full_matrices=False)[2][0]
    rank = np.empty(count, np.int64)
    rank[np.argsort(centred @ axis, kind="stable")] = np.arange(count)
    nearest = np.empty(len(points), np.int64)

    def search(start: int) -> None:
        chunk = slice(start, start + SEARCH_CHUNK)
        nearest[chunk] = kmeans.index.search(np.ascontiguousarray(points[chunk]), 1)[1][:, 0]

    list(run(search, range(0, len(points), SEARCH_CHUNK)))
    cluster = rank[nearest]
    members = np.split(np.argsort(cluster, kind="stable"), np.cumsum(np.bincount(cluster))[:-1])
    return [m for m in members if m.size]


def _join(members: list[Indices], palettes: list[Palette]) -> Palette:
    """One palette out of those of all parts."""
    labels = np.empty(sum(m.size for m in members), np.uint16)
    first = 0
    for m, palette in zip(members, palettes, strict=True):
        labels[m] = palette.labels + np.uint16(first)
        first += len(palette.centroids)
    return Palette(np.concatenate([palette.centroids for palette in palettes]), labels)


def _over_borders(
    points: Float32s, weights: Float32s, members: list[Indices], palettes: list[Palette], run: Callable[..., Any]
) -> Palette:
    """One palette, in which each point has the nearest entry of its own cluster and of the NEIGHBOURS next to it.

    `run` maps the search over clusters.
    """
    joined = _join(members, palettes)
    firsts = np.cumsum([0, *(len(palette.centroids) for palette in palettes)])
    middles = np.stack([palette.centroids.mean(axis=0) for palette in palettes])
    apart = np.square(middles[:, None] - middles[None]).sum(axis=2)
    nearest = np.argsort(apart, axis=1, kind="stable")[:, : NEIGHBOURS + 1]
    labels = joined.labels.astype(np.int64)

    def search(cluster: int) -> None:
        near = np.unique([cluster, *nearest[cluster]])
        entries = np.concatenate([np.arange(firsts[other], firsts[other + 1]) for other in near])
        candidates = joined.centroids[entries]
        norms = np.square(candidates).sum(axis=1)
        step = max(1, MAX_PAIRS // len(entries))
        for start in range(0, members[cluster].size, step):
            rows = members[cluster][start : start + step]
            distances = points[rows] @ candidates.T
            distances *= -2
            distances += norms
            labels[rows] = entries[distances.argmin(axis=1)]

    list(run(search, range(len(members))))
    kept, labels = np.unique(labels, return_inverse=True)
    order = np.argsort(labels, kind="stable")
    edges = np.searchsorted(labels[order], np.arange(0, len(kept) + MEANS_AT_ONCE, MEANS_AT_ONCE))
    centroids = np.empty((len(kept), points.shape[1]), np.float32)
    for block, (start, end) in enumerate(pairwise(edges)):
        rows, first = order[start:end], block * MEANS_AT_ONCE
        part = centroids[first : first + MEANS_AT_ONCE]
        part[:] = _means(points[rows], weights[rows], labels[rows] - first, np.zeros(len(rows), np.float32), len(part))
    return Palette(centroids, labels.astype(np.uint16))


def _share_out(size: int, points: Float32s, weights: Float32s, members: list[Indices]) -> list[int]:
    """Divides `size` centroids by squared error: for each cluster at least 1, at most as many as it has points."""
    limits = np.array([m.size for m in members])
    errors = np.array([_spread(points[m], weights[m]) for m in members])
    shares = np.ones(len(members), np.int64)
    left = size - len(members)
    while left > 0:
        open_errors = np.where(shares < limits, errors, 0.0)
        if not open_errors.any():
            break
        wanted = left * open_errors / open_errors.sum()
        gain = np.minimum(np.floor(wanted).astype(np.int64), limits - shares)
        if not gain.any():  # what rounding left over goes to those that want it most
            neediest = np.argsort(-wanted, kind="stable")[:left]
            gain[neediest] = open_errors[neediest] > 0
            left = 0
        shares += gain
        left -= int(gain.sum())
    return [int(share) for share in shares]


def _spread(points: Float32s, weights: Float32s) -> float:
    """Weighted sum of squared distances from the weighted mean."""
    column = weights[:, None]
    mean = (points * column).sum(axis=0) / weights.sum()
    return float((column * np.square(points - mean)).sum(dtype=np.float64))


def _cluster(points: Float32s, weights: Float32s, count: int, seed: list[int]) -> Palette:
    """Palette of one coarse cluster; one thread."""
    if count > 1 and count * len(points) > MAX_PAIRS:
        members = _divide(points, weights, min(count, PARTS_OF_A_LARGE_CLUSTER), seed)
        if len(members) > 1:
            shares = _share_out(count, points, weights, members)
            parts = zip(members, shares, strict=True)
            return _join(members, [_cluster(points[m], weights[m], n, [*seed, i]) for i, (m, n) in enumerate(parts)])
        count = max(1, MAX_PAIRS // len(points))  # all points nearly equal: nothing is lost
    return _lloyd(points, weights, count, seed)


def _lloyd(points: Float32s, weights: Float32s, count: int, seed: list[int]) -> Palette:
    """Lloyd's algorithm, started from `count` of the points, drawn by their weights (Efraimidis and Spirakis 2006)."""
    random = np.random.default_rng(seed)
    drawn = np.argsort(random.exponential(size=len(points)) / weights, kind="stable")[:count]
    centroids = points[np.sort(drawn)]
    labels = np.full(len(points), -1, np.int64)
    norms = (points**2).sum(axis=1)
    for _ in range(FINE_ROUNDS):
        distances = points @ centroids.T
        distances *= -2
        distances += (centroids**2).sum(axis=1)
        found = distances.argmin(axis=1)
        if np.array_equal(found, labels):
            break
        labels = found
        errors = (distances[np.arange(len(points)), labels] + norms) * weights
        centroids = _means(points, weights, labels, errors, count)
    kept, labels = np.unique(labels, return_inverse=True)
    return Palette(centroids[kept], labels.astype(np.uint16))


def _means(points: Float32s, weights: Float32s, labels: NDArray[np.int64], errors: Float32s, count: int) -> Float32s:
    """Weighted mean of each cluster; one without points takes the place of a point that is badly served."""
    order = np.argsort(labels, kind="stable")
    sizes = np.bincount(labels, minlength=count)
    filled = np.flatnonzero(sizes)
    starts = np.concatenate([[0], np.cumsum(sizes[filled])[:-1]])
    means = np.empty((count, points.shape[1]), np.float32)
    ordered = weights[order]
    sums = np.add.reduceat(points[order] * ordered[:, None], starts, axis=0)
    means[filled] = sums / np.add.reduceat(ordered, starts)[:, None]
    empty = np.flatnonzero(sizes == 0)
    means[empty] = points[np.argsort(-errors, kind="stable")[: len(empty)]]
    return means
