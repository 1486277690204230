"""The ladder: what is tried where photos are missing, and what of it counts."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from shutil import copyfile

import numpy as np
import pycolmap
import pytest
from PIL import Image
from spaceport_sfm.camera_tags import CameraTags
from spaceport_sfm.cameras import group_cameras
from spaceport_sfm.feature_database import FeatureDatabase
from spaceport_sfm.mapping import MappingOptions
from spaceport_sfm.model_quality import photo_names, points_in_three
from spaceport_sfm.pair_graph import Pair
from spaceport_sfm.photo_metadata import PhotoMetadata
from spaceport_sfm.photo_preparation import PreparedPhoto
from spaceport_sfm.photo_quality import measure_quality
from spaceport_sfm.registration import Registration
from spaceport_sfm.tuning import LadderTuning, Tuning

OPTIONS = MappingOptions(pixel_scale=1.0, use_position_priors=False, refine_focal_length=False, threads=2, seed=0)
PHOTOS = 12
Weaken = Callable[[int, int], int | None]


def a_database(folder: Path, weaken: Weaken) -> FeatureDatabase:
    """Matches of twelve cameras around a cloud of points; `weaken(i, j)` says how many of a pair stay, of the
    first points of i; None all."""
    pycolmap.set_random_seed(4)
    options = pycolmap.SyntheticDatasetOptions(num_rigs=1, num_frames_per_rig=PHOTOS, num_points3D=600)
    with pycolmap.Database.open(folder / "database.db") as database:
        pycolmap.synthesize_dataset(options, database)
        images = sorted(database.read_all_images(), key=lambda image: image.image_id)
        for i, first in enumerate(images):
            for j, second in enumerate(images[:i]):
                kept = weaken(j, i)
                if kept is None or not database.exists_two_view_geometry(second.image_id, first.image_id):
                    continue
                geometry = database.read_two_view_geometry(second.image_id, first.image_id)
                in_order = geometry.inlier_matches[np.argsort(geometry.inlier_matches[:, 0])]
                geometry.inlier_matches = in_order[:kept]
                database.delete_two_view_geometry(second.image_id, first.image_id)
                database.delete_matches(second.image_id, first.image_id)
                if kept:
                    database.write_matches(second.image_id, first.image_id, geometry.inlier_matches)
                    database.write_two_view_geometry(second.image_id, first.image_id, geometry)
    metadata, quality = PhotoMetadata(1, None, CameraTags(), None), measure_quality(Image.new("L", (64, 48)))
    size = (1024, 768)
    photos = [PreparedPhoto(image.name, image.name, size, size, size, metadata, quality) for image in images]
    return FeatureDatabase(folder / "database.db", folder, folder, photos, group_cameras(photos, 1.2))


def climb(
    database: FeatureDatabase,
    ladder: LadderTuning | None = None,
    enrich: Callable[[list[str], set[str]], None] = lambda *_: None,
    min_points: int = 0,
) -> Registration:
    """A run with all pairs matched; by default without a way to more features."""
    pairs: list[Pair] = [(i, j) for j in range(PHOTOS) for i in range(j)]
    registration = Registration(
        database,
        database.path.parent,
        OPTIONS,
        replace(Tuning(), ladder=ladder or LadderTuning(max_enriched=0)),
        pairs,
        match=lambda _: None,
        enrich=enrich,
        min_points=min_points,
        fit=lambda _: None,
        on_registered=lambda _: None,
    )
    registration.run()
    return registration


def test_pairs_that_were_passed_over_are_matched_once_photos_are_missing(tmp_path: Path) -> None:
    database = a_database(tmp_path, lambda first, second: 0 if second == PHOTOS - 1 else None)
    every: list[Pair] = [(i, j) for j in range(PHOTOS) for i in range(j)]
    passed = [pair for pair in every if PHOTOS - 1 in pair]
    matched: list[list[Pair]] = []
    registration = Registration(
        database,
        tmp_path,
        OPTIONS,
        replace(Tuning(), ladder=LadderTuning(max_enriched=0)),
        [pair for pair in every if pair not in passed],
        passed=passed,
        match=matched.append,
        enrich=lambda *_: None,
        min_points=0,
        fit=lambda _: None,
        on_registered=lambda _: None,
    )
    registration.run()
    assert matched == [passed]


def halves(first: int, second: int) -> int | None:
    """Two halves of the photos; only the last one of the first half matches the second half, in sixteen points."""
    if (first < PHOTOS // 2) == (second < PHOTOS // 2):
        return None
    return 16 if first == PHOTOS // 2 - 1 else 0


def test_a_set_that_is_placed_wholly_at_once_pays_for_nothing_else(tmp_path: Path) -> None:
    registration = climb(a_database(tmp_path, lambda *_: None))
    assert len(photo_names(registration.models[0])) == PHOTOS
    assert [attempt.name for attempt in registration.attempts] == ["standard"]


def test_two_models_become_one_where_few_matches_hold_them_together(tmp_path: Path) -> None:
    registration = climb(a_database(tmp_path, halves))
    first, second = registration.attempts[:2]
    assert (first.name, first.registered) == ("standard", PHOTOS // 2)
    assert (second.name, second.registered, second.taken) == ("continued", PHOTOS, True)
    assert len(registration.models) == 1


def test_photos_that_match_no_others_end_the_ladder(tmp_path: Path) -> None:
    registration = climb(a_database(tmp_path, lambda _, second: 0 if second >= 10 else None))
    assert len(photo_names(registration.models[0])) == 10
    assert [attempt.name for attempt in registration.attempts] == ["standard"]


def test_a_photo_that_few_points_hold_is_taken_out_again(tmp_path: Path) -> None:
    """Sixteen points are enough to place it on weaker conditions, and too few to believe that."""

    def weak(first: int, second: int) -> int | None:
        return None if first > 0 else 16 if second < 3 else 0

    registration = climb(a_database(tmp_path, weak))
    tried = [attempt for attempt in registration.attempts if attempt.name != "standard"]
    assert tried and not any(attempt.taken for attempt in tried)
    assert {attempt.refused for attempt in tried} <= {"it places no more photos", "nothing could be placed"}
    assert len(photo_names(registration.models[0])) == PHOTOS - 1


def test_a_model_that_contradicts_an_earlier_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = a_database(tmp_path, halves)
    joined = climb(database).models[0]
    bent = pycolmap.Reconstruction(joined)
    for number, frame in enumerate(bent.frames.values()):
        pose = frame.rig_from_world
        frame.rig_from_world = pycolmap.Rigid3d(pose.rotation, pose.translation + np.array([0.3 * (number % 3), 0, 0]))
    real = Registration._mapped

    def mapped(self: Registration, *args: object, **kwargs: object) -> list[pycolmap.Reconstruction]:
        models = real(self, *args, **kwargs)  # type: ignore[arg-type]
        return models if self.attempts[-1].name == "standard" else [pycolmap.Reconstruction(bent)]

    monkeypatch.setattr(Registration, "_mapped", mapped)
    again = tmp_path / "again"
    again.mkdir()
    registration = climb(a_database(again, halves))
    assert len(photo_names(registration.models[0])) == PHOTOS // 2
    refusals = [attempt.refused or "" for attempt in registration.attempts if not attempt.taken]
    assert refusals and all("elsewhere" in refusal for refusal in refusals)


@pytest.mark.parametrize("richer, taken", [(None, True), (60, False)], ids=["more matches", "as many matches"])
def test_too_few_points_are_reason_enough_for_features_of_all_photos(
    tmp_path: Path, richer: int | None, taken: bool
) -> None:
    (tmp_path / "few").mkdir()
    (tmp_path / "many").mkdir()
    few = a_database(tmp_path / "few", lambda *_: 60)
    many = a_database(tmp_path / "many", lambda *_: richer)
    asked: list[tuple[list[str], set[str]]] = []

    def enrich(names: list[str], missing: set[str]) -> None:
        asked.append((names, missing))
        copyfile(many.path, few.path)

    registration = climb(few, LadderTuning(), enrich, min_points=500)
    names = [photo.image_name for photo in few.photos]
    assert asked == [(names, set(names))]
    assert [(attempt.name, attempt.taken) for attempt in registration.attempts] == [
        ("standard", True),
        ("more points", taken),
    ]
    assert photo_names(registration.models[0]) == set(names)
    assert (points_in_three(registration.models[0]) >= 500) is taken
