"""Photos of a real set with one thing about them made wrong: `derive_photos.py SOURCE TARGET frozen|across|masked`.

Photos are written with a long side of 1200 pixels. `frozen`: the receiver hangs after three photos. `across`: the
flight is moved to the 180th meridian, half of it on either side. `masked`: PNGs whose transparent corners hide magenta.
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ExifTags, Image, ImageDraw

GPS = ExifTags.GPS
FREE_PHOTOS = 3


def main() -> None:
    source, target, what = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    files = sorted(path for path in source.iterdir() if path.suffix.lower() in (".jpg", ".jpeg"))
    images = [Image.open(file) for file in files]
    positions = [dict(image.getexif().get_ifd(ExifTags.IFD.GPSInfo)) for image in images]
    middle = float(np.median([longitude(position) for position in positions]))
    target.mkdir(parents=True)
    for index, (file, image, position) in enumerate(zip(files, images, positions, strict=True)):
        exif = image.getexif()
        if what == "frozen" and index >= FREE_PHOTOS:
            position = positions[FREE_PHOTOS]
        if what == "across":
            east = longitude(position) - middle
            position |= {GPS.GPSLongitude: (180 - abs(east), 0.0, 0.0), GPS.GPSLongitudeRef: "W" if east > 0 else "E"}
        exif[ExifTags.IFD.GPSInfo] = position
        image.thumbnail((1200, 1200))
        if what == "masked":
            hidden(image).save(target / f"{file.stem}.png", exif=exif)
        else:
            image.save(target / file.name, quality=92, exif=exif)


def longitude(position: dict[int, Any]) -> float:
    """Degrees, east positive."""
    degrees, minutes, seconds = (float(part) for part in position[GPS.GPSLongitude])
    size = degrees + minutes / 60 + seconds / 3600
    return -size if position[GPS.GPSLongitudeRef] == "W" else size


def hidden(image: Image.Image) -> Image.Image:
    """Visible is an ellipse; under the transparent rest lies magenta."""
    mask = Image.new("L", image.size, 0)
    ImageDraw.Draw(mask).ellipse((0, 0, image.width - 1, image.height - 1), fill=255)
    picture = Image.new("RGB", image.size, (255, 0, 255))
    picture.paste(image.convert("RGB"), mask=mask)
    picture.putalpha(mask)
    return picture


main()
