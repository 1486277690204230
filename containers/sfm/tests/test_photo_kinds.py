"""Real runs over rendered photos of unusual kinds: cut positions, sizes that differ, transparent parts, only XMP."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sfm_testing.job import Job, Result
from sfm_testing.photo_files import ORIGIN, gps_of, save_photo
from sfm_testing.place import Place, View, survey_views
from sfm_testing.survey import model_of

NewJob = Callable[..., Job]


def heights(job: Job) -> list[float]:
    """Metres or units above the middle of the ground."""
    model = model_of(job)
    return [-float(model.image(image_id).projection_center()[1]) for image_id in model.reg_image_ids()]


def check_sizes(job: Job) -> None:
    """Every camera has the size of its prepared photos: training refuses anything else."""
    model = model_of(job)
    for image in model.images.values():
        camera = model.camera(image.camera_id)
        with Image.open(job.output / "images" / image.name) as photo:
            assert photo.size == (camera.width, camera.height)


def run_with(new_job: NewJob, place: Place, save: Callable[[Path, Image.Image, View, int], None]) -> tuple[Job, Result]:
    job, views = new_job(), survey_views()
    for number, view in enumerate(views):
        save(job.photos / view.name, place.render(view), view, number)
    result = job.run()
    assert result.verdict["ok"] and result.metrics["registered"] == len(views), result.report
    return job, result


def test_s02_a_hanging_receiver_gives_a_plain_frame_and_the_reason(new_job: NewJob, place: Place) -> None:
    views = survey_views()

    def save(path: Path, image: Image.Image, view: View, number: int) -> None:
        save_photo(path, image, gps=gps_of(views[min(number, 3)].center))

    job, result = run_with(new_job, place, save)

    assert result.metrics["georeferenced"] is False
    assert result.metrics["frame"]["reason"] == "13 of 16 photos have the same GPS position as another photo"
    assert result.metrics["frame"]["code"] == "NOT_GEOREFERENCED"
    assert result.metrics["warnings"] == [f"The scene is not georeferenced: {result.metrics['frame']['reason']}."]
    assert not (job.output / "georeference.json").exists()
    assert 5 < np.median(heights(job)) < 15  # the median distance is 10


def test_s03_photos_of_one_camera_that_differ_by_a_row_share_it_and_fit_training(new_job: NewJob, place: Place) -> None:
    def save(path: Path, image: Image.Image, view: View, number: int) -> None:
        larger = image.resize((1000, 750))
        save_photo(path, larger.crop((0, 0, 1000, 749 + number % 2)), gps=gps_of(view.center))

    job, _ = run_with(new_job, place, save)

    check_sizes(job)
    assert len(model_of(job).cameras) == 1


def test_s03_photos_cropped_by_one_pixel_or_turned_fit_training(new_job: NewJob, place: Place) -> None:
    def save(path: Path, image: Image.Image, view: View, number: int) -> None:
        larger = image.resize((1000, 750)).crop((0, 0, 1000 - number % 2, 750))
        turned = larger.transpose(Image.Transpose.ROTATE_90) if number % 3 == 2 else larger
        save_photo(path, turned, gps=gps_of(view.center))

    job, result = run_with(new_job, place, save)

    check_sizes(job)
    assert result.metrics["georeferenced"] is True


def test_s04_photos_with_their_position_in_xmp_alone_are_laid_on_the_map(new_job: NewJob, place: Place) -> None:
    def save(path: Path, image: Image.Image, view: View, number: int) -> None:
        latitude, longitude, altitude = gps_of(view.center)
        save_photo(
            path,
            image,
            xmp=f'<x drone-dji:GpsLatitude="{latitude:+.8f}" drone-dji:GpsLongtitude="{longitude:+.8f}" '
            f'drone-dji:AbsoluteAltitude="{altitude:+.2f}"/>',
        )

    job, result = run_with(new_job, place, save)

    assert result.metrics["georeferenced"] is True
    assert result.metrics["frame"]["cameraHeight"] == pytest.approx(30, abs=3)
    assert (job.output / "georeference.json").exists()


def test_s06_a_flight_across_the_180th_meridian_stands_upright(new_job: NewJob, place: Place) -> None:
    def save(path: Path, image: Image.Image, view: View, number: int) -> None:
        latitude, longitude, altitude = gps_of(view.center)
        save_photo(path, image, gps=(latitude, (longitude - ORIGIN[1] + 360) % 360 - 180, altitude))

    job, result = run_with(new_job, place, save)

    assert result.metrics["georeferenced"] is True
    assert np.median(heights(job)) == pytest.approx(30, abs=3)
    assert result.metrics["frame"]["groundBelowShare"] > 0.99


def test_s07_transparent_parts_give_no_features(new_job: NewJob, place: Place) -> None:
    """The same noise is hidden in every photo: it would match itself anywhere."""
    noise = Image.fromarray(np.random.default_rng(9).integers(0, 255, (360, 480, 3), np.uint8))
    mask = Image.new("L", (480, 360), 0)
    mask.paste(255, (60, 40, 420, 320))

    def save(path: Path, image: Image.Image, view: View, number: int) -> None:
        masked = Image.composite(image, noise, mask)
        masked.putalpha(mask)
        path.parent.mkdir(parents=True, exist_ok=True)
        masked.save(path.with_suffix(".png"))

    job, result = run_with(new_job, place, save)

    assert result.report is not None and result.report["inputs"]["masked"] == 16
    model = model_of(job)
    for image in model.images.values():
        # The mask is that of the photos for training, half as large.
        points = np.array([point.xy for point in image.points2D])
        assert (points.min(axis=0) > (30, 20)).all() and (points.max(axis=0) < (210, 160)).all()
        assert (job.output / "masks" / f"{image.name}.png").exists()


def test_s09_thermal_photos_beside_colour_ones_are_left_out_and_do_not_count(new_job: NewJob, place: Place) -> None:
    """As many of them: half of the photos could not fit, which is too few."""

    def save(path: Path, image: Image.Image, view: View, number: int) -> None:
        save_photo(path, image, gps=gps_of(view.center))
        thermal = path.with_name(f"infrared-{number}.jpg")
        save_photo(thermal, image.resize((640, 512)), xmp='<x drone-dji:ImageSource="InfraredCamera"/>')

    job, result = run_with(new_job, place, save)

    assert result.metrics["photos"] == 16 and result.metrics["unregistered"] == []
    assert len(result.metrics["leftOut"]) == 16
    assert {entry["reason"] for entry in result.metrics["leftOut"]} == {"a thermal photo: the colour photos are used"}
    assert not list(job.output.glob("images/**/infrared-*"))
