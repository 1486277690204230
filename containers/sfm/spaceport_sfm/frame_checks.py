"""Whether a frame can be believed: numbers of cameras and points in it, and what contradicts them. Plain numpy.

The frame's axes are east, north, up. Nothing is expected of where cameras look, unless their gimbals say it: facades,
interiors and the underside of a bridge are photographed sideways and upwards.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .tuning import FrameTuning

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PlacedCameras:
    """Registered cameras. `rotations`: float64[N, 3, 3], camera (x right, y down, z forward) from frame.

    `centers`: float64[N, 3]; `pitches`: float64[N], degrees by gimbal, NaN where unknown.
    """

    rotations: Floats
    centers: Floats
    pitches: Floats

    @property
    def views(self) -> Floats:
        """float64[N, 3]: unit vectors along the views."""
        return self.rotations[:, 2]


@dataclass(frozen=True)
class FrameNumbers:
    """What the checks judge. None where a number does not apply."""

    camera_distance: float
    """Median distance from a camera to the points that it sees, along its view; units of the frame."""
    camera_height: float
    """Median height of cameras above the points that they see; negative where they look up."""
    camera_spacing: float
    """Median distance from a camera to the nearest other one."""
    up_vs_gimbals_degrees: float | None
    """Median difference between the pitch in the frame and the gimbals'."""
    roll_degrees: float | None
    """Median roll of the cameras that do not look straight up or down, from the nearest quarter turn: 0 to 45."""
    ground_below_share: float
    """Part of the observations whose point lies below its camera."""


def frame_numbers(cameras: PlacedCameras, seen: list[Floats]) -> FrameNumbers:
    """`seen[i]`: float64[M, 3], the points that camera i sees, in the frame."""
    offsets = [points - center for points, center in zip(seen, cameras.centers, strict=True)]
    below = np.concatenate([-offset[:, 2] for offset in offsets])
    depths = np.concatenate([offset @ view for offset, view in zip(offsets, cameras.views, strict=True)])
    return FrameNumbers(
        camera_distance=float(np.median(depths)),
        camera_height=float(np.median(below)),
        camera_spacing=_spacing(cameras.centers),
        up_vs_gimbals_degrees=_pitch_difference(cameras),
        roll_degrees=_roll(cameras),
        ground_below_share=float(np.mean(below > 0)),
    )


def contradiction(numbers: FrameNumbers, cameras: PlacedCameras, tuning: FrameTuning, *, flat: bool) -> str | None:
    """Why a metric frame cannot be right, for people; None where nothing speaks against it.

    `flat`: the positions that set it lie in a plane, so that a mirrored set of them would fit as well, upside down.
    """
    if not tuning.min_distance_m <= numbers.camera_distance <= tuning.max_distance_m:
        return f"by the GPS positions the cameras would be {numbers.camera_distance:.2g} m from what they see"
    ratio = numbers.camera_spacing / numbers.camera_distance
    if ratio > tuning.max_spacing_share:
        return f"by the GPS positions neighbouring cameras would be {ratio:.0f} times farther apart than what they see"
    gimbals = numbers.up_vs_gimbals_degrees
    if gimbals is not None and gimbals > tuning.max_up_vs_gimbals_degrees:
        return f"by the GPS positions the cameras would be tilted by {gimbals:.0f} degrees against their gimbals"
    if numbers.roll_degrees is not None and numbers.roll_degrees > tuning.max_roll_degrees:
        return f"by the GPS positions the cameras would be rolled by {numbers.roll_degrees:.0f} degrees"
    looks_up = float(np.median(cameras.views[:, 2])) > tuning.looks_up_sine
    if gimbals is None and flat and looks_up and numbers.ground_below_share < 0.5:
        return "by the GPS positions all cameras would look up: east and west, or north and south, may be exchanged"
    return None


def _spacing(centers: Floats) -> float:
    """Row by row: a survey's matrix of distances would not fit into memory."""
    nearest = [np.partition(np.linalg.norm(centers - center, axis=1), 1)[1] for center in centers]
    return float(np.median(nearest))


def _pitch_difference(cameras: PlacedCameras) -> float | None:
    """None where fewer than half of the gimbals are known, or all say exactly 0, as some firmware always does."""
    known = np.isfinite(cameras.pitches)
    if known.mean() < 0.5 or not cameras.pitches[known].any():
        return None
    pitches = np.degrees(np.arcsin(np.clip(cameras.views[known, 2], -1, 1)))
    return float(np.median(np.abs(pitches - cameras.pitches[known])))


def _roll(cameras: PlacedCameras) -> float | None:
    sideways = np.abs(cameras.views[:, 2]) < 0.9
    if sideways.mean() < 0.5:
        return None
    right, down = cameras.rotations[sideways, 0], cameras.rotations[sideways, 1]
    rolls = np.degrees(np.arctan2(right[:, 2], -down[:, 2]))
    return float(np.median(np.abs((rolls + 45) % 90 - 45)))


def is_flat(positions: Floats, noise: float) -> bool:
    """Whether float64[N, 3] lie in a plane as far as their noise allows to say."""
    thickness = np.linalg.svd(positions - positions.mean(axis=0), compute_uv=False)[-1] / np.sqrt(len(positions))
    return bool(thickness < 3 * noise)
