"""Decoding, turning, resizing and naming of photos."""

from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image
from sfm_testing.photo_files import save_photo
from spaceport_sfm.photo_preparation import (
    PreparedPhoto,
    RejectedPhoto,
    find_photos,
    fit,
    image_names,
    prepare_photos,
)


def prepare(
    folder: Path, feature_long_side: int = 400, training_long_side: int = 200
) -> tuple[list[PreparedPhoto], list[RejectedPhoto]]:
    return prepare_photos(
        folder / "in",
        folder / "features",
        folder / "training",
        feature_long_side=feature_long_side,
        training_long_side=training_long_side,
        threads=2,
        on_progress=lambda done, total: None,
    )


def red_left_half(width: int = 800, height: int = 600) -> Image.Image:
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2, 0] = 255
    return Image.fromarray(pixels)


def test_both_sets_are_written_at_their_sizes(tmp_path: Path) -> None:
    save_photo(tmp_path / "in" / "a.jpg", red_left_half())

    (photo,), rejected = prepare(tmp_path)

    assert not rejected
    assert (photo.original_size, photo.feature_size, photo.training_size) == ((800, 600), (400, 300), (200, 150))
    with Image.open(tmp_path / "features" / "a.jpg") as image:
        assert image.size == (400, 300) and image.mode == "L"
    with Image.open(tmp_path / "training" / "a.jpg") as image:
        assert image.size == (200, 150) and image.mode == "RGB"


def test_photos_are_never_enlarged(tmp_path: Path) -> None:
    save_photo(tmp_path / "in" / "a.jpg", red_left_half(300, 200))
    (photo,), _ = prepare(tmp_path)
    assert photo.feature_size == (300, 200) and photo.training_size == (200, 133)


# Where the stored photo's red left half lies when the photo is upright (EXIF 2.3, table 6).
@pytest.mark.parametrize(
    ("orientation", "side"),
    [(1, "left"), (2, "right"), (3, "right"), (4, "left"), (5, "top"), (6, "top"), (7, "bottom"), (8, "bottom")],
)
def test_pixels_are_turned_upright_and_the_tag_is_dropped(tmp_path: Path, orientation: int, side: str) -> None:
    save_photo(tmp_path / "in" / "a.jpg", red_left_half(), orientation=orientation)

    (photo,), _ = prepare(tmp_path)

    with Image.open(tmp_path / "training" / "a.jpg") as image:
        red = np.asarray(image)[..., 0].astype(float)
        assert ExifTags.Base.Orientation not in image.getexif()
        assert image.size == photo.training_size == ((200, 150) if orientation < 5 else (150, 200))
    height, width = red.shape
    halves = {
        "left": red[:, : width // 2],
        "right": red[:, width // 2 :],
        "top": red[: height // 2],
        "bottom": red[height // 2 :],
    }
    assert max(halves, key=lambda name: halves[name].mean()) == side


@pytest.mark.parametrize("mode", ["CMYK", "L", "P", "RGBA", "I;16"])
def test_unusual_pixel_formats_are_converted(tmp_path: Path, mode: str) -> None:
    (tmp_path / "in").mkdir()
    grey = np.full((120, 160), 128)
    if mode == "I;16":
        image = Image.fromarray((grey * 257).astype(np.uint16))
    else:
        image = Image.fromarray(grey.astype(np.uint8)).convert("RGB").convert(mode)
    image.save(tmp_path / "in" / "a.tif")

    (photo,), _ = prepare(tmp_path)

    assert photo.image_name == "a.tif.jpg"
    with Image.open(tmp_path / "training" / "a.tif.jpg") as prepared:
        assert abs(float(np.asarray(prepared).mean()) - 128) < 4


def test_unusable_files_are_rejected_with_a_reason(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    save_photo(folder / "good.jpg", red_left_half())
    (folder / "cut.jpg").write_bytes((folder / "good.jpg").read_bytes()[:2000])
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "text.jpg").write_text("hello", "utf-8")
    (folder / "page.eps").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n", "utf-8")
    Image.new("RGB", (1, 1)).save(folder / "dot.jpg")

    prepared, rejected = prepare(tmp_path)

    assert [photo.name for photo in prepared] == ["good.jpg"]
    assert {photo.name: photo.reason for photo in rejected} == {
        "cut.jpg": "the file is cut off: copy it from the camera again",
        "dot.jpg": "too small: 1 x 1 pixels",
        "empty.jpg": "not a JPEG, PNG, TIFF or WebP image",
        "page.eps": "not a JPEG, PNG, TIFF or WebP image",
        "text.jpg": "not a JPEG, PNG, TIFF or WebP image",
    }


def test_equal_file_names_in_two_folders_stay_apart(tmp_path: Path) -> None:
    for folder in ("monday", "tuesday"):
        save_photo(tmp_path / "in" / folder / "DJI 0001.JPG", red_left_half())
    prepared, _ = prepare(tmp_path)
    assert [photo.image_name for photo in prepared] == ["monday/DJI_0001.JPG", "tuesday/DJI_0001.JPG"]
    assert find_photos(tmp_path / "training") == ["monday/DJI_0001.JPG", "tuesday/DJI_0001.JPG"]


def test_image_names_are_plain_and_unique() -> None:
    names = ["a b.jpg", "a_b.jpg", "A_B.JPG", "ä.png", "ö.png"]
    assert list(image_names(names).values()) == ["a_b.jpg", "a_b-2.jpg", "A_B-3.JPG", "_.png.jpg", "_.png-2.jpg"]


def test_sizes_fit_by_the_long_side() -> None:
    assert fit((4000, 2250), 1600) == (1600, 900)
    assert fit((2250, 4000), 1600) == (900, 1600)
    assert fit((5000, 10), 100) == (100, 1)
