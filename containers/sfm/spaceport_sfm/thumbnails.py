"""Small pictures of the photos, for pages and lists."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PIL import Image

from .photo_preparation import PreparedPhoto

LONG_SIDE_PX = 256
QUALITY = 70  # 5 to 15 KB a photo
FOLDER = "thumbnails"


def thumbnail_name(image_name: str) -> str:
    """Where the thumbnail of a photo lies below the output."""
    return f"{FOLDER}/{image_name}.webp"


def write_thumbnails(photos: Sequence[PreparedPhoto], images: Path, output: Path, threads: int) -> None:
    """Writes the thumbnail of each photo below `output`, from the prepared photo below `images`."""
    for folder in {(output / thumbnail_name(photo.image_name)).parent for photo in photos}:
        folder.mkdir(parents=True, exist_ok=True)

    def write(photo: PreparedPhoto) -> None:
        with Image.open(images / photo.image_name, formats=("JPEG",)) as image:
            image.draft(None, (2 * LONG_SIDE_PX, 2 * LONG_SIDE_PX))
            image.thumbnail((LONG_SIDE_PX, LONG_SIDE_PX))
            image.save(output / thumbnail_name(photo.image_name), "WEBP", quality=QUALITY, method=2)

    pool = ThreadPoolExecutor(threads, thread_name_prefix="thumbnails")
    try:
        for _ in pool.map(write, photos):
            pass
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
