"""Decodes every photo once and writes the two sets that the run needs: for features and for training.

COLMAP's own decoding and resizing of large JPEGs takes most of the extraction time; libjpeg's scaled decoding
(Pillow's `draft`) and a Lanczos resize are several times faster. The sets are upright and carry no metadata, so that
nothing later can turn a photo a second time.
"""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from .photo_metadata import PhotoMetadata, read_metadata

# Never more: other readers start programs (EPS) or are not photos. JPEG includes several pictures in one file (MPO).
FORMATS = ("JPEG", "PNG", "TIFF", "WEBP")
MIN_SIDE_PX = 64  # SIFT finds nothing in less
MAX_PHOTO_PIXELS = 250_000_000  # 750 MB decoded
FEATURE_JPEG_QUALITY = 97
TRAINING_JPEG_QUALITY = 95

Image.init()  # formats beyond the commonest five are not known before
Image.MAX_IMAGE_PIXELS = MAX_PHOTO_PIXELS

Size = tuple[int, int]
"""Width and height in pixels."""

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class PreparedPhoto:
    """A photo that decoded. Sizes are those of the upright pixels."""

    name: str
    """Path below the photo folder, as it was handed over."""
    image_name: str
    """Name in the model and below both prepared folders."""
    original_size: Size
    feature_size: Size
    training_size: Size
    metadata: PhotoMetadata


@dataclass(frozen=True)
class RejectedPhoto:
    """A photo that cannot be used, and why, for a person."""

    name: str
    reason: str


def find_photos(folder: Path) -> list[str]:
    """Paths of all files below `folder`, relative to it, with slashes, sorted."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def image_names(names: list[str]) -> dict[str, str]:
    """A name in the model for every photo: its path in plain ASCII, ending in .jpg or .jpeg, unique.

    COLMAP separates names by spaces in its pair lists, and prepared photos are always JPEG.
    """
    taken: set[str] = set()
    result: dict[str, str] = {}
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9._/-]", "_", name)
        if not plain.lower().endswith((".jpg", ".jpeg")):
            plain += ".jpg"
        stem, _, extension = plain.rpartition(".")
        candidate, number = plain, 2
        while candidate.lower() in taken:  # some file systems do not tell A from a
            candidate, number = f"{stem}-{number}.{extension}", number + 1
        taken.add(candidate.lower())
        result[name] = candidate
    return result


def fit(size: Size, long_side: int) -> Size:
    """`size` scaled down so that its longer side is at most `long_side`; never up."""
    scale = min(1.0, long_side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def prepare_photos(
    source: Path,
    feature_folder: Path,
    training_folder: Path,
    *,
    feature_long_side: int,
    training_long_side: int,
    threads: int,
    on_progress: Callable[[int, int], None],
) -> tuple[list[PreparedPhoto], list[RejectedPhoto]]:
    """Prepares every file below `source`, in parallel; both lists are sorted by name.

    `feature_folder` gets grey JPEGs (SIFT sees no colour), `training_folder` colour ones. A file that does not decode
    is rejected with the reason; `on_progress(done, total)` is called after each file.
    """
    names = find_photos(source)
    targets = image_names(names)
    # Once, here: a thread that is still busy when a run is interrupted must not make the folders again.
    for folder in {
        root / Path(target).parent for root in (feature_folder, training_folder) for target in targets.values()
    }:
        folder.mkdir(parents=True, exist_ok=True)

    features, training = (feature_folder, feature_long_side), (training_folder, training_long_side)

    def prepare(name: str) -> PreparedPhoto | RejectedPhoto:
        try:
            with Image.open(source / name, formats=FORMATS) as image:
                return _prepare_one(image, name, targets[name], features, training)
        except MemoryError:
            raise
        except Exception as error:  # a damaged file makes Pillow's decoders raise nearly anything
            return RejectedPhoto(name, _why_undecodable(error))

    results: list[PreparedPhoto | RejectedPhoto] = []
    pool = ThreadPoolExecutor(threads, thread_name_prefix="prepare")
    try:
        for future in as_completed([pool.submit(prepare, name) for name in names]):
            results.append(future.result())
            on_progress(len(results), len(names))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    results.sort(key=lambda result: result.name)
    return (
        [result for result in results if isinstance(result, PreparedPhoto)],
        [result for result in results if isinstance(result, RejectedPhoto)],
    )


class UnusablePhoto(ValueError):
    """The file is an image of an unusable size; the text is the reason, for a person."""


def _prepare_one(
    image: Image.Image, name: str, image_name: str, features: tuple[Path, int], training: tuple[Path, int]
) -> PreparedPhoto:
    """`features`, `training`: folder and long side."""
    stored_size = image.size
    if min(stored_size) < MIN_SIDE_PX:
        raise UnusablePhoto(f"too small: {stored_size[0]} x {stored_size[1]} pixels")
    if stored_size[0] * stored_size[1] > MAX_PHOTO_PIXELS:
        raise UnusablePhoto(f"too large: {stored_size[0]} x {stored_size[1]} pixels")
    metadata = read_metadata(image)
    long_side = max(features[1], training[1])
    image.draft(None, fit(stored_size, long_side))
    colour = _upright(_resized(_as_rgb(image), fit(stored_size, long_side)), metadata.orientation)
    swapped = metadata.orientation >= 5
    original_size = (stored_size[1], stored_size[0]) if swapped else stored_size
    feature_size, training_size = fit(original_size, features[1]), fit(original_size, training[1])
    _resized(colour.convert("L"), feature_size).save(features[0] / image_name, "JPEG", quality=FEATURE_JPEG_QUALITY)
    _resized(colour, training_size).save(training[0] / image_name, "JPEG", quality=TRAINING_JPEG_QUALITY, subsampling=0)
    return PreparedPhoto(name, image_name, original_size, feature_size, training_size, metadata)


def _as_rgb(image: Image.Image) -> Image.Image:
    """8-bit colour. Pillow would clip 16-bit greys at 255 instead of scaling them."""
    if image.mode.startswith(("I", "F")):
        grey = np.asarray(image, np.float64)
        image = Image.fromarray(np.clip(grey / 257, 0, 255).astype(np.uint8))
    return image.convert("RGB")


def _resized(image: Image.Image, size: Size) -> Image.Image:
    return image if image.size == size else image.resize(size, Image.Resampling.LANCZOS)


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    return image.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else image


def _why_undecodable(error: Exception) -> str:
    if isinstance(error, UnusablePhoto):
        return str(error)
    if isinstance(error, UnidentifiedImageError):
        return "not a JPEG, PNG, TIFF or WebP image"
    if isinstance(error, Image.DecompressionBombError):
        return f"too large: more than {MAX_PHOTO_PIXELS // 1_000_000} million pixels"
    if "truncated" in str(error):
        return "the file is cut off: copy it from the camera again"
    return f"the file is damaged ({error})"
