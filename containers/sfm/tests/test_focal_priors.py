"""Focal lengths from what cameras write, whole, scaled, turned, zoomed and wrong."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image
from spaceport_sfm.camera_tags import CameraTags
from spaceport_sfm.focal_priors import FocalPrior, TakenPhoto, focal_priors
from spaceport_sfm.photo_metadata import read_metadata

DEFAULT = 1.2
# DJI Phantom 4 RTK: 8.8 mm on 13.2 mm, 24 mm on film.
PHANTOM = CameraTags(
    make="DJI",
    model="FC6310R",
    focal_length_mm=8.8,
    focal_length_35mm=24,
    pixels=(5472, 3648),
    calibrated_px=3666.666504,
    optical_center=(2736.0, 1824.0),
    dewarp_px=3681.0,
)
# Canon PowerShot ELPH 300 HS: no 35 mm equivalent.
CANON = CameraTags(make="Canon", focal_length_mm=4.3, pixels=(4000, 3000), focal_plane_px_per_mm=16393.4426 / 25.4)
FILM = CameraTags(make="Maker", focal_length_mm=4.0, focal_length_35mm=28)


def prior(tags: CameraTags, size: tuple[int, int] | None = None) -> FocalPrior:
    return focal_priors([TakenPhoto(tags, size or tags.pixels or (4000, 3000))], DEFAULT)[0]


def told(tags: CameraTags, size: tuple[int, int] | None = None) -> tuple[str, Any]:
    found = prior(tags, size)
    return found.source, found.ratio


def priors(*photos: CameraTags) -> list[float]:
    taken = [TakenPhoto(tags, tags.pixels or (4000, 3000)) for tags in photos]
    return [each.ratio for each in focal_priors(taken, DEFAULT)]


def without(tags: CameraTags, *names: str) -> CameraTags:
    missing: dict[str, Any] = dict.fromkeys(names)
    return replace(tags, **missing)


def test_the_measured_focal_length_comes_first_then_the_designed_one_then_the_sensor_then_the_film() -> None:
    assert told(PHANTOM) == ("DewarpData", pytest.approx(3681 / 5472))
    designed = without(PHANTOM, "dewarp_px")
    assert told(designed) == ("CalibratedFocalLength", pytest.approx(3666.67 / 5472, rel=1e-5))
    sensor = replace(without(designed, "calibrated_px"), focal_plane_px_per_mm=5472 / 13.2)
    assert told(sensor) == ("FocalPlaneXResolution", pytest.approx(8.8 / 13.2))
    film = without(sensor, "focal_plane_px_per_mm")
    assert told(film) == ("FocalLengthIn35mmFilm", pytest.approx(24 / 35))
    assert prior(without(film, "focal_length_35mm")) == FocalPrior(DEFAULT, "default factor")
    assert not prior(CameraTags()).known


@pytest.mark.parametrize("size", [(4000, 3000), (3600, 2700), (800, 600), (600, 800), (8000, 6000)])
def test_a_photo_that_was_scaled_or_turned_keeps_the_view_of_its_camera(size: tuple[int, int]) -> None:
    """seneca-48: 555 px at 800 px, and the adjusted solution is 566."""
    assert prior(CANON, size).ratio * 800 == pytest.approx(555.0, abs=0.2)
    assert prior(replace(FILM, pixels=(4000, 3000)), size).ratio == pytest.approx(28 / 35)
    calibrated = CameraTags(dewarp_px=2640.0, pixels=(4000, 3000))
    assert told(calibrated, size) == ("DewarpData", pytest.approx(0.66))


def test_a_photo_that_was_cropped_to_another_shape_keeps_its_pixels() -> None:
    """4000 x 2250 of 4000 x 3000 lost its top and bottom; 3000 x 3000 its sides."""
    assert prior(CANON, (4000, 2250)).ratio == pytest.approx(555.0 / 800, abs=1e-3)
    assert prior(CANON, (3000, 3000)).ratio == pytest.approx(555.0 / 800 * 4 / 3, abs=1e-3)
    assert prior(replace(FILM, pixels=(4000, 3000)), (1500, 1500)).ratio == pytest.approx(28 / 35 * 4 / 3)


@pytest.mark.parametrize(("unit", "per_unit"), [(2, 25.4), (3, 10.0), (4, 1.0), (5, 0.001), (None, 25.4)])
def test_sensor_resolutions_are_read_in_every_unit(tmp_path: Path, unit: int | None, per_unit: float) -> None:
    exif = Image.Exif()
    detail = exif.get_ifd(ExifTags.IFD.Exif)
    detail[ExifTags.Base.FocalLength] = 4.3
    detail[ExifTags.Base.FocalPlaneXResolution] = 640.0 * per_unit
    detail[ExifTags.Base.ExifImageWidth], detail[ExifTags.Base.ExifImageHeight] = 4000, 3000
    if unit is not None:
        detail[ExifTags.Base.FocalPlaneResolutionUnit] = unit
    Image.new("RGB", (80, 60)).save(tmp_path / "photo.jpg", exif=exif)

    with Image.open(tmp_path / "photo.jpg") as image:
        tags = read_metadata(image).camera

    assert told(tags, (80, 60)) == ("FocalPlaneXResolution", pytest.approx(640 * 4.3 / 4000, rel=1e-3))


@pytest.mark.parametrize("date", ["2018-09-06;", " 2018-09-06; ", ""])
@pytest.mark.parametrize("name", ["DewarpData", "DewarpDataK6"])
def test_djis_calibration_is_read_from_xmp(tmp_path: Path, name: str, date: str) -> None:
    terms = "3684.480000000000,3677.570000000000,2.24,22.05,-0.263482,0.106788,0.0000371107,-0.000327247,-0.0300783"
    xmp = f"""<x drone-dji:{name}="{date}{terms}" drone-dji:CalibratedFocalLength="3666.666504"
      drone-dji:CalibratedOpticalCenterX="2736.000000" drone-dji:CalibratedOpticalCenterY="1824.000000"/>"""
    Image.new("RGB", (60, 40)).save(tmp_path / "photo.jpg", xmp=xmp.encode())

    with Image.open(tmp_path / "photo.jpg") as image:
        tags = read_metadata(image).camera

    assert (tags.dewarp_px, tags.calibrated_px) == pytest.approx((3681.025, 3666.666504))
    assert tags.optical_center == (2736.0, 1824.0)


@pytest.mark.parametrize("data", ["", "2018-09-06;", "2018-09-06;a,b", "0,0,0,0", "nan,nan", "-3684,-3677", "1e400,2"])
def test_a_broken_calibration_counts_as_missing(tmp_path: Path, data: str) -> None:
    xmp = f'<x drone-dji:DewarpData="{data}" drone-dji:CalibratedFocalLength="{data}"/>'
    Image.new("RGB", (60, 40)).save(tmp_path / "photo.jpg", xmp=xmp.encode())
    with Image.open(tmp_path / "photo.jpg") as image:
        tags = read_metadata(image).camera
    assert tags.dewarp_px is None and tags.calibrated_px is None


def test_damaged_camera_tags_count_as_missing(tmp_path: Path) -> None:
    exif = Image.Exif()
    detail = exif.get_ifd(ExifTags.IFD.Exif)
    detail[ExifTags.Base.FocalLength] = float("nan")
    detail[ExifTags.Base.DigitalZoomRatio] = 0.0
    detail[ExifTags.Base.FocalPlaneResolutionUnit] = 77
    detail[ExifTags.Base.FocalPlaneXResolution] = 0.0
    detail[ExifTags.Base.ExifImageWidth] = 0
    Image.new("RGB", (60, 40)).save(tmp_path / "photo.jpg", exif=exif)
    with Image.open(tmp_path / "photo.jpg") as image:
        tags = read_metadata(image).camera
    assert tags == CameraTags()


def test_a_calibration_in_pixels_of_another_size_is_read_by_its_optical_centre() -> None:
    """48 million pixels, and lengths of the 12 million that the sensor bins to."""
    binned = replace(PHANTOM, pixels=(8064, 6048), calibrated_px=2720.0, dewarp_px=None, optical_center=(2016, 1512))
    assert told(binned) == ("CalibratedFocalLength", pytest.approx(2720 / 4032))


def test_an_optical_centre_beside_the_middle_is_not_taken_for_another_size() -> None:
    assert prior(replace(PHANTOM, optical_center=(2790.0, 1790.0))).ratio == pytest.approx(3681 / 5472)


def test_a_calibration_that_contradicts_the_film_is_of_other_pixels_or_another_lens_and_not_used() -> None:
    wrong = replace(PHANTOM, dewarp_px=1840.0, optical_center=None)
    assert prior(wrong).source == "CalibratedFocalLength"
    millimetres = replace(wrong, calibrated_px=8.8)
    assert told(millimetres) == ("FocalLengthIn35mmFilm", pytest.approx(24 / 35))


@pytest.mark.parametrize("px", [8.8, 100_000.0])
def test_a_focal_length_that_no_lens_has_is_not_used(px: float) -> None:
    assert prior(CameraTags(calibrated_px=px, dewarp_px=px, pixels=(4000, 3000))).source == "default factor"


def test_digital_zoom_lengthens_what_the_sensor_tells() -> None:
    wide, zoomed = priors(CANON, replace(CANON, digital_zoom=2.0))
    assert zoomed == pytest.approx(2 * wide)
    assert prior(replace(CANON, digital_zoom=2.0)).ratio == pytest.approx(2 * wide)


@pytest.mark.parametrize("included", [True, False], ids=["with zoom", "without"])
def test_digital_zoom_is_in_an_equivalent_or_not_as_photos_of_the_camera_show(included: bool) -> None:
    zoomed = replace(FILM, digital_zoom=2.0, focal_length_35mm=56 if included else 28)
    assert priors(FILM, zoomed) == pytest.approx([28 / 35, 56 / 35])
    assert priors(zoomed, zoomed, FILM) == pytest.approx([56 / 35, 56 / 35, 28 / 35])


def test_a_phone_that_zooms_all_photos_has_its_zoom_in_the_equivalent() -> None:
    """iPhone SE: 28 mm, and 55 at a digital zoom of 1.951."""
    phone = CameraTags(make="Apple", focal_length_mm=3.99, focal_length_35mm=55, digital_zoom=1.951)
    assert prior(phone).ratio == pytest.approx(55 / 35)


def test_a_calibration_that_does_not_follow_the_zoom_lens_is_not_used() -> None:
    """No equivalent contradicts it: only the other zooms of the camera show it."""
    tele = CameraTags(make="DJI", focal_length_mm=6.83, calibrated_px=3000, pixels=(4000, 3000))
    fixed = focal_priors(
        [TakenPhoto(tele, (4000, 3000)), TakenPhoto(replace(tele, focal_length_mm=30.0), (4000, 3000))], 1
    )
    assert [each.source for each in fixed] == ["default factor", "default factor"]
    following = replace(tele, focal_length_mm=13.66, calibrated_px=6000)
    assert priors(tele, following) == pytest.approx([0.75, 1.5])


def test_zoomed_photos_of_another_camera_say_nothing() -> None:
    other = replace(FILM, model="Other", digital_zoom=2.0, focal_length_35mm=28)
    assert priors(FILM, other) == pytest.approx([28 / 35, 56 / 35])
