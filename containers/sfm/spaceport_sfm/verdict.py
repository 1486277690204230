"""The gates, and the sentence for the pilot where one rejects the model. Pure rules over counts."""

from dataclasses import dataclass
from typing import Literal

from spaceport_common.failures import too_few_points, too_few_registered
from spaceport_common.report import ACCEPTED, Verdict, rejected

MIN_PHOTOS = 3
POOR_TEXTURE_FEATURES = 500  # a usable photo has thousands
UNUSABLE_FEATURES = 50
MIN_PARTNERS = 2  # photos that each photo should match, on average, to hold a model together
MIN_PART = 3  # photos of a model that is a part of the scene, and no chance find

Shortfall = Literal["texture", "overlap", "one place", "parts", "weak links"]
"""What photos lack that do not fit together; contracts/photos/advice.ts says what to do about each."""


@dataclass(frozen=True)
class Evidence:
    """Counts that the gates judge."""

    photos: int
    """Photos handed over, decodable or not, without copies."""
    decoded: int
    registered: int
    points: int
    """Points that three photos or more see."""
    median_features: float
    """A photo; 0 where nothing was extracted."""
    mean_partners: float
    """Photos with a verified geometry, on average a photo."""
    copies: int = 0
    """Photos left out because another one is the same."""
    parts: tuple[int, ...] = ()
    """Photos of each model that mapping found, the delivered one first."""


def judge(evidence: Evidence, min_points: int, min_registered_share: float) -> Verdict:
    """Whether the model may be built on; else the cause that comes first in the run."""
    if evidence.decoded < MIN_PHOTOS:
        found = f"only {evidence.decoded} of {evidence.photos} files could be read as photos"
        if evidence.copies > 0:
            files = evidence.photos + evidence.copies
            found = f"of {files} files only {evidence.decoded} can be used, {evidence.copies} are copies of these"
        return rejected("TOO_FEW_PHOTOS", f"{found}, {MIN_PHOTOS} are needed")
    if evidence.points < min_points:
        found = (
            "no part of the scene could be reconstructed"
            if evidence.points == 0
            else too_few_points(points=evidence.points, needed=min_points)
        )
        return rejected("TOO_FEW_POINTS", f"{found}: {_cause(evidence)}")
    if evidence.registered <= min_registered_share * evidence.photos:
        found = too_few_registered(registered=evidence.registered, photos=evidence.photos)
        return rejected("TOO_FEW_REGISTERED", f"{found}: {_cause(evidence)}")
    return ACCEPTED


def shortfall(evidence: Evidence, min_points: int) -> Shortfall | None:
    """What the photos lack; None where all readable ones make a model, or too few can be read."""
    whole = evidence.registered >= evidence.decoded and evidence.points >= min_points
    return None if whole or evidence.decoded < MIN_PHOTOS else _lacking(evidence)


def _lacking(evidence: Evidence) -> Shortfall:
    if evidence.median_features < POOR_TEXTURE_FEATURES:
        return "texture"
    if evidence.mean_partners < MIN_PARTNERS:
        return "overlap"
    if evidence.registered == 0:
        return "one place"
    if evidence.registered >= evidence.decoded:  # too few points: hardly any is in three photos
        return "overlap"
    return "parts" if len(_parts(evidence)) > 1 else "weak links"


def why_unregistered(features: int, partners: int, part_size: int = 0) -> str:
    """The likely reason why a decoded photo is not in the model, for the person who took it.

    `part_size`: photos of the other model that it is in, if it is in one.
    """
    if part_size >= MIN_PART:
        return f"fits together with {part_size - 1} other photos, in a part that nothing connects with the scene"
    if features < UNUSABLE_FEATURES:
        return f"shows almost nothing to recognise ({features} features): blurred, dark, or a plain surface"
    if partners == 0:
        return "no other photo was found to show the same place"
    others = "one other photo" if partners == 1 else f"{partners} other photos"
    return f"overlaps with {others}, but too little to place it with the rest"


def _cause(evidence: Evidence) -> str:
    match _lacking(evidence):
        case "texture":
            return (
                f"the photos show too little texture (about {evidence.median_features:.0f} features each, where"
                " thousands are usual), as plain walls, water, snow, sky or blurred photos do"
            )
        case "overlap":
            return (
                "the photos hardly overlap, or repeat the same pattern"
                f" (each matches {evidence.mean_partners:.1f} others on average)"
            )
        case "one place":
            return "the photos match, but were taken from nearly one place, so that distances cannot be measured"
        case "parts":
            sizes = [str(size) for size in _parts(evidence)]
            return (
                f"they make {len(sizes)} parts that nothing connects, of {', '.join(sizes[:-1])} and {sizes[-1]} photos"
            )
        case _:
            return "parts of the scene are connected too weakly"


def _parts(evidence: Evidence) -> list[int]:
    return [size for size in evidence.parts if size >= MIN_PART]
