"""Photos of a real set with one thing about them made wrong: `derive_photos.py SOURCE TARGET frozen`.

Photos are written with a long side of 1200 pixels. `frozen`: the receiver hangs after three photos.
"""

import sys
from pathlib import Path

from PIL import ExifTags, Image

FREE_PHOTOS = 3


def main() -> None:
    source, target, what = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    files = sorted(path for path in source.iterdir() if path.suffix.lower() in (".jpg", ".jpeg"))
    target.mkdir(parents=True)
    position = {}
    for index, file in enumerate(files):
        image = Image.open(file)
        exif = image.getexif()
        if what != "frozen" or index <= FREE_PHOTOS:
            position = dict(exif.get_ifd(ExifTags.IFD.GPSInfo))
        exif[ExifTags.IFD.GPSInfo] = position
        image.thumbnail((1200, 1200))
        image.save(target / file.name, quality=92, exif=exif)


main()
