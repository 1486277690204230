"""Proves that the scene can be delivered: PlayCanvas's decoder opens it, and what comes out looks like the model."""

import json
import math
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from spaceport_common.errors import StageError
from spaceport_common.failures import delivery_differs, delivery_empty
from spaceport_common.opening_view import MIN_COVERED_PERCENT, PhotoCamera, Pose
from spaceport_common.progress import progress
from spaceport_common.report import ACCEPTED, Recorder, Verdict, rejected
from spaceport_common.sog.archive import read_archive
from spaceport_common.sog.decoder import Decoded
from spaceport_common.sog.gaussians import Gaussians

from ..formats.ply import read_ply
from ..formats.splat_transform import UnreadableSceneError, decode_to_ply
from ..settings import MIN_DECODED_PSNR_DB
from .pictures import Pictures, compare_pictures
from .values import Comparison, compare


@dataclass(frozen=True)
class Delivery:
    """verdict: the first of what is wrong. errors: as in Comparison. pictures: None where there is nothing to draw.

    readable: the file holds the model, within the format's bounds.
    """

    verdict: Verdict
    readable: bool
    errors: dict[str, float]
    pictures: Pictures | None


def check_delivery(
    model: Gaussians,
    scene: bytes,
    cameras: list[PhotoCamera],
    scratch: Path,
    recorder: Recorder,
    opening: Pose | None = None,
) -> Delivery:
    """Decodes the .sog `scene` with splat-transform in `scratch` and compares it with its `model`, in the file's order.

    Raises MemoryError where the decoder has too little memory, and OSError where the disk is full.
    """
    try:
        with recorder.phase("decode"):
            progress("decode", 0, 1)
            decoded = decoded_by_viewers(scene, len(model), scratch)
            progress("decode", 1, 1)
    except UnreadableSceneError as error:
        verdict = rejected("DELIVERY_UNREADABLE", f"PlayCanvas's own decoder cannot read it: {error}")
        return Delivery(verdict, False, {}, None)
    with recorder.phase("verify"):
        progress("verify", 0, 1)
        comparison = compare(model, decoded)
        progress("verify", 1, 1)
    pictures: Pictures | None = None
    if len(decoded.gaussians) == len(model):
        with recorder.phase("draw"):
            pictures = compare_pictures(model, decoded.gaussians, cameras, partial(progress, "draw"), opening)
    readable = not comparison.excess
    return Delivery(_verdict(comparison, pictures), readable, comparison.errors, pictures)


def _verdict(comparison: Comparison, pictures: Pictures | None) -> Verdict:
    """A model that no viewer can show comes first: its numbers may not fit the format either."""
    covered = math.floor(100 * pictures.covered) if pictures else 100
    if covered < MIN_COVERED_PERCENT:
        return rejected("DELIVERY_EMPTY", delivery_empty(covered=covered, needed=MIN_COVERED_PERCENT))
    if comparison.excess:
        differences = "; ".join(comparison.excess)
        return rejected("SOG_INCOMPLETE", f"the archive, read back, differs from the model: {differences}")
    if pictures and pictures.psnr < MIN_DECODED_PSNR_DB:
        message = delivery_differs(psnr=math.floor(pictures.psnr), needed=MIN_DECODED_PSNR_DB)
        return rejected("DELIVERY_DIFFERS", message)
    return ACCEPTED


def decoded_by_viewers(scene: bytes, count: int, scratch: Path) -> Decoded:
    """What splat-transform makes of a .sog of `count` Gaussians, with files in `scratch`.

    Raises UnreadableSceneError, MemoryError and OSError as decode_to_ply does.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as name:
        folder = Path(name)
        (folder / "scene.sog").write_bytes(scene)
        decode_to_ply(folder / "scene.sog", folder / "scene.ply", count)
        try:
            gaussians = read_ply(folder / "scene.ply")
        except StageError as error:
            raise UnreadableSceneError(f"what it made of it is not a model: {error.sentence}") from None
    return Decoded(gaussians, json.loads(read_archive(scene)["meta.json"]))
