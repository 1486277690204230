"""Compares a decoded SOG with its source, attribute by attribute, with the bounds that the format sets."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from spaceport_common.failures import sog_incomplete
from spaceport_common.sog.decoder import Decoded
from spaceport_common.sog.gaussians import Float32s, Gaussians
from spaceport_common.sog.importance import seen_weights
from spaceport_common.sog.quantizers import BYTE_STEPS, POSITION_STEPS, log_transform, sigmoid

# Half a step of the three stored components, plus what they do to the fourth (at most as much each): the angle
# between the two rotations is then at most 2 * sqrt(3 + 9) half steps of 2 / 255 / sqrt(2) / 2.
MAX_ROTATION_DEG = float(np.degrees(2 * np.sqrt(12) / BYTE_STEPS / np.sqrt(2)))
# Both sides are float32: their rounding comes on top of the format's own error.
RELATIVE_ROUNDING = 1e-5
CODEBOOK_SHARE = 0.1  # of the spread of all harmonics: one codebook stands for the values of all channels


@dataclass(frozen=True)
class Comparison:
    """`errors`: report.json's metrics.maxErrors. `excess`: a sentence for each error beyond the format's bounds."""

    errors: dict[str, float]
    excess: list[str]


def compare(source: Gaussians, decoded: Decoded) -> Comparison:
    """Compares a decoded file with its source, which must be in the file's order.

    Errors: position (world units), positionLog (after log_transform), rotationDeg, logScale, opacity (0..1), color
    (SH units), and where there are SH, sh (largest) and shRms (root mean square).
    """
    found = decoded.gaussians
    if len(found) != len(source):
        return Comparison({}, [sog_incomplete(found=len(found), expected=len(source))])
    if found.sh_bands != source.sh_bands:
        return Comparison({}, [f"the compressed scene has {found.sh_bands} SH bands, the model has {source.sh_bands}"])
    checks = [
        _positions(source, decoded),
        _rotations(source, found),
        _codebook("logScale", source.scales, found.scales, decoded.meta["scales"]["codebook"]),
        _opacities(source, found),
        _codebook("color", source.colors, found.colors, decoded.meta["sh0"]["codebook"]),
    ]
    if source.sh_bands:
        checks.append(_spherical_harmonics(source, found))
    errors = {name: error for check in checks for name, error in check.errors.items()}
    return Comparison(errors, [sentence for check in checks for sentence in check.excess])


def _judge(name: str, error: NDArray[np.floating], bound: NDArray[np.floating] | float) -> Comparison:
    over = int((~(error <= bound)).sum())  # not (error > bound): a NaN is an excess
    excess = [f"{name} is off by up to {error.max():.6g} in {over} values, more than the format allows"] if over else []
    return Comparison({name: float(error.max())}, excess)


def _positions(source: Gaussians, decoded: Decoded) -> Comparison:
    means = decoded.meta["means"]
    step = (np.array(means["maxs"]) - np.array(means["mins"])) / POSITION_STEPS
    wanted = log_transform(source.positions)
    error = np.abs(log_transform(decoded.gaussians.positions) - wanted)
    check = _judge("positionLog", error, step / 2 + RELATIVE_ROUNDING * (step + np.abs(wanted)))
    world = np.abs(decoded.gaussians.positions.astype(np.float64) - source.positions).max()
    return Comparison({"position": float(world), **check.errors}, check.excess)


def _rotations(source: Gaussians, found: Gaussians) -> Comparison:
    wanted = source.rotations / np.abs(source.rotations).max(axis=1, keepdims=True).astype(np.float64)
    wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
    have = found.rotations / np.linalg.norm(found.rotations.astype(np.float64), axis=1, keepdims=True)
    # asin of half the chord: acos of the product would lose half the digits near zero.
    chord = np.minimum(np.linalg.norm(wanted - have, axis=1), np.linalg.norm(wanted + have, axis=1))
    return _judge("rotationDeg", np.degrees(4 * np.arcsin(np.clip(chord / 2, 0, 1))), MAX_ROTATION_DEG)


def _opacities(source: Gaussians, found: Gaussians) -> Comparison:
    error = np.abs(sigmoid(found.opacities) - sigmoid(source.opacities))
    return _judge("opacity", error, 0.5 / BYTE_STEPS + RELATIVE_ROUNDING)


def _codebook(name: str, wanted: Float32s, found: Float32s, codebook: list[float]) -> Comparison:
    """A value may be off by the distance to its nearest codeword, not more."""
    words = np.unique(np.array(codebook, np.float32)).astype(np.float64)
    right = np.clip(np.searchsorted(words, wanted), 0, len(words) - 1)
    distances = [np.abs(words[index] - wanted) for index in (right, np.maximum(right - 1, 0))]
    error = np.abs(found.astype(np.float64) - wanted)
    return _judge(name, error, np.minimum(*distances) + RELATIVE_ROUNDING * (np.abs(wanted) + 1e-6))


def _spherical_harmonics(source: Gaussians, found: Gaussians) -> Comparison:
    """A palette has no bound for one value; in the mean, by what is seen, it must serve better than one entry would.

    In each channel: a wrong one would not show among three. CODEBOOK_SHARE of all channels' spread is allowed on top.
    """
    weights = seen_weights(source)
    weights /= weights.sum()
    error = np.abs(found.sh - source.sh)  # float32: with float64 copies this would be the program's peak memory
    squares = np.square(error)
    rms = float(np.sqrt(squares.mean(dtype=np.float64)))
    seen = (weights @ squares).reshape(3, -1).mean(axis=1, dtype=np.float64)
    single = (weights @ np.square(source.sh - weights @ source.sh)).reshape(3, -1).mean(axis=1, dtype=np.float64)
    rounding = RELATIVE_ROUNDING * float(np.abs(source.sh).max(initial=0))
    allowed = np.sqrt(single + CODEBOOK_SHARE**2 * single.mean()) + rounding
    good = (np.sqrt(seen) <= allowed).all() and np.isfinite(error).all()
    worst = float(np.sqrt(seen.max()))
    excess = [] if good else [f"sh is off by {worst:.6g} in the root mean square, more than one constant would be"]
    return Comparison({"sh": float(error.max()), "shRms": rms}, excess)
