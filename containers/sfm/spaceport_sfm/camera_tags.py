"""What a photo says of the camera that took it, in EXIF and in the XMP of drone makers. Nothing is judged here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import ExifTags

from .gps import finite_number
from .xmp import Properties

# Exif 2.32, 4.6.5: FocalPlaneResolutionUnit has the values of ResolutionUnit, 2 (inch) and 3 (cm), and inch where it
# is missing; cameras write 4 (mm) and 5 (micrometre) as well.
MM_PER_UNIT = {2: 25.4, 3: 10.0, 4: 1.0, 5: 0.001}
MAX_DIGITAL_ZOOM = 200.0
FLIR_SEGMENT = b"FLIR\x00"


@dataclass(frozen=True)
class CameraTags:
    """Missing or nonsensical values are None; texts are empty. Lengths in pixels are those of the photo when taken."""

    make: str = ""
    model: str = ""
    serial: str = ""
    """Of the body."""
    lens: str = ""
    image_source: str = ""
    """Which of the cameras of one payload took it: DJI's WideCamera or InfraredCamera, others' bands, such as LWIR."""
    focal_length_mm: float | None = None
    focal_length_35mm: float | None = None
    """Millimetres on 35 mm film."""
    digital_zoom: float = 1.0
    """1 where there is none."""
    pixels: tuple[int, int] | None = None
    """Width and height when it was taken: programs that scale photos often leave this as it was."""
    focal_plane_px_per_mm: float | None = None
    """Pixels of `pixels` on a millimetre of the sensor."""
    calibrated_px: float | None = None
    """DJI's CalibratedFocalLength."""
    optical_center: tuple[float, float] | None = None
    """DJI's CalibratedOpticalCenter: about the middle, so that it tells in which pixels the lengths are."""
    dewarp_px: float | None = None
    """Focal length of DJI's DewarpData."""
    original_name: str = ""
    """Name under which the camera stored it: DJI's ImageDescription is its path."""
    flir: bool = False
    """Whether it holds a block of FLIR's, as radiometric pictures do."""

    @property
    def name(self) -> str:
        """Make and model; empty when unknown. Some models begin with their make."""
        if self.make and self.model.lower().startswith(self.make.lower()):
            return self.model
        return " ".join(filter(None, (self.make, self.model)))

    @property
    def body(self) -> tuple[str, str]:
        """Name and serial number: what tells one body from another of its kind."""
        return self.name, self.serial


def read_camera_tags(
    base: Mapping[int, Any], detail: Mapping[int, Any], properties: Properties, segments: Sequence[tuple[str, bytes]]
) -> CameraTags:
    """From EXIF's first and `Exif` directory, XMP, and the application segments of a JPEG. Never fails."""
    center = _pair(properties.get("CalibratedOpticalCenterX"), properties.get("CalibratedOpticalCenterY"))
    pixels = _pair(detail.get(ExifTags.Base.ExifImageWidth), detail.get(ExifTags.Base.ExifImageHeight))
    return CameraTags(
        make=text_of(base.get(ExifTags.Base.Make)),
        model=text_of(base.get(ExifTags.Base.Model)),
        serial=text_of(detail.get(ExifTags.Base.BodySerialNumber)) or properties.get("CameraSerialNumber", ""),
        lens=text_of(detail.get(ExifTags.Base.LensModel)),
        image_source=properties.get("ImageSource") or properties.get("Camera:BandName", ""),
        focal_length_mm=_number(detail.get(ExifTags.Base.FocalLength), 0.1, 5000),
        focal_length_35mm=_number(detail.get(ExifTags.Base.FocalLengthIn35mmFilm), 4, 2000),
        digital_zoom=_number(detail.get(ExifTags.Base.DigitalZoomRatio), 1, MAX_DIGITAL_ZOOM) or 1.0,
        pixels=None if pixels is None else (round(pixels[0]), round(pixels[1])),
        focal_plane_px_per_mm=_focal_plane(detail),
        calibrated_px=_number(properties.get("CalibratedFocalLength"), 1, 1e6),
        optical_center=center,
        dewarp_px=_dewarp_focal_length(properties.get("DewarpData") or properties.get("DewarpDataK6") or ""),
        original_name=_file_name(text_of(base.get(ExifTags.Base.ImageDescription))),
        flir=any(name == "APP1" and data.startswith(FLIR_SEGMENT) for name, data in segments),
    )


def text_of(value: object) -> str:
    """A text of EXIF, which cameras fill up with zeros and blanks; empty for anything else."""
    if isinstance(value, bytes):
        value = value.decode("ascii", "ignore")
    return value.replace("\x00", "").strip() if isinstance(value, str) else ""


def _focal_plane(detail: Mapping[int, Any]) -> float | None:
    mm = MM_PER_UNIT.get(detail.get(ExifTags.Base.FocalPlaneResolutionUnit, 2))
    per_unit = _number(detail.get(ExifTags.Base.FocalPlaneXResolution), 1e-3, 1e9)
    return None if mm is None or per_unit is None else per_unit / mm


def _dewarp_focal_length(text: str) -> float | None:
    """`date;fx,fy,cx,cy,k1,k2,p1,p2,k3`, K6 with more terms behind (DJI Matrice 4 Series User Manual, Photo File).

    fx and fy are in pixels, and cx and cy count from the middle, so that they do not tell the size of the photo.
    """
    numbers = [_number(part, 1, 1e6) for part in text.rpartition(";")[2].split(",")[:2]]
    if len(numbers) < 2 or numbers[0] is None or numbers[1] is None:
        return None
    return (numbers[0] + numbers[1]) / 2


def _file_name(description: str) -> str:
    r"""`DCIM\100MEDIA\DJI_0018.JPG` is a path on the camera's card; any other description is none."""
    return description.replace("\\", "/").rpartition("/")[2] if description.lower().endswith((".jpg", ".jpeg")) else ""


def _pair(first: object, second: object) -> tuple[float, float] | None:
    numbers = _number(first, 1, 1e6), _number(second, 1, 1e6)
    return None if numbers[0] is None or numbers[1] is None else (numbers[0], numbers[1])


def _number(value: object, low: float, high: float) -> float | None:
    number = finite_number(value)
    return number if number is not None and low <= number <= high else None
