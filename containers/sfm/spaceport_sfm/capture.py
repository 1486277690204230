"""Whether photos were taken from the air: a person with a camera in the hand is never told to fly again."""

import re
from collections.abc import Sequence

from .frame_checks import FrameNumbers
from .photo_metadata import PhotoMetadata

# EXIF makers of drones; the L1D and L2D are Hasselblad's cameras in DJI's Mavics.
_DRONES = re.compile(
    r"dji\b|parrot\b|autel\b|skydio\b|sensefly\b|yuneec\b|hubsan\b|fimi\b|potensic\b|hasselblad l[12]d", re.IGNORECASE
)
_HELD_BY_HAND = re.compile(r"\b(osmo|pocket|action|ronin)|\b(OT|HG)\d", re.IGNORECASE)  # DJI's other cameras
MIN_HEIGHT_M = 10.0  # above what was photographed, in the median: beyond poles and balconies
MIN_GROUND_BELOW_SHARE = 0.9
MIN_DRONE_SHARE = 0.5


def is_aerial(photos: Sequence[PhotoMetadata], metric: FrameNumbers | None) -> bool:
    """Whether half of the photos say that a drone took them, or their cameras stood high above the ground.

    A photo says so by its maker, or by what only drones write (angle of the gimbal, height above take-off). `metric`:
    numbers of a frame in metres, None where there is none. Photos that say nothing count as taken by hand: what such
    a person is told is right for a kite as well.
    """
    from_drones = sum(_is_from_drone(photo) for photo in photos)
    if from_drones > 0 and from_drones >= MIN_DRONE_SHARE * len(photos):
        return True
    return (
        metric is not None
        and metric.camera_height > MIN_HEIGHT_M
        and metric.ground_below_share >= MIN_GROUND_BELOW_SHARE
    )


def _is_from_drone(photo: PhotoMetadata) -> bool:
    if _HELD_BY_HAND.search(photo.camera.name):
        return False
    return (
        photo.gimbal_pitch_degrees is not None
        or photo.height_above_takeoff_m is not None
        or _DRONES.match(photo.camera.name) is not None
    )
