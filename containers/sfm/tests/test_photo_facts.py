"""What is known of photos that have no place, and of positions that may be mirrored."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
from PIL import Image
from spaceport_sfm.alignment import Alignment, Similarity
from spaceport_sfm.export_frame import Frame, GpsAlignment
from spaceport_sfm.frame_checks import FrameNumbers
from spaceport_sfm.photo_facts import Connections, gps_residuals, photos_file, unregistered_photos
from spaceport_sfm.photo_metadata import read_metadata
from spaceport_sfm.photo_preparation import PreparedPhoto, RejectedPhoto
from spaceport_sfm.photo_quality import PhotoQuality
from spaceport_sfm.positions import Origin, Positions

SHARP = PhotoQuality(detail=1.0, black=0.0, white=0.0, digest="", thumbnail=None)


def photo(name: str) -> PreparedPhoto:
    size = (640, 480)
    return PreparedPhoto(name, f"{name}.jpg", size, size, size, read_metadata(Image.new("L", size)), SHARP)


PHOTOS = [photo(name) for name in "abcdef"]
CONNECTIONS = Connections(
    features={f"{name}.jpg": 4000 for name in "abcde"} | {"f.jpg": 20},
    partners={f"{name}.jpg": 3 for name in "abcde"},
    parts=[frozenset({"a.jpg"}), frozenset({"b.jpg", "c.jpg", "d.jpg"})],
)


def test_a_photo_of_another_part_is_told_so_and_the_others_what_they_lack() -> None:
    found = unregistered_photos(PHOTOS, [RejectedPhoto("x.txt", "not an image")], CONNECTIONS)
    reasons = {entry.name: entry.reason for entry in found}
    assert list(reasons) == ["x.txt", "b", "c", "d", "e", "f"]
    assert "fits together with 2 other photos, in a part" in reasons["b"]
    assert "overlaps with 3 other photos" in reasons["e"]
    assert "almost nothing to recognise" in reasons["f"]
    assert [entry.thumbnail for entry in found][:2] == [None, "thumbnails/b.jpg.webp"]


def test_the_file_and_the_report_give_one_reason() -> None:
    content = photos_file(PHOTOS, [], CONNECTIONS, None, None)
    reasons = {entry.name: entry.reason for entry in unregistered_photos(PHOTOS, [], CONNECTIONS)}
    for entry in content.photos[1:]:
        assert entry.why_not == reasons[entry.name]
    assert [entry.part for entry in content.photos] == [0, 1, 1, 1, None, None]


def test_positions_that_may_be_mirrored_have_no_residuals() -> None:
    origin = Origin(47, 8, 400)
    positions = Positions(np.zeros((1, 3)), origin, np.ones((1, 3)), signed=False)
    stay = Similarity(1.0, np.eye(3), np.zeros(3))
    gps = GpsAlignment(Alignment(stay, np.ones(1, bool), 0.0), "position", positions, 1.0)
    numbers = FrameNumbers(1, 1, 1, None, None, 1)
    frame = Frame(stay, gps, None, numbers, None)
    image = SimpleNamespace(name="a.jpg", projection_center=lambda: np.array([1.0, 2.0, 3.0]))
    model = cast(Any, SimpleNamespace(reg_image_ids=lambda: [1], image=lambda _: image))
    assert gps_residuals(model, PHOTOS[:1], positions, frame) == {}
    residuals = gps_residuals(model, PHOTOS[:1], replace(positions, signed=True), frame)
    assert residuals["a.jpg"].tolist() == [1, 2, 3]
