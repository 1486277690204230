"""Decoding, turning, resizing and naming of photos."""

from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image
from sfm_testing.photo_files import save_photo
from spaceport_sfm.photo_preparation import (
    PreparedPhoto,
    PreparedSet,
    RejectedPhoto,
    counting_order,
    find_photos,
    fit,
    image_names,
    prepare_photos,
    training_size_of,
)


def prepare(
    folder: Path, feature_long_side: int = 400, training_long_side: int = 200
) -> tuple[list[PreparedPhoto], list[RejectedPhoto]]:
    return prepare_photos(
        folder / "in",
        PreparedSet(folder / "features", folder / "feature-masks", feature_long_side),
        PreparedSet(folder / "training", folder / "masks", training_long_side),
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


def test_i04_image_names_are_no_longer_than_a_file_name_can_be() -> None:
    longest = "x" * 251
    names = [f"{longest}.png", f"{longest}.jpg", f"{longest}.JPG", f"flight/{longest}.png"]
    image_paths = list(image_names(names).values())
    assert len({path.lower() for path in image_paths}) == 4
    assert all(len(path.rpartition("/")[2]) <= 255 for path in image_paths)
    assert image_paths[1].endswith(".jpg")
    assert image_paths[3].startswith("flight/")


def test_sizes_fit_by_the_long_side() -> None:
    assert fit((4000, 2250), 1600) == (1600, 900)
    assert fit((2250, 4000), 1600) == (900, 1600)
    assert fit((5000, 10), 100) == (100, 1)


@pytest.mark.parametrize(
    ("first", "second", "long_sides"),
    [((4000, 2247), (4000, 2248), (1600, 800)), ((5472, 3288), (5472, 3289), (3200, 1600))],
    ids=["preview", "standard"],
)
def test_s03_sizes_that_differ_by_a_row_are_equal_for_training_where_they_are_for_features(
    first: tuple[int, int], second: tuple[int, int], long_sides: tuple[int, int]
) -> None:
    feature, training = long_sides
    features = [fit(size, feature) for size in (first, second)]
    assert features[0] == features[1]
    assert len({training_size_of(size, features[0], training) for size in (first, second)}) == 1


def test_s03_a_training_size_larger_than_the_feature_size_comes_from_the_photo() -> None:
    assert training_size_of((4000, 3000), fit((4000, 3000), 400), 800) == (800, 600)


def circle(size: tuple[int, int] = (400, 300)) -> tuple[Image.Image, np.ndarray]:
    """A grey photo whose rest around a circle is hidden magenta, as colour and alpha."""
    y, x = np.mgrid[: size[1], : size[0]]
    alpha = np.where((x - size[0] / 2) ** 2 + (y - size[1] / 2) ** 2 < 100**2, 255, 0).astype(np.uint8)
    pixels = np.where(alpha[..., None] > 0, 90, np.array([255, 0, 255])).astype(np.uint8)
    return Image.fromarray(pixels), alpha


def hidden(mode: str) -> Image.Image:
    colour, alpha = circle()
    if mode == "RGBA":
        colour.putalpha(Image.fromarray(alpha))
        return colour
    if mode == "LA":
        grey = Image.fromarray(np.where(alpha > 0, 90, 255).astype(np.uint8))
        grey.putalpha(Image.fromarray(alpha))
        return grey
    if mode == "P":
        indexed = Image.fromarray(np.where(alpha > 0, 0, 1).astype(np.uint8), "P")
        indexed.putpalette([90, 90, 90, 255, 0, 255])
        indexed.info["transparency"] = 1
        return indexed
    if mode == "RGB":
        colour.info["transparency"] = (255, 0, 255)
        return colour
    grey_16 = Image.fromarray(np.where(alpha > 0, 90 * 257, 65535).astype(np.uint16))
    grey_16.info["transparency"] = 65535
    return grey_16


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "RGB", "I;16"])
def test_s07_what_is_hidden_under_transparency_is_in_neither_set(tmp_path: Path, mode: str) -> None:
    (tmp_path / "in").mkdir()
    image = hidden(mode)
    image.save(tmp_path / "in" / "a.png", transparency=image.info.get("transparency"))

    (photo,), rejected = prepare(tmp_path)

    assert not rejected and photo.masked
    for folder in ("features", "training"):
        with Image.open(tmp_path / folder / "a.png.jpg") as prepared:
            pixels = np.asarray(prepared.convert("RGB"), np.float64)
        assert np.abs(pixels - 90).max() < 12
    with (
        Image.open(tmp_path / "masks" / "a.png.jpg.png") as mask,
        Image.open(tmp_path / "feature-masks" / "a.png.jpg.png") as narrower,
    ):
        assert mask.size == (200, 150) and narrower.size == (400, 300)
        share, narrow = np.mean(np.asarray(mask) > 0), np.mean(np.asarray(narrower) > 0)
    circle_share = np.pi * 100**2 / (400 * 300)
    assert circle_share - 0.02 < share <= circle_share and narrow < share - 0.01


def test_s07_a_mask_turns_with_its_photo(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    image = red_left_half().convert("RGBA")
    image.putalpha(Image.fromarray(np.repeat([[255] * 400 + [0] * 400], 600, axis=0).astype(np.uint8)))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # the left half becomes the top
    image.save(tmp_path / "in" / "a.png", exif=exif)

    (photo,), _ = prepare(tmp_path)

    with Image.open(tmp_path / "masks" / "a.png.jpg.png") as mask:
        visible = np.asarray(mask) > 0
    assert visible.shape == photo.training_size[::-1]
    assert visible[: len(visible) // 2].all() and not visible[len(visible) // 2 :].any()


def test_s07_an_alpha_channel_that_hides_nothing_is_no_mask(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    red_left_half().convert("RGBA").save(tmp_path / "in" / "a.png")
    (photo,), _ = prepare(tmp_path)
    assert not photo.masked and not (tmp_path / "masks").exists()


def test_s07_a_photo_that_is_all_transparent_is_rejected_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    Image.new("RGBA", (200, 100), (255, 0, 255, 0)).save(tmp_path / "in" / "a.png")
    _, (photo,) = prepare(tmp_path)
    assert photo.reason == "all of it is transparent"


def test_names_are_in_the_order_that_people_count_in() -> None:
    names = ["frame10.jpg", "frame2.jpg", "frame1.jpg", "b/1.jpg", "a/10.jpg", "a/9.jpg", "frame02.jpg"]
    ordered = ["a/9.jpg", "a/10.jpg", "b/1.jpg", "frame1.jpg", "frame02.jpg", "frame2.jpg", "frame10.jpg"]
    assert sorted(names, key=counting_order) == ordered
