"""Ground control on a model whose ground is bent, and the conventions of its marks."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps
from sfm_testing.bent_model import DISTORTION, FOCAL_PX, SIZE, BentModel, bent_model, pixel_of
from sfm_testing.photo_files import gps_of
from spaceport_common.errors import StageError
from spaceport_sfm.alignment import fit_similarity
from spaceport_sfm.control_file import GroundPoint, read_ground_points, upright_mark
from spaceport_sfm.ground_control import ControlFailure, lay_on_control
from spaceport_sfm.photo_metadata import read_metadata
from spaceport_sfm.photo_preparation import PreparedPhoto
from spaceport_sfm.photo_quality import PhotoQuality
from spaceport_sfm.positions import Origin
from spaceport_sfm.tuning import ControlTuning

Floats = NDArray[np.float64]

ORIGIN = Origin(47.0, 8.0, 400.0)
SHARP = PhotoQuality(detail=1.0, black=0.0, white=0.0, digest="", thumbnail=None)
CORNERS = [(-70.0, -45.0), (70.0, -45.0), (70.0, 45.0), (-70.0, 45.0), (0.0, 0.0)]
CHECKS = [(-35.0, 20.0), (35.0, -20.0), (30.0, 40.0), (-30.0, -40.0)]


def prepared(bent: BentModel) -> list[PreparedPhoto]:
    metadata = read_metadata(Image.new("L", SIZE))
    return [PreparedPhoto(f"in/{view.name}", view.name, SIZE, SIZE, SIZE, metadata, SHARP) for view in bent.views]


def ground_points(bent: BentModel, shift: float = 0.0) -> list[GroundPoint]:
    """Marked exactly, in the stored photos' own pixels, whose first has its middle at 0, 0."""
    points = []
    for number, (east, north) in enumerate([*CORNERS, *CHECKS]):
        place = np.array([east, north, 0.5 * number])
        marks = {
            f"in/{view.name}": (float(pixel[0]) - 0.5 + shift, float(pixel[1]) - 0.5 + shift)
            for view in bent.views
            if (pixel := pixel_of(view, place)) is not None
        }
        name = f"{'check' if number >= len(CORNERS) else 'gcp'}-{number}"
        points.append(GroundPoint(name, gps_of(place), marks))
    return points


def ground_errors(bent: BentModel) -> Floats:
    """float64[N, 3]: places of the model's points minus the true ones."""
    return np.array([bent.model.point3D(id_).xyz - place for id_, place in bent.ground.items()])


def test_control_takes_the_bend_out_of_the_ground() -> None:
    bent = bent_model()
    ids = list(bent.ground)
    found = np.array([bent.model.point3D(id_).xyz for id_ in ids])
    truth = np.array([bent.ground[id_] for id_ in ids])
    before = np.abs((fit_similarity(found, truth)(found) - truth)[:, 2])
    observations = bent.model.compute_num_observations()

    controlled = lay_on_control(bent.model, prepared(bent), ground_points(bent), ORIGIN, ControlTuning(), 2)

    after = np.abs(ground_errors(bent)[:, 2])
    assert np.percentile(before, 90) > 0.5  # the test's own bend: nothing else would be shown
    assert np.percentile(after, 90) < 0.005 * 140  # flatness: half a percent of the extent
    assert np.percentile(after, 90) < 0.2 * np.percentile(before, 90)
    assert np.abs(controlled.errors(check=False)).max() < 0.05
    assert len(controlled.errors(check=True)) == len(CHECKS)
    assert np.abs(controlled.errors(check=True)).max() < 0.15
    assert bent.model.compute_num_observations() == observations
    assert set(bent.ground) == {int(id_) for id_ in bent.model.point3D_ids()}


def test_focal_length_and_distortion_are_found_where_the_photos_tell_them() -> None:
    bent = bent_model(pixel_noise=0.01)
    lay_on_control(bent.model, prepared(bent), ground_points(bent), ORIGIN, ControlTuning(), 2)
    camera = bent.model.camera(1)
    assert camera.mean_focal_length() == pytest.approx(FOCAL_PX, rel=0.003)
    assert camera.params[3] == pytest.approx(DISTORTION, rel=0.02)


def test_check_points_are_only_measured() -> None:
    one, other = bent_model(), bent_model()
    points = ground_points(one)
    moved = [
        GroundPoint(point.name, (point.place[0] + 1e-3, *point.place[1:]), point.marks) if point.is_check else point
        for point in points
    ]
    lay_on_control(one.model, prepared(one), points, ORIGIN, ControlTuning(), 1)
    measured = lay_on_control(other.model, prepared(other), moved, ORIGIN, ControlTuning(), 1)
    centers = [
        np.array([model.image(id_).projection_center() for id_ in model.reg_image_ids()])
        for model in (one.model, other.model)
    ]
    assert np.allclose(centers[0], centers[1], atol=1e-6)
    assert measured.errors(check=True)[:, 1] == pytest.approx(-111.2, abs=0.3)


def test_marks_count_from_the_middle_of_the_first_pixel() -> None:
    """A mark that is off by half a pixel, everywhere the same way, moves the measured points by as much."""
    errors = []
    for shift in (0.0, 0.5):
        bent = bent_model()
        controlled = lay_on_control(bent.model, prepared(bent), ground_points(bent, shift), ORIGIN, ControlTuning(), 1)
        errors.append(float(np.sqrt(np.mean(controlled.errors(check=False) ** 2))))
    assert errors[0] < 0.5 * errors[1]


def with_orientation(image: Image.Image, orientation: int) -> Image.Image:
    exif = image.getexif()
    exif[ExifTags.Base.Orientation] = orientation
    return image


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_mark_turns_with_the_photo(orientation: int) -> None:
    """One bright pixel, found again in the upright photo."""
    stored = Image.new("L", (40, 30))
    stored.putpixel((7, 4), 255)
    upright = ImageOps.exif_transpose(with_orientation(stored, orientation))
    rows, columns = np.nonzero(np.asarray(upright))
    mark = upright_mark((7.0, 4.0), orientation, upright.size, upright.size)
    assert mark.tolist() == [columns[0] + 0.5, rows[0] + 0.5]
    half = (upright.size[0] // 2, upright.size[1] // 2)
    assert upright_mark((7.0, 4.0), orientation, upright.size, half).tolist() == (mark / 2).tolist()


@pytest.mark.parametrize(
    ("corners", "said"),
    [
        ([(-70.0, -45.0), (70.0, 45.0)], "2 control points"),
        ([(-60.0, 0.0), (-20.0, 0.0), (20.0, 0.0), (60.0, 0.0)], "one line"),
    ],
)
def test_too_few_points_and_points_on_a_line_are_refused(corners: list[tuple[float, float]], said: str) -> None:
    bent = bent_model()
    points = [
        GroundPoint(
            f"gcp-{number}",
            gps_of(np.array([*corner, 0.0])),
            {
                f"in/{view.name}": (float(pixel[0]), float(pixel[1]))
                for view in bent.views
                if (pixel := pixel_of(view, np.array([*corner, 0.0]))) is not None
            },
        )
        for number, corner in enumerate(corners)
    ]
    with pytest.raises(ControlFailure, match=said):
        lay_on_control(bent.model, prepared(bent), points, ORIGIN, ControlTuning(), 1)


def test_points_of_another_place_do_not_fit() -> None:
    bent = bent_model()
    points = ground_points(bent)
    turned = [GroundPoint(a.name, b.place, a.marks) for a, b in zip(points, points[2:] + points[:2], strict=True)]
    with pytest.raises(ControlFailure, match="do not fit"):
        lay_on_control(bent.model, prepared(bent), turned, ORIGIN, ControlTuning(), 1)


def test_a_mark_outside_of_its_photo_is_named() -> None:
    bent = bent_model()
    first, *others = ground_points(bent)
    outside = GroundPoint("corner", first.place, {**first.marks, "in/0-0.jpg": (5000.0, 10.0)})
    with pytest.raises(ControlFailure, match=r'"corner" is marked outside of the photo "in/0-0.jpg"'):
        lay_on_control(bent.model, prepared(bent), [outside, *others], ORIGIN, ControlTuning(), 1)


def read(folder: Path, text: str) -> list[GroundPoint]:
    (folder / "gcp_list.txt").write_text(text, "utf-8")
    return read_ground_points(folder, ["gcp_list.txt"], ["a/DJI 1.JPG", "a/DJI_2.JPG"])


LINES = [
    "500000 5200000 400 10 20.5 DJI 1.JPG gcp1",
    "500000 5200000 400 30 40 DJI_2.JPG",
    "500010 5200000 401 50 60 DJI_2.JPG",
    "500000 5200010 402 70 80 dji_2.jpg gcp3 extra",
    "500005 5200005 402 70 80 DJI_2.JPG Check-4",
    "500005 5200005 402 70 80 other.jpg Check-4",
]


def test_points_are_told_by_their_coordinates_and_named_where_they_have_a_name(tmp_path: Path) -> None:
    points = read(tmp_path, "\n".join(["WGS84 UTM 32N", "# comment", *LINES]))
    assert [(point.name, point.is_check) for point in points] == [
        ("gcp1", False),
        ("point 2", False),
        ("gcp3", False),
        ("Check-4", True),
    ]
    assert points[0].marks == {"a/DJI 1.JPG": (10.0, 20.5), "a/DJI_2.JPG": (30.0, 40.0)}
    assert points[0].place == pytest.approx((46.9535292, 9.0, 400.0))


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["EPSG:4326+5773", "8 47 400 1 2 DJI_2.JPG"], "us_nga_egm96_15.tif"),
        (["nothing", *LINES], "line 1"),
        (["WGS84 UTM 32N", "500000 5200000 400 10 DJI_2.JPG"], "line 2"),
        (["WGS84 UTM 32N", LINES[0], LINES[0]], "twice"),
        (["WGS84 UTM 32N", *LINES[:3]], "2 control points are marked"),
        (["WGS84 UTM 32N", "500000 5200000 400 10 20 other.jpg"], "none of the photos"),
    ],
)
def test_a_list_that_cannot_be_honoured_ends_the_run_with_the_reason(
    tmp_path: Path, lines: list[str], said: str
) -> None:
    with pytest.raises(StageError, match=said) as caught:
        read(tmp_path, "\n".join(lines))
    assert caught.value.code == "POSITION_FILE_INVALID"
