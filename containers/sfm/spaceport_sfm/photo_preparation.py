"""Decodes every photo once and writes the two sets that the run needs: for features and for training.

COLMAP's own decoding and resizing of large JPEGs takes most of the extraction time; libjpeg's scaled decoding
(Pillow's `draft`) and a Lanczos resize are several times faster. The sets are upright and carry no metadata, so that
nothing later can turn a photo a second time.
"""

import re
import shutil
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from .photo_metadata import PhotoMetadata, read_metadata
from .photo_quality import PhotoQuality, measure_quality
from .position_files import kind_of
from .transparency import scaled_mask, visible_part, without_border

# Never more: other readers start programs (EPS) or are not photos. JPEG includes several pictures in one file (MPO).
FORMATS = ("JPEG", "PNG", "TIFF", "WEBP")
MAX_NAME_BYTES = 250  # of 255 that ext4, APFS and NTFS allow: masks and thumbnails add an ending
MIN_SIDE_PX = 64  # SIFT finds nothing in less
# Decoded pixels from which photos are prepared one at a time: 200 million take 1 to 2.5 GB, however few are wanted.
LARGE_PIXELS = 60_000_000
MAX_PHOTO_PIXELS = 250_000_000  # 750 MB decoded
FEATURE_JPEG_QUALITY = 97
TRAINING_JPEG_QUALITY = 95

Image.init()  # formats beyond the commonest five are not known before
Image.MAX_IMAGE_PIXELS = MAX_PHOTO_PIXELS

_one_large_photo = threading.Lock()

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
    quality: PhotoQuality
    masked: bool = False
    """Whether parts of it are transparent: its masks lie in the folders for masks, under `mask_name`."""


@dataclass(frozen=True)
class RejectedPhoto:
    """A photo that cannot be used, and why, for a person."""

    name: str
    reason: str


def find_photos(folder: Path) -> list[str]:
    """Paths of all files below `folder` but position files, relative to it, with slashes, in counting order."""
    return [name for name in find_files(folder) if kind_of(name) is None]


def find_files(folder: Path) -> list[str]:
    """Paths of all files below `folder`, relative to it, with slashes, in counting order."""
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(names, key=counting_order)


def counting_order(name: str) -> tuple[list[tuple[str, int]], str]:
    """A key that puts frame2 before frame10: cameras and editors count without zeros, and neighbours are paired."""
    parts = re.findall(r"(\D*)(\d*)", name)
    return [(text, int(digits or -1)) for text, digits in parts], name


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
        candidate, number = _fitted(stem, f".{extension}"), 2
        while candidate.lower() in taken:  # some file systems do not tell A from a
            candidate, number = _fitted(stem, f"-{number}.{extension}"), number + 1
        taken.add(candidate.lower())
        result[name] = candidate
    return result


def _fitted(stem: str, ending: str) -> str:
    """The path with its ending, its last part cut where it would be longer than a file's name may be."""
    folder, slash, name = stem.rpartition("/")
    return f"{folder}{slash}{name[: MAX_NAME_BYTES - len(ending)]}{ending}"


def fit(size: Size, long_side: int) -> Size:
    """`size` scaled down so that its longer side is at most `long_side`; never up."""
    scale = min(1.0, long_side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def mask_name(image_name: str) -> str:
    """Where the mask of a photo lies below a folder of masks, as COLMAP looks for it."""
    return f"{image_name}.png"


def training_size_of(original: Size, feature: Size, long_side: int) -> Size:
    """The size for training. It follows from the size for features, where that is larger.

    Photos that differ by a row of pixels share a camera where they have one size for features: rounded from the
    original sizes, their sizes for training could differ.
    """
    return fit(feature if max(feature) >= long_side else original, long_side)


@dataclass(frozen=True)
class PreparedSet:
    """One of the two sets: its folders, and the long side of its photos in pixels."""

    images: Path
    masks: Path
    long_side: int


def prepare_photos(
    source: Path,
    features: PreparedSet,
    training: PreparedSet,
    *,
    threads: int,
    on_progress: Callable[[int, int], None],
) -> tuple[list[PreparedPhoto], list[RejectedPhoto]]:
    """Prepares every file below `source`, in parallel; both lists are in counting order.

    `features` gets grey JPEGs (SIFT sees no colour), `training` colour ones; photos with transparent parts have masks
    (0 = transparent) as well. A file that does not decode is rejected with the reason; `on_progress(done, total)` is
    called after each file.
    """
    names = find_photos(source)
    targets = image_names(names)
    # Once, here: a thread that is still busy when a run is interrupted must not make the folders again.
    roots = (features.images, features.masks, training.images, training.masks)
    for folder in {*roots, *(root / Path(target).parent for root in roots for target in targets.values())}:
        folder.mkdir(parents=True, exist_ok=True)

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
    results.sort(key=lambda result: counting_order(result.name))
    prepared = [result for result in results if isinstance(result, PreparedPhoto)]
    if not any(photo.masked for photo in prepared):
        shutil.rmtree(training.masks)
    return (
        prepared,
        [result for result in results if isinstance(result, RejectedPhoto)],
    )


def remove_prepared(image_names: Iterable[str], *sets: PreparedSet) -> None:
    """Removes photos of these names, and their masks, that were prepared and are not to be used."""
    for name in image_names:
        for prepared in sets:
            (prepared.images / name).unlink(missing_ok=True)
            (prepared.masks / mask_name(name)).unlink(missing_ok=True)


class UnusablePhoto(ValueError):
    """The file is an image of which nothing can be used; the text is the reason, for a person."""


def _prepare_one(
    image: Image.Image, name: str, image_name: str, features: PreparedSet, training: PreparedSet
) -> PreparedPhoto:
    stored_size = image.size
    if min(stored_size) < MIN_SIDE_PX:
        raise UnusablePhoto(f"too small: {stored_size[0]} x {stored_size[1]} pixels")
    if stored_size[0] * stored_size[1] > MAX_PHOTO_PIXELS:
        raise UnusablePhoto(f"too large: {stored_size[0]} x {stored_size[1]} pixels")
    metadata = read_metadata(image)
    long_side = max(features.long_side, training.long_side)
    image.draft(None, fit(stored_size, long_side))  # JPEGs are smaller from here on
    swapped = metadata.orientation >= 5
    original_size = (stored_size[1], stored_size[0]) if swapped else stored_size
    feature_size = fit(original_size, features.long_side)
    training_size = training_size_of(original_size, feature_size, training.long_side)
    large = image.width * image.height > LARGE_PIXELS
    with _one_large_photo if large else nullcontext():
        colour, mask = visible_part(image)
        if large:
            colour = _resized(colour, fit(stored_size, long_side))
    if mask is not None and mask.getextrema() == (0, 0):
        raise UnusablePhoto("all of it is transparent")

    def turned(picture: Image.Image, size: Size) -> Image.Image:
        return _upright(_resized(picture, (size[1], size[0]) if swapped else size), metadata.orientation)

    grey = turned(colour.convert("L"), feature_size)
    upright = None if mask is None else _upright(mask, metadata.orientation)
    feature_mask = None if upright is None else scaled_mask(upright, feature_size)
    quality = measure_quality(grey, feature_mask)
    if quality.shows_nothing is not None:
        raise UnusablePhoto(quality.shows_nothing)
    grey.save(features.images / image_name, "JPEG", quality=FEATURE_JPEG_QUALITY)
    trained = turned(colour, training_size)
    trained.save(training.images / image_name, "JPEG", quality=TRAINING_JPEG_QUALITY, subsampling=0)
    if upright is not None and feature_mask is not None:
        without_border(feature_mask).save(features.masks / mask_name(image_name))
        scaled_mask(upright, training_size).save(training.masks / mask_name(image_name))
    return PreparedPhoto(
        name, image_name, original_size, feature_size, training_size, metadata, quality, masked=mask is not None
    )


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
