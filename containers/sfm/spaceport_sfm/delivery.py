"""Files beside the model that people and pages read: photos.json, thumbnails, scene.json and coverage.png.

The first two are there of a rejected result, too, the others of every model.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from spaceport_common.report import write_json

from .coverage import coverage_map, write_coverage
from .photo_facts import Connections, Placement, photos_file
from .photo_preparation import PreparedPhoto, RejectedPhoto
from .positions import PositionFacts
from .scene_facts import scene_file, visibility
from .scene_file import SceneFile
from .thumbnails import write_thumbnails


def deliver(
    output: Path,
    prepared: Sequence[PreparedPhoto],
    unused: Sequence[RejectedPhoto],
    connections: Connections,
    facts: PositionFacts | None,
    placement: Placement | None,
    threads: int,
) -> SceneFile | None:
    """Writes the files below `output`, which has the prepared photos. `placement`: None where nothing was mapped.

    Returns the content of scene.json; None where there is none.
    """
    photos = photos_file(prepared, unused, connections, facts, placement)
    write_json(output / "photos.json", photos.model_dump(by_alias=True))
    write_thumbnails(prepared, output / "images", output, threads)
    if placement is None or placement.model.num_points3D() == 0:
        return None
    return _deliver_scene(output, {photo.image_name: photo for photo in prepared}, placement)


def _deliver_scene(output: Path, photos: Mapping[str, PreparedPhoto], placement: Placement) -> SceneFile:
    points, seen_point, seen_by = visibility(placement.model)
    ground = coverage_map(points, seen_point, seen_by)
    drawn = None if ground is None else write_coverage(ground, output / "coverage.png")
    views_of_point = np.bincount(seen_point, minlength=len(points))
    scene = scene_file(placement, photos, points, views_of_point, drawn)
    write_json(output / "scene.json", scene.model_dump(by_alias=True))
    return scene
