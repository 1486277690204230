"""Photos that nobody should send and somebody does: a code or a reason each, and no more memory than a machine has."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from sfm_testing.job import Job
from sfm_testing.photo_files import save_photo
from sfm_testing.place import Place, survey_views

NewJob = Callable[..., Job]
MAX_MB = 1500


def save_png_of_16_bits(path: Path, colour: NDArray[np.uint16]) -> None:
    """Writes uint16[H, W, 3], which Pillow cannot (PNG, W3C, 11.2)."""
    height, width, _ = colour.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in colour)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    signature = b"\x89PNG\r\n\x1a\n"
    path.write_bytes(signature + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def test_a_thousand_copies_of_one_photo_end_with_too_few_photos(new_job: NewJob, place: Place) -> None:
    job = new_job()
    first = job.photos / "0000.jpg"
    save_photo(first, place.render(survey_views()[0]))
    for index in range(1, 1000):
        (job.photos / f"{index:04d}.jpg").hardlink_to(first)

    result = job.run()

    assert result.status == 0, result.stderr
    assert result.verdict["code"] == "TOO_FEW_PHOTOS"
    assert "of 1000 files only 1 can be used, 999 are copies" in result.verdict["message"]
    assert len(result.metrics["leftOut"]) == result.metrics["photoQuality"]["copies"] == 999
    assert result.metrics["leftOut"][0]["reason"] == "the same picture as 0000.jpg, which is used"
    assert [path.name for path in (job.output / "images").rglob("*.jpg")] == ["0000.jpg"]
    assert result.peak_mb < MAX_MB


def test_noise_ends_with_too_few_points(new_job: NewJob) -> None:
    job = new_job()
    job.photos.mkdir(parents=True)
    for index in range(6):
        pixels = np.random.default_rng(index).integers(0, 256, (480, 640, 3), np.uint8)
        Image.fromarray(pixels).save(job.photos / f"{index}.jpg", quality=95)

    result = job.run()

    assert result.status == 0, result.stderr
    assert result.verdict["code"] == "TOO_FEW_POINTS"
    assert len(result.metrics["unregistered"]) == 6
    assert result.peak_mb < MAX_MB


def test_photos_of_one_pixel_end_with_too_few_photos(new_job: NewJob) -> None:
    job = new_job()
    job.photos.mkdir(parents=True)
    for index in range(5):
        Image.new("RGB", (1, 1), (index, 0, 0)).save(job.photos / f"{index}.jpg")

    result = job.run()

    assert result.status == 0, result.stderr
    assert result.verdict["code"] == "TOO_FEW_PHOTOS"
    assert {entry["reason"] for entry in result.metrics["unregistered"]} == {"too small: 1 x 1 pixels"}


def test_photos_of_unusual_kinds_fit_among_ordinary_ones_and_useless_ones_are_named(
    new_job: NewJob, place: Place
) -> None:
    job = new_job()
    views = survey_views()
    pictures = [place.render(view) for view in views]
    for view, picture in zip(views, pictures, strict=True):
        save_photo(job.photos / view.name, picture)
    unusual = {1: "cmyk.jpg", 4: "grey-16.tif", 5: "grey-16.png", 6: "colour-16.png"}
    for index in unusual:
        (job.photos / views[index].name).unlink()
    grey = np.asarray(pictures[4].convert("L")).astype(np.uint16) * 257
    pictures[1].convert("CMYK").save(job.photos / "cmyk.jpg", quality=95)
    Image.fromarray(grey).save(job.photos / "grey-16.tif")
    Image.fromarray(np.asarray(pictures[5].convert("L")).astype(np.uint16) * 257).save(job.photos / "grey-16.png")
    save_png_of_16_bits(job.photos / "colour-16.png", np.asarray(pictures[6]).astype(np.uint16) * 257)
    Image.new("RGB", (640, 480)).save(job.photos / "lens-cap.jpg")
    Image.new("RGB", (1, 1)).save(job.photos / "dot.jpg")
    (job.photos / "copy.jpg").write_bytes((job.photos / views[0].name).read_bytes())

    result = job.run()

    assert result.verdict["ok"], result.verdict
    assert result.metrics["registered"] == len(views)
    assert {entry["name"]: entry["reason"] for entry in result.metrics["unregistered"]} == {
        "dot.jpg": "too small: 1 x 1 pixels",
        "lens-cap.jpg": "all of it is black: too dark, or taken with the lens covered",
    }
    assert [entry["name"] for entry in result.metrics["leftOut"]] == [views[0].name]
    assert result.metrics["photos"] == len(views) + 2
    assert "One photo is a copy" in result.metrics["warnings"][0]
    assert result.peak_mb < MAX_MB


@pytest.mark.parametrize("ending", ["jpg", "png"])
def test_photos_of_200_megapixels_are_prepared_in_bounded_memory(new_job: NewJob, ending: str) -> None:
    job = new_job()
    job.photos.mkdir(parents=True)
    for index in range(2):
        small = np.random.default_rng(index).integers(0, 256, (50, 100), np.uint8)
        huge = Image.fromarray(small).resize((20_000, 10_000), Image.Resampling.NEAREST)
        huge.save(job.photos / f"{index}.{ending}", quality=80, compress_level=1)

    result = job.run()

    assert result.status == 0, result.stderr
    assert result.verdict["code"] == "TOO_FEW_PHOTOS"
    assert result.report is not None and result.report["inputs"]["decoded"] == 2
    for path in (job.output / "images").iterdir():
        with Image.open(path) as prepared:
            assert prepared.size == (240, 120)
    print(f"{ending}: {result.peak_mb} MB")
    assert result.peak_mb < MAX_MB
