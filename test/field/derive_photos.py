"""Photos of a real set with one thing about them made different: `derive_photos.py SOURCE TARGET KIND`.

Photos are written with a long side of 1200 pixels and keep their EXIF. KIND is one of:

    frozen      the receiver hangs after three photos
    meridian    the flight lies across the 180th meridian, half of the photos on each side
    xmp         positions stand in DJI's XMP only, with signs instead of letters
    turned      every second photo was taken with the camera turned by 90 degrees; no orientation tag
    masked      RGBA PNGs: an ellipse is to be seen, magenta is hidden under the transparent rest
    mixed       as a copied disk has them: metadata of 400 KB before every second picture, thumbnails that a NAS keeps,
                and frames as PNGs, three of which are cut off
"""

import io
import struct
import sys
from pathlib import Path
from statistics import median

from PIL import ExifTags, Image, ImageDraw

LONG_SIDE = 1200
FREE_PHOTOS = 3
CUT_FRAMES = 3
GPS = ExifTags.GPS


class Photo:
    """A photo of the set, scaled, with its EXIF."""

    def __init__(self, file: Path, index: int) -> None:
        self.index, self.name, self.stem = index, file.name, file.stem
        with Image.open(file) as image:
            self.exif = image.getexif()
            self.gps = dict(self.exif.get_ifd(ExifTags.IFD.GPSInfo))
            image.thumbnail((LONG_SIDE, LONG_SIDE))
            self.image = image.convert("RGB")

    def signed(self, angle: GPS, letter: GPS) -> float:
        """Degrees, negative in the south and in the west."""
        whole, minutes, seconds = (float(part) for part in self.gps[angle])
        degrees = whole + minutes / 60 + seconds / 3600
        return -degrees if self.gps[letter] in ("S", "W") else degrees

    def jpeg(self, xmp: bytes = b"") -> bytes:
        self.exif[ExifTags.IFD.GPSInfo] = self.gps
        out = io.BytesIO()
        self.image.save(out, "JPEG", quality=92, exif=self.exif, xmp=xmp)
        return out.getvalue()


def frozen(photos: list[Photo], target: Path) -> None:
    for photo in photos:
        photo.gps = photos[min(photo.index, FREE_PHOTOS)].gps
        (target / photo.name).write_bytes(photo.jpeg())


def meridian(photos: list[Photo], target: Path) -> None:
    longitudes = [photo.signed(GPS.GPSLongitude, GPS.GPSLongitudeRef) for photo in photos]
    middle = median(longitudes)
    for photo, longitude in zip(photos, longitudes, strict=True):
        moved = (longitude - middle) % 360 - 180
        photo.gps[GPS.GPSLongitude] = (abs(moved), 0.0, 0.0)
        photo.gps[GPS.GPSLongitudeRef] = "W" if moved < 0 else "E"
        (target / photo.name).write_bytes(photo.jpeg())


def xmp(photos: list[Photo], target: Path) -> None:
    for photo in photos:
        latitude = photo.signed(GPS.GPSLatitude, GPS.GPSLatitudeRef)
        longitude = photo.signed(GPS.GPSLongitude, GPS.GPSLongitudeRef)
        packet = (
            '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            '<rdf:Description rdf:about="" xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/" '
            f'drone-dji:GpsLatitude="{latitude:+.8f}" drone-dji:GpsLongtitude="{longitude:+.8f}" '
            f'drone-dji:AbsoluteAltitude="{float(photo.gps[GPS.GPSAltitude]):+.2f}"/></rdf:RDF></x:xmpmeta>'
        )
        photo.gps = {GPS.GPSVersionID: b"\x02\x03\x00\x00"}
        (target / photo.name).write_bytes(photo.jpeg(packet.encode()))


def turned(photos: list[Photo], target: Path) -> None:
    for photo in photos:
        if photo.index % 2:
            photo.image = photo.image.transpose(Image.Transpose.ROTATE_90)
        (target / photo.name).write_bytes(photo.jpeg())


def masked(photos: list[Photo], target: Path) -> None:
    for photo in photos:
        width, height = photo.image.size
        mask = Image.new("L", (width, height), 0)
        ImageDraw.Draw(mask).ellipse((width * 0.06, height * 0.04, width * 0.94, height * 0.96), fill=255)
        hidden = Image.new("RGB", (width, height), (255, 0, 255))
        cut_out = Image.composite(photo.image, hidden, mask)
        cut_out.putalpha(mask)
        cut_out.save(target / f"{photo.stem}.png", compress_level=1)


def mixed(photos: list[Photo], target: Path) -> None:
    thumbnails = target / "@eaDir"
    segments = struct.pack(">BBH", 0xFF, 0xE3, 65535) + bytes(65533)
    for photo in photos:
        data = photo.jpeg()
        (target / photo.name).write_bytes(data[:2] + 6 * segments + data[2:] if photo.index % 2 else data)
        frame = io.BytesIO()
        photo.image.save(frame, "PNG", compress_level=1)
        if photo.index < 2 * CUT_FRAMES:
            kept = frame.tell() * 6 // 10 if photo.index % 2 else frame.tell()
            (target / f"frame{photo.index}.png").write_bytes(frame.getvalue()[:kept])
        photo.image.thumbnail((320, 320))
        (thumbnails / photo.name).mkdir(parents=True)
        photo.image.save(thumbnails / photo.name / "SYNOPHOTO_THUMB_M.jpg")


KINDS = {kind.__name__: kind for kind in (frozen, meridian, xmp, turned, masked, mixed)}


def main() -> None:
    source, target, kind = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    files = sorted(path for path in source.iterdir() if path.suffix.lower() in (".jpg", ".jpeg"))
    target.mkdir(parents=True)
    KINDS[kind]([Photo(file, index) for index, file in enumerate(files)], target)


main()
