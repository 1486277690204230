"""Blurred, badly exposed, repeated and copied photos are told apart from good ones."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageFilter
from sfm_testing.place import Place, look, survey_views
from spaceport_sfm.camera_tags import CameraTags
from spaceport_sfm.gps import GpsPosition
from spaceport_sfm.photo_findings import PhotoFinding, quality_metrics, quality_warnings, without_copies
from spaceport_sfm.photo_metadata import PhotoMetadata
from spaceport_sfm.photo_preparation import PreparedPhoto
from spaceport_sfm.photo_quality import measure_quality
from spaceport_sfm.positions import positions_of

Change = Callable[[Image.Image], Image.Image]


@pytest.fixture(scope="module")
def pictures(place: Place) -> list[Image.Image]:
    return [place.render(view).convert("L") for view in survey_views()[:10]]


def photo(name: str, picture: Image.Image, gps: GpsPosition | None = None, body: str = "") -> PreparedPhoto:
    size = picture.size
    return PreparedPhoto(
        name, name, size, size, size, PhotoMetadata(1, gps, CameraTags(make=body), None), measure_quality(picture)
    )


def photos_of(pictures: list[Image.Image]) -> list[PreparedPhoto]:
    return [photo(f"{index:02d}.jpg", picture) for index, picture in enumerate(pictures)]


def found(photos: list[PreparedPhoto]) -> list[tuple[str, str]]:
    return [(finding.name, finding.finding) for finding in quality_metrics(photos, 0, None).findings]


def moved(picture: Image.Image, pixels: int) -> Image.Image:
    """As a camera that moves along the rows while the shutter is open sees it."""
    sums = np.cumsum(np.pad(np.asarray(picture, np.float64), ((0, 0), (pixels, 0)), mode="edge"), axis=1)
    return Image.fromarray(((sums[:, pixels:] - sums[:, :-pixels]) / pixels).astype(np.uint8))


@pytest.mark.parametrize(
    "blur",
    [
        lambda picture: picture.filter(ImageFilter.GaussianBlur(4)),
        lambda picture: moved(picture, 16),
        lambda picture: moved(picture.transpose(Image.Transpose.ROTATE_90), 16).transpose(Image.Transpose.ROTATE_270),
    ],
    ids=["out of focus", "along the rows", "along the columns"],
)
def test_a_blurred_photo_among_sharp_ones_is_named(pictures: list[Image.Image], blur: Change) -> None:
    assert found(photos_of([*pictures[:4], blur(pictures[4]), *pictures[5:]])) == [("04.jpg", "blurred")]


def test_noise_does_not_make_a_blurred_photo_sharp(pictures: list[Image.Image]) -> None:
    blurred = np.asarray(pictures[4].filter(ImageFilter.GaussianBlur(6)), np.float64)
    noisy = blurred + np.random.default_rng(0).normal(0, 3, blurred.shape)
    spoilt = Image.fromarray(noisy.clip(0, 255).astype(np.uint8))
    assert found(photos_of([*pictures[:4], spoilt, *pictures[5:]])) == [("04.jpg", "blurred")]


def test_sharpness_does_not_depend_on_contrast_or_light(pictures: list[Image.Image]) -> None:
    dim = pictures[4].point(lambda level: 20 + level // 3)
    assert found(photos_of([*pictures[:4], dim, *pictures[5:]])) == []


def test_a_set_that_is_blurred_as_a_whole_is_named_too(pictures: list[Image.Image]) -> None:
    blurred = photos_of([picture.filter(ImageFilter.GaussianBlur(6)) for picture in pictures])
    quality = quality_metrics(blurred, 0, None)
    assert [finding.finding for finding in quality.findings] == ["blurred"] * 10
    assert "10 of 10 photos are blurred" in quality_warnings(quality, 10)[0]


def test_a_camera_with_a_softer_lens_is_compared_with_itself(pictures: list[Image.Image]) -> None:
    soft = [
        photo(f"soft{index}.jpg", picture.filter(ImageFilter.GaussianBlur(2)), body="Soft")
        for index, picture in enumerate(pictures[:6])
    ]
    sharp = [photo(f"{index}.jpg", picture, body="Sharp") for index, picture in enumerate(pictures)]
    stray = replace(soft[0], name="stray", metadata=sharp[0].metadata)
    assert ("stray", "blurred") in found([*sharp, stray])
    assert found([*sharp, *soft]) == []


def test_a_plain_surface_is_not_called_blurred() -> None:
    assert measure_quality(Image.new("L", (640, 480), 200)).detail is None


def test_photos_that_are_half_black_or_white_are_named_with_the_share(pictures: list[Image.Image]) -> None:
    dark, bright = (np.array(picture) for picture in pictures[:2])
    dark[:300], bright[:300] = 0, 255
    photos = photos_of([Image.fromarray(dark), Image.fromarray(bright), *pictures[2:]])
    findings = {entry.name: entry for entry in quality_metrics(photos, 0, None).findings}
    assert findings["00.jpg"].finding == "dark" and findings["00.jpg"].reason == "83% of it is black"
    assert findings["01.jpg"].finding == "bright" and findings["01.jpg"].score == pytest.approx(0.83, abs=0.01)


def test_what_is_transparent_does_not_count_as_black(pictures: list[Image.Image]) -> None:
    picture, mask = np.array(pictures[0]), np.zeros((360, 480), np.uint8)
    picture[:300], mask[300:] = 0, 255
    assert measure_quality(Image.fromarray(picture), Image.fromarray(mask)).black < 0.01


@pytest.mark.parametrize(
    ("level", "noise", "reason"), [(0, 0, "black"), (3, 2, "black"), (255, 0, "white"), (128, 0, None)]
)
def test_wholly_black_and_white_photos_show_nothing(level: int, noise: float, reason: str | None) -> None:
    pixels = level + np.random.default_rng(0).normal(0, 1, (480, 640)) * noise
    shows_nothing = measure_quality(Image.fromarray(pixels.clip(0, 255).astype(np.uint8))).shows_nothing
    assert (reason in shows_nothing) if reason and shows_nothing else shows_nothing is reason


def test_a_hovering_drone_repeats_its_picture_and_a_flying_one_does_not(place: Place) -> None:
    hovering = [look(f"{index}", (0.05 * index, 0.0, 30.0), 0, -90) for index in range(3)]
    flying = [look(f"{index}", (5.0 * index, 0.0, 30.0), 0, -90) for index in range(3, 6)]
    photos = photos_of([place.render(view).convert("L") for view in hovering + flying])
    assert found(photos) == [("01.jpg", "repeated"), ("02.jpg", "repeated")]


def test_equal_pictures_from_places_far_apart_are_no_repetition(pictures: list[Image.Image]) -> None:
    noisy = pictures[0].point(lambda level: max(level, 3))
    here, there = GpsPosition(47.0, 8.0, 400.0), GpsPosition(47.001, 8.0, 400.0)
    assert found([photo("a", pictures[0], here), photo("b", noisy, here)]) == [("b", "repeated")]
    assert found([photo("a", pictures[0], here), photo("b", noisy, there)]) == []


def test_of_copies_one_is_used_and_the_others_are_named(pictures: list[Image.Image]) -> None:
    fix = GpsPosition(47.0, 8.0, 400.0)
    photos = [photo("a", pictures[0]), photo("b", pictures[1]), photo("c", pictures[0], fix), photo("d", pictures[0])]
    used, copies = without_copies(photos)
    assert [each.name for each in used] == ["b", "c"]  # the one that still has its position
    assert [(each.name, each.reason) for each in copies] == [
        ("a", "the same picture as c, which is used"),
        ("d", "the same picture as c, which is used"),
    ]


def test_photos_that_differ_in_one_pixel_are_no_copies(pictures: list[Image.Image]) -> None:
    other = pictures[0].copy()
    other.putpixel((3, 3), 255 - int(np.asarray(other)[3, 3]))
    assert len(without_copies([photo("a", pictures[0]), photo("b", other)])[0]) == 2


def test_a_photo_from_far_away_and_one_of_another_camera_are_named(pictures: list[Image.Image]) -> None:
    fixes = [GpsPosition(47.0 + 1e-4 * index, 8.0, 400.0) for index in range(9)] + [GpsPosition(48.0, 8.0, 400.0)]
    bodies = ["DJI"] * 3 + ["Phone"] + ["DJI"] * 9
    photos = [
        photo(f"{index:02d}.jpg", picture, fix, body)
        for index, (picture, fix, body) in enumerate(zip(pictures, fixes, bodies, strict=False))
    ]
    many = [photo(f"{index}.jpg", pictures[0], fixes[0], "DJI") for index in range(10, 13)]
    findings: list[PhotoFinding] = quality_metrics(photos + many, 0, positions_of(fixes + [fixes[0]] * 3)).findings
    reasons = {entry.name: entry.reason for entry in findings if entry.finding in ("far away", "other camera")}
    assert reasons == {
        "03.jpg": "taken with Phone, and most with DJI",
        "09.jpg": "its GPS position is far from those of the other photos",
    }
