"""Similarity transforms between the reconstruction and the ground. Plain numpy over points, no COLMAP.

A `Similarity` maps x to scale * rotation @ x + translation.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .places import SAME_PLACE_M, place_numbers
from .tuning import AlignmentTuning

Floats = NDArray[np.float64]

MAD_TO_STD = 1.4826  # for normally distributed residuals


@dataclass(frozen=True)
class Similarity:
    """`rotation`: float64[3, 3], proper; `translation`: float64[3]."""

    scale: float
    rotation: Floats
    translation: Floats

    def __call__(self, points: Floats) -> Floats:
        """Maps float64[N, 3] or float64[3]."""
        mapped: Floats = self.scale * points @ self.rotation.T + self.translation
        return mapped

    def after(self, first: "Similarity") -> "Similarity":
        """The transform that applies `first` and then this one."""
        return Similarity(self.scale * first.scale, self.rotation @ first.rotation, self(first.translation))


def fit_similarity(source: Floats, target: Floats, weights: Floats | None = None) -> Similarity:
    """Least squares over float64[N, D] -> float64[N, D] (Umeyama 1991, eq. 40 to 42; means and sums weighted).

    `weights`: float64[N], one over the variance of each target; None: all are alike.
    """
    share = np.full(len(source), 1 / len(source)) if weights is None else weights / weights.sum()
    source_mean, target_mean = share @ source, share @ target
    a, b = source - source_mean, target - target_mean
    u, singular, vt = np.linalg.svd((b.T * share) @ a)
    sign = np.ones(source.shape[1])
    sign[-1] = np.sign(np.linalg.det(u) * np.linalg.det(vt))
    rotation: Floats = u @ np.diag(sign) @ vt
    scale = float((singular * sign).sum() / max(float(share @ (a**2).sum(axis=1)), 1e-300))
    return Similarity(scale, rotation, target_mean - scale * rotation @ source_mean)


def fit_upright_similarity(source: Floats, target: Floats, weights: Floats | None = None) -> Similarity:
    """Like fit_similarity, but only turns around the third axis, and scales by the first two.

    `source`, `target`: float64[N, 3], up = third axis. Heights of the target may be NaN: they only shift.
    """
    flat = fit_similarity(source[:, :2], target[:, :2], weights)
    rotation = np.eye(3)
    rotation[:2, :2] = flat.rotation
    heights = target[:, 2] - flat.scale * source[:, 2]
    known = np.isfinite(heights)
    height = 0.0
    if known.any():
        height = weighted_median(heights[known], np.ones(int(known.sum())) if weights is None else weights[known])
    return Similarity(flat.scale, rotation, np.array([*flat.translation, height]))


@dataclass(frozen=True)
class Alignment:
    """A fit and how good it is: `residual_rms` over the `inliers` (bool[N]), in target units."""

    transform: Similarity
    inliers: NDArray[np.bool_]
    residual_rms: float


def align_robustly(
    source: Floats,
    target: Floats,
    tuning: AlignmentTuning,
    *,
    upright: bool,
    seed: int,
    std_m: Floats | None = None,
) -> Alignment | None:
    """The similarity that fits most places, against outliers up to nearly half (least median of squares).

    `source`, `target`: float64[N, 3]; with `upright` only scale, heading and shift are free, and heights may be NaN.
    Targets at one place have one vote together: a receiver that hangs would outvote all others with a fit that maps
    everything to its last position.
    `std_m`: float64[N, 3], standard deviations of the targets: they weigh in the fit (by their mean variance, not by
    axis), and do not choose what agrees, since a receiver may be wrong about itself.
    None where fewer than three places are given, fewer than half of the points agree, or the fit is poor.
    """
    axes = 2 if upright else 3
    places = place_numbers(target[:, :axes], (SAME_PLACE_M, SAME_PLACE_M, tuning.same_altitude_m)[:axes])
    members = np.split(np.argsort(places, kind="stable"), np.cumsum(np.bincount(places))[:-1])
    if len(source) < 3 or len(members) < 3:
        return None
    fit = fit_upright_similarity if upright else fit_similarity
    weights = None if std_m is None else _weights(std_m[:, :axes], tuning.min_gps_noise_m)

    def residuals(transform: Similarity) -> Floats:
        distances: Floats = np.linalg.norm((transform(source) - target)[:, :axes], axis=1)
        return distances

    middles = np.cumsum([0, *(len(rows) for rows in members[:-1])]) + [(len(rows) - 1) // 2 for rows in members]

    def typical(distances: Floats) -> float:
        """The median over places of the (lower) median at each."""
        return float(np.median(distances[np.lexsort((distances, places))[middles]]))

    random = np.random.default_rng(seed)
    best = fit(source, target, weights)
    for _ in range(tuning.ransac_trials if len(members) > 3 else 0):
        sample = [int(random.choice(members[place])) for place in random.choice(len(members), 3, replace=False)]
        candidate = fit(source[sample], target[sample])
        if typical(residuals(candidate)) < typical(residuals(best)):
            best = candidate
    inliers = np.ones(len(source), bool)
    for _ in range(3):
        distances = residuals(best)
        limit = tuning.outlier_mads * MAD_TO_STD * typical(distances) + 1e-9
        inliers = distances <= limit
        if inliers.sum() < 3:
            return None
        best = fit(source[inliers], target[inliers], None if weights is None else weights[inliers])
    rms = float(np.sqrt(np.mean(residuals(best)[inliers] ** 2)))
    spread = spread_of(target[inliers][:, :axes])
    few = inliers.mean() < tuning.min_aligned_share
    if best.scale <= 0 or few or rms > tuning.max_residual_share * spread:
        return None
    return Alignment(best, inliers, rms)


def _weights(std_m: Floats, least_m: float) -> Floats:
    """float64[N]: one over the mean variance of each target. What the model itself is wrong by is added to all."""
    weights: Floats = 1 / (np.mean(std_m**2, axis=1) + least_m**2)
    return weights


def weighted_median(values: Floats, weights: Floats) -> float:
    """The middle of float64[N] by weight: half of the weight lies on each side; between two values, their mean."""
    order = np.argsort(values)
    below = np.cumsum(weights[order]) / weights.sum()
    low, high = (int(np.searchsorted(below, 0.5 + nudge)) for nudge in (-1e-9, 1e-9))
    return float((values[order[low]] + values[order[min(high, len(values) - 1)]]) / 2)


def spread_of(points: Floats) -> float:
    """RMS distance of float64[N, D] from their mean."""
    return float(np.sqrt(np.mean(np.sum((points - points.mean(axis=0)) ** 2, axis=1))))


def tilt_uncertainty(positions: Floats, noise: float) -> float:
    """Standard deviation, in radians, of the tilt that a fit to these positions has; infinity for fewer than three.

    `positions`: float64[N, 3]; `noise`: standard deviation of each coordinate. The least certain tilt is the one
    around the longest extent: its lever is the second one (slope of a regression line, noise / (lever * sqrt(N))).
    """
    if len(positions) < 3:
        return float("inf")
    levers = np.linalg.svd(positions - positions.mean(axis=0), compute_uv=False)
    return float(noise / max(levers[1], 1e-300))


def up_from_gimbals(rotations: Floats, pitches_degrees: Floats, min_agreement: float) -> Floats | None:
    """Up in model coordinates, float64[3], from cameras whose pitch is known and whose roll is zero.

    `rotations`: float64[N, 3, 3], camera from model (x right, y down, z forward); pitch 0 looks level, -90 down.
    None where the cameras contradict each other: some firmware always writes 0.
    """
    pitch = np.radians(pitches_degrees)
    up_in_camera = np.stack([np.zeros_like(pitch), -np.cos(pitch), np.sin(pitch)], axis=1)
    mean: Floats = np.einsum("nji,nj->ni", rotations, up_in_camera).mean(axis=0)
    return _unit(mean) if np.linalg.norm(mean) > min_agreement else None


def up_from_cameras(rotations: Floats) -> Floats:
    """Up in model coordinates, float64[3], from cameras that are held without roll.

    `rotations`: float64[N, 3, 3], camera from model. Their x axes are then level: up is what is perpendicular to all of
    them. Where all x axes are parallel (one strip, one heading), photos that look in one direction with changing
    headings cannot be told from level ones; drones look down: up is against the mean view.
    The sign follows the cameras' own up and the rule that a drone looks down rather than up.
    """
    right, down, forward = rotations[:, 0], rotations[:, 1], rotations[:, 2]
    skyward = -down.mean(axis=0) - forward.mean(axis=0)
    values, vectors = np.linalg.eigh(right.T @ right / len(right))
    if values[1] > 0.02:
        up = vectors[:, 0]
        return _unit(up if up @ skyward >= 0 else -up)
    against_view = -forward.mean(axis=0)
    return _unit(against_view - (against_view @ vectors[:, 2]) * vectors[:, 2])


def rotation_to_up(up: Floats, north_hint: Floats) -> Floats:
    """Rotation (float64[3, 3]) that turns `up` to the third axis and `north_hint`, made level, to the second."""
    up = _unit(up)
    north = north_hint - (north_hint @ up) * up
    if np.linalg.norm(north) < 1e-6:
        axis = np.eye(3)[int(np.argmin(np.abs(up)))]
        north = axis - (axis @ up) * up
    north = _unit(north)
    return np.stack([np.cross(north, up), north, up])


def _unit(vector: Floats) -> Floats:
    unit: Floats = vector / max(float(np.linalg.norm(vector)), 1e-300)
    return unit
