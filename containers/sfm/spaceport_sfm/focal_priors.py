"""Focal lengths of photos before any reconstruction, each from the best source that its photo has.

Two photos of one camera are compared where they were zoomed differently: sources do not say whether they follow.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from .camera_tags import CameraTags

FocalSource = Literal[
    "DewarpData", "CalibratedFocalLength", "FocalPlaneXResolution", "FocalLengthIn35mmFilm", "default factor"
]

# COLMAP's own rule (Bitmap::ExifFocalLength): 35 mm rather than 36 lies between the conventions of camera makers.
FILM_WIDTH_MM = 35.0
MIN_RATIO, MAX_RATIO = 0.2, 20.0  # focal length over long side: views of 136 to 3 degrees
# A source that is farther than this factor from the 35 mm equivalent is in other pixels, or of another zoom. The
# equivalent itself is off by up to 1.1: it may refer to the diagonal, or to a sensor of another shape.
MAX_DISAGREEMENT = 1.25
SAME_SIZE = 0.1  # pixels of an optical centre within this share of half a size are those of that size
ZOOMED = 1.2  # zooms that differ by less are not compared: 35 mm equivalents are whole numbers


@dataclass(frozen=True)
class TakenPhoto:
    """What a photo says of its camera, and its size in pixels as stored, which may be smaller than when taken."""

    tags: CameraTags
    size: tuple[int, int]


@dataclass(frozen=True)
class FocalPrior:
    """`ratio`: focal length over the long side of the photo as stored."""

    ratio: float
    source: FocalSource

    @property
    def known(self) -> bool:
        """Whether the photo tells it."""
        return self.source != "default factor"


def focal_priors(photos: Sequence[TakenPhoto], default_factor: float) -> list[FocalPrior]:
    """The prior of each photo, in their order.

    The sources, best first: DJI's DewarpData (measured in the factory or by its owner) and CalibratedFocalLength (by
    design); FocalLength with FocalPlaneXResolution; FocalLengthIn35mmFilm; `default_factor`. Each must be within
    MIN_RATIO and MAX_RATIO, and the first three near the fourth, where there is one; else the next source counts.
    """
    cameras: defaultdict[object, list[int]] = defaultdict(list)
    for index, photo in enumerate(photos):
        cameras[photo.tags.body, photo.tags.lens, photo.tags.image_source].append(index)
    priors = [FocalPrior(default_factor, "default factor")] * len(photos)
    for indices in cameras.values():
        of_camera = [photos[index] for index in indices]
        film = _whole_zoom(of_camera, _by_film, of_camera[0].tags.make.lower() == "apple")
        for source, ratio_of in (("FocalLengthIn35mmFilm", None), *reversed(_SOURCES)):
            ratios = film if ratio_of is None else _whole_zoom(of_camera, ratio_of, False)
            for index, ratio, equivalent in zip(indices, ratios, film, strict=True):
                if ratio is not None and _believed(ratio, equivalent):
                    priors[index] = FocalPrior(ratio, source)
    return priors


def _believed(ratio: float, equivalent: float | None) -> bool:
    if not MIN_RATIO <= ratio <= MAX_RATIO:
        return False
    return equivalent is None or abs(math.log(ratio / equivalent)) <= math.log(MAX_DISAGREEMENT)


def _by_dewarp(photo: TakenPhoto) -> float | None:
    return _of_taken(photo, photo.tags.dewarp_px, _calibrated_size(photo))


def _by_calibration(photo: TakenPhoto) -> float | None:
    return _of_taken(photo, photo.tags.calibrated_px, _calibrated_size(photo))


def _by_focal_plane(photo: TakenPhoto) -> float | None:
    """Exif 2.32, 4.6.5: the resolution counts pixels of PixelXDimension, also where the photo was scaled since."""
    tags = photo.tags
    if tags.focal_length_mm is None or tags.focal_plane_px_per_mm is None:
        return None
    return _of_taken(photo, tags.focal_length_mm * tags.focal_plane_px_per_mm, tags.pixels or photo.size)


def _by_film(photo: TakenPhoto) -> float | None:
    equivalent, taken = photo.tags.focal_length_35mm, photo.tags.pixels or photo.size
    return None if equivalent is None else _of_taken(photo, equivalent / FILM_WIDTH_MM * max(taken), taken)


_SOURCES: tuple[tuple[FocalSource, Callable[[TakenPhoto], float | None]], ...] = (
    ("DewarpData", _by_dewarp),
    ("CalibratedFocalLength", _by_calibration),
    ("FocalPlaneXResolution", _by_focal_plane),
)


def _of_taken(photo: TakenPhoto, focal_px: float | None, taken: tuple[float, float]) -> float | None:
    """Ratio of a focal length in pixels of a picture of the size `taken`, held upright or sideways.

    What is stored was scaled, or cropped to another shape: cropped as little as the two sizes allow.
    """
    if focal_px is None:
        return None
    (short, long), (taken_short, taken_long) = sorted(photo.size), sorted(taken)
    return focal_px * max(long / taken_long, short / taken_short) / long


def _calibrated_size(photo: TakenPhoto) -> tuple[float, float]:
    """The size in whose pixels DJI's lengths are: some models write them for another size than that of the photo."""
    center, sizes = photo.tags.optical_center, [size for size in (photo.tags.pixels, photo.size) if size is not None]
    if center is None:
        return sizes[0]
    doubled = sorted((2 * center[0], 2 * center[1]))
    for size in sizes:
        if all(abs(a / b - 1) <= SAME_SIZE for a, b in zip(doubled, sorted(size), strict=True)):
            return size
    return doubled[0], doubled[1]


def _whole_zoom(
    photos: list[TakenPhoto], ratio_of: Callable[[TakenPhoto], float | None], includes_digital: bool
) -> list[float | None]:
    """The ratios of one source for the photos of one camera, with digital zoom; None where it does not follow the lens.

    Whether a source follows is seen where two photos differ in zoom. Without that, `includes_digital` says whether
    digital zoom is in it: Apple's equivalents have it (hugin bug 2064625), those of others do not.
    """
    ratios = [ratio_of(photo) for photo in photos]
    known = sorted((_zoom(photo), index) for index, photo in enumerate(photos) if ratios[index] is not None)
    whole: list[float | None] = [None] * len(photos)
    for _, index in known:
        ratio, photo = ratios[index], photos[index]
        # The least zoomed photo says most; it itself is compared with the most zoomed one.
        other = next((o for zoom, o in (known[0], known[-1]) if _apart(zoom, _zoom(photo))), None)
        follows = "digital" if includes_digital else "lens"
        if other is not None:
            follows = _follows(photo, photos[other], (ratio or 1.0) / (ratios[other] or 1.0), follows)
        if ratio is not None and follows != "nothing":
            whole[index] = ratio if follows == "digital" else ratio * photo.tags.digital_zoom
    return whole


def _follows(photo: TakenPhoto, other: TakenPhoto, observed: float, unless: str) -> str:
    """What a source follows whose values for two photos are `observed` apart: "digital" zoom too, "lens" or "nothing".

    `unless` decides between explanations that cannot be told apart.
    """
    own_mm, other_mm = photo.tags.focal_length_mm, other.tags.focal_length_mm
    lens = 1.0 if own_mm is None or other_mm is None else own_mm / other_mm
    digital = lens * photo.tags.digital_zoom / other.tags.digital_zoom
    errors = {name: abs(math.log(observed / expected)) for name, expected in (("digital", digital), ("lens", lens))}
    if _apart(lens, 1.0):
        errors["nothing"] = abs(math.log(observed))
    best = min(errors, key=lambda name: (errors[name], name != unless))
    return unless if errors[unless] <= errors[best] + math.log(ZOOMED) / 2 else best


def _zoom(photo: TakenPhoto) -> float:
    return (photo.tags.focal_length_mm or 1.0) * photo.tags.digital_zoom


def _apart(first: float, second: float) -> bool:
    return abs(math.log(first / second)) >= math.log(ZOOMED)
