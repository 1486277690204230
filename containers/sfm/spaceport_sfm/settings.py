"""Settings of the SfM program: COLMAP's parameters under COLMAP's names, and the gates."""

from typing import Annotated

from pydantic import Field
from spaceport_common.settings import Settings

Share = Annotated[float, Field(ge=0, le=1)]


class SfmSettings(Settings):
    """`settings.json`; every key is required."""

    max_image_size: Annotated[int, Field(ge=256, le=16384)]
    """Long side, in pixels, of the photos that features are extracted from."""
    max_num_features: Annotated[int, Field(ge=256, le=65536)]
    """Keypoints a photo; a keypoint with two orientations gives two descriptors."""
    first_octave: Annotated[int, Field(ge=-1, le=4)]
    """-1 doubles the image first: about four times the time and memory of 0."""
    num_octaves: Annotated[int, Field(ge=1, le=12)]
    octave_resolution: Annotated[int, Field(ge=1, le=8)]
    default_focal_length_factor: Annotated[float, Field(gt=0, le=10)]
    """Focal length over long side, where the EXIF does not tell it."""
    guided_matching: bool
    max_ratio: Annotated[float, Field(gt=0, le=1)]
    max_distance: Annotated[float, Field(gt=0, le=2)]
    cross_check: bool
    max_num_matches: Annotated[int, Field(ge=64)]
    training_image_size: Annotated[int, Field(ge=64, le=16384)]
    """Long side, in pixels, of the prepared photos that training gets."""
    min_points: Annotated[int, Field(ge=0)]
    """Fewer points than this: TOO_FEW_POINTS."""
    min_registered_share: Share
    """This share of the photos, or less: TOO_FEW_REGISTERED."""
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)]
