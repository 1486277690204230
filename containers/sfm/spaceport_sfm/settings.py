"""Settings of the SfM program: COLMAP's parameters under COLMAP's names, and the gates."""

from typing import Annotated

from pydantic import Field
from spaceport_common.settings import Settings, doc


class SfmSettings(Settings):
    """COLMAP's parameters under COLMAP's names, and the gates."""

    max_image_size: Annotated[int, Field(ge=256, le=16384)]
    """Long side, in pixels, of the photos that features are extracted from."""
    max_num_features: Annotated[int, Field(ge=256, le=65536)]
    """SIFT keypoints a photo; a keypoint with two orientations gives two descriptors."""
    first_octave: Annotated[int, Field(ge=-1, le=4)]
    """-1 doubles the photo first: about four times the time and memory of 0."""
    num_octaves: Annotated[int, doc("Octaves of SIFT's scale space.", ge=1, le=12)]
    octave_resolution: Annotated[int, doc("Levels of each octave.", ge=1, le=8)]
    default_focal_length_factor: Annotated[float, Field(gt=0, le=10)]
    """Focal length over long side, where the EXIF has none."""
    guided_matching: bool
    """Match once more along the epipolar lines of the verified geometry."""
    max_ratio: Annotated[float, Field(gt=0, le=1)]
    """Largest ratio of the distances to the best and the second-best descriptor (Lowe's ratio test)."""
    max_distance: Annotated[float, Field(gt=0, le=2)]
    """Largest distance between matching descriptors, as COLMAP measures it."""
    cross_check: Annotated[bool, doc("Each of two matching descriptors must be the other's best match.")]
    max_num_matches: Annotated[int, doc("Most matches of a pair of photos.", ge=64)]
    training_image_size: Annotated[int, Field(ge=64, le=16384)]
    """Long side, in pixels, of the prepared photos that training gets."""
    geoid_offset_m: Annotated[float, Field(ge=-110, le=110)]
    """Geoid above the ellipsoid at the place, metres: added to heights above sea level; 0 where it is not known."""
    min_points: Annotated[int, doc("Fewer points than this: TOO_FEW_POINTS.", ge=0)]
    min_registered_share: Annotated[float, doc("This share of the photos, or less: TOO_FEW_REGISTERED.", ge=0, le=1)]
    seed: Annotated[int, doc("Seed of every random choice.", ge=0, le=2**31 - 1)]
