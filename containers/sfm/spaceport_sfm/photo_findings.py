"""What is wrong with single photos of a set, as far as the photos tell before they are matched.

Only copies are left out: they add nothing, and a thousand of them cost as much as a thousand photos. The rest is said
and used: a blurred photo may be the only one of its place.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Annotated, Literal

import numpy as np
from spaceport_common.report import Reported
from spaceport_common.settings import doc

from .photo_metadata import PhotoMetadata
from .photo_preparation import PreparedPhoto, RejectedPhoto
from .positions import Positions

Finding = Literal["blurred", "dark", "bright", "repeated", "far away", "other camera"]

# docs/checks.md has the distributions that these numbers come from.
MIN_DETAIL_SHARE = 0.35  # of the median of the photos of one camera
MIN_DETAIL = 0.12  # of any photo, where all are blurred
MIN_OF_CAMERA = 5  # photos of one camera that have a median of their own
MAX_CLIPPED = 0.5  # part of a photo that is black, or white
SAME_PICTURE = 0.98  # correlation of thumbnails: moved by less than half a percent of the width
SAME_PLACE_M = 2.0  # positions of a hovering drone scatter by less
MAX_BLURRED_SHARE = 0.1  # of the photos; more, and a person is told
MAX_OTHER_SHARE = 0.1  # photos of another camera, over those of the commonest one


class PhotoFinding(Reported):
    """Something that a person should know of one photo. It was used all the same."""

    name: Annotated[str, doc("Path below the photo folder.")]
    finding: Annotated[Finding, doc("What is wrong with it.")]
    reason: Annotated[str, doc("In words, for people.")]
    score: float | None
    """`blurred`: sharpness, 1 = usual in this set. `dark`, `bright`: part of the photo. `repeated`: correlation."""


class PhotoQualityMetrics(Reported):
    """What the photos tell of themselves before they are matched."""

    copies: Annotated[int, doc("Photos left out since another is the same in every pixel.")]
    detail: Annotated[float | None, doc("Median sharpness; below 0.12 all are blurred. Null where all are plain.")]
    findings: Annotated[list[PhotoFinding], doc("Photos that are blurred, badly exposed, or that stand apart.")]

    def reasons(self, photos: Sequence[PreparedPhoto]) -> dict[str, str]:
        """What was found, in words, by image name; only photos that something was found of."""
        found: defaultdict[str, list[str]] = defaultdict(list)
        for finding in self.findings:
            found[finding.name].append(finding.reason)
        return {photo.image_name: "; ".join(found[photo.name]) for photo in photos if photo.name in found}


def without_copies(photos: Sequence[PreparedPhoto]) -> tuple[list[PreparedPhoto], list[RejectedPhoto]]:
    """One photo of each picture, and the others with the reason, in their order.

    Of several the first that has a position is kept, since copies that were sent by a messenger lose theirs.
    """
    same: defaultdict[str, list[PreparedPhoto]] = defaultdict(list)
    for photo in photos:
        same[photo.quality.digest].append(photo)
    kept = {digest: next(filter(_has_position, group), group[0]) for digest, group in same.items()}
    used = [photo for photo in photos if kept[photo.quality.digest] is photo]
    copies = [
        RejectedPhoto(photo.name, f"the same picture as {kept[photo.quality.digest].name}, which is used")
        for photo in photos
        if kept[photo.quality.digest] is not photo
    ]
    return used, copies


def quality_metrics(photos: Sequence[PreparedPhoto], copies: int, positions: Positions | None) -> PhotoQualityMetrics:
    """Of the photos that are used, in counting order, and of their positions where they have any."""
    details = [photo.quality.detail for photo in photos if photo.quality.detail is not None]
    found = [*_blurred(photos), *_exposed(photos), *_repeated(photos), *_far(photos, positions), *_others(photos)]
    order = {photo.name: index for index, photo in enumerate(photos)}
    return PhotoQualityMetrics(
        copies=copies,
        detail=round(float(np.median(details)), 3) if details else None,
        findings=sorted(found, key=lambda finding: order[finding.name]),
    )


def quality_warnings(quality: PhotoQualityMetrics, photos: int) -> list[str]:
    """Sentences for the person who sent the photos; `photos`: how many are used."""
    warnings = []
    if quality.copies > 0:
        warnings.append(
            f"{quality.copies} photos are copies of others in every pixel and were left out."
            if quality.copies > 1
            else "One photo is a copy of another in every pixel and was left out."
        )
    blurred = sum(finding.finding == "blurred" for finding in quality.findings)
    if blurred > MAX_BLURRED_SHARE * photos:
        warnings.append(f"{blurred} of {photos} photos are blurred: what no other photo shows will not be sharp.")
    return warnings


def _blurred(photos: Sequence[PreparedPhoto]) -> Iterator[PhotoFinding]:
    usual = _usual_detail(photos)
    for photo in photos:
        detail = photo.quality.detail
        if detail is not None and detail < max(MIN_DETAIL, MIN_DETAIL_SHARE * usual(photo)):
            score = detail / max(usual(photo), MIN_DETAIL)
            reason = f"blurred: {score:.0%} of the sharpness that is usual in these photos"
            yield _finding(photo, "blurred", reason if score < 1 else "blurred, as most of these photos are", score)


def _usual_detail(photos: Sequence[PreparedPhoto]) -> Callable[[PreparedPhoto], float]:
    """The median detail of the photos of a photo's camera, of all photos where these are few."""
    of_camera: defaultdict[object, list[float]] = defaultdict(list)
    for photo in photos:
        if photo.quality.detail is not None:
            of_camera[_camera(photo)].append(photo.quality.detail)
    everything = [detail for details in of_camera.values() for detail in details]
    whole = float(np.median(everything)) if everything else 0.0
    medians = {
        camera: float(np.median(details)) for camera, details in of_camera.items() if len(details) >= MIN_OF_CAMERA
    }
    return lambda photo: medians.get(_camera(photo), whole)


def _exposed(photos: Sequence[PreparedPhoto]) -> Iterator[PhotoFinding]:
    for photo in photos:
        if photo.quality.black > MAX_CLIPPED:
            yield _finding(photo, "dark", f"{photo.quality.black:.0%} of it is black", photo.quality.black)
        if photo.quality.white > MAX_CLIPPED:
            yield _finding(photo, "bright", f"{photo.quality.white:.0%} of it is white", photo.quality.white)


def _repeated(photos: Sequence[PreparedPhoto]) -> Iterator[PhotoFinding]:
    """Photos that show the same as the one before them by name: bursts, and photos of a hovering drone."""
    for before, photo in pairwise(photos):
        first, second = before.quality.thumbnail, photo.quality.thumbnail
        if first is None or second is None or _are_apart(before, photo):
            continue
        correlation = float(first @ second)
        if correlation >= SAME_PICTURE:
            yield _finding(photo, "repeated", f"shows the same as {before.name}, from one place", correlation)


def _far(photos: Sequence[PreparedPhoto], positions: Positions | None) -> Iterator[PhotoFinding]:
    if positions is not None:
        for photo, known in zip(photos, positions.known, strict=True):
            if not known and _has_position(photo):
                yield _finding(photo, "far away", "its GPS position is far from those of the other photos", None)


def _others(photos: Sequence[PreparedPhoto]) -> Iterator[PhotoFinding]:
    bodies = Counter(_body(photo) for photo in photos if _body(photo))
    if not bodies:
        return
    most, count = bodies.most_common(1)[0]
    for photo in photos:
        body = _body(photo)
        if body and bodies[body] < MAX_OTHER_SHARE * count:
            yield _finding(photo, "other camera", f"taken with {body}, and most with {most}", None)


def _finding(photo: PreparedPhoto, finding: Finding, reason: str, score: float | None) -> PhotoFinding:
    return PhotoFinding(
        name=photo.name, finding=finding, reason=reason, score=None if score is None else round(score, 3)
    )


def _position(metadata: PhotoMetadata) -> tuple[float, float] | None:
    fix = metadata.gps or metadata.xmp_gps
    return None if fix is None else (fix.latitude, fix.longitude)


def _has_position(photo: PreparedPhoto) -> bool:
    return _position(photo.metadata) is not None


def _are_apart(first: PreparedPhoto, second: PreparedPhoto) -> bool:
    """Whether both have positions that are further apart than a hovering drone's."""
    here, there = _position(first.metadata), _position(second.metadata)
    if here is None or there is None:
        return False
    metres_per_degree = 111_320.0
    north = (there[0] - here[0]) * metres_per_degree
    east = (there[1] - here[1]) * metres_per_degree * np.cos(np.radians(here[0]))
    return bool(np.hypot(north, east) > SAME_PLACE_M)


def _body(photo: PreparedPhoto) -> str:
    return photo.metadata.camera.name


def _camera(photo: PreparedPhoto) -> object:
    return _body(photo), photo.feature_size
