"""Thermal photos beside colour ones: they show other things, and would only count as photos that do not fit.

Intake leaves out most of them by name and time, without decoding; here the rest is told by what a photo says of itself.
"""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from .camera_tags import CameraTags
from .photo_preparation import PreparedPhoto, RejectedPhoto, Size

REASON = "a thermal photo: the colour photos are used"
MIN_COLOUR_PHOTOS = 3  # fewer make no scene
MIN_COLOUR_SHARE = 0.5  # of the thermal ones: below, the colour photos are a few strays beside a thermal flight

# Makers of drones whose cameras have thermal cores, and the sizes of these cores. Their colour cameras have none of
# these sizes, and nobody scales a photo to 5:4.
_MAKERS = ("dji", "flir", "autel", "parrot")
_CORES = {(120, 160), (256, 320), (256, 336), (512, 640), (1024, 1280)}
_THERMAL_SOURCE = re.compile(r"infrared|thermal|\blwir\b", re.IGNORECASE)
# One press of the shutter: DJI_0001_T beside DJI_0001_W, with times that differ by a second in newer names.
_SUFFIX = re.compile(r"(?P<stem>.+)[-_ ](?P<kind>[a-z]+)", re.IGNORECASE)
_TIME = re.compile(r"_\d{14}(?=_)")
_THERMAL_KINDS = {"t", "r", "ir", "thm", "thermal", "infrared"}
_COLOUR_KINDS = {"v", "w", "z", "vis", "visible", "rgb", "color", "colour", "wide", "zoom"}


def without_thermal(photos: Sequence[PreparedPhoto]) -> tuple[list[PreparedPhoto], list[RejectedPhoto]]:
    """The photos that make the scene, and the thermal ones beside them, in their order.

    Thermal photos are used where they are alone, or where the colour ones are too few for a scene.
    """
    thermal = _thermal_names(photos)
    colour = [photo for photo in photos if photo.name not in thermal]
    if len(colour) < max(MIN_COLOUR_PHOTOS, MIN_COLOUR_SHARE * len(thermal)):
        return list(photos), []
    return colour, [RejectedPhoto(photo.name, REASON) for photo in photos if photo.name in thermal]


def is_thermal(tags: CameraTags, size: Size) -> bool:
    """Whether a photo of this size in pixels says itself that it is thermal."""
    if tags.flir or _THERMAL_SOURCE.search(tags.image_source):
        return True
    width, height = sorted(size)
    return tags.make.lower().startswith(_MAKERS) and (width, height) in _CORES


def _thermal_names(photos: Sequence[PreparedPhoto]) -> set[str]:
    """Names of the photos that are thermal by themselves, or by their names beside those of colour photos."""
    names = {photo.name for photo in photos if is_thermal(photo.metadata.camera, photo.original_size)}
    shots = [(photo.name, *_shot(photo)) for photo in photos]
    colour = {stem for _, stem, kind in shots if kind in _COLOUR_KINDS}
    return names | {name for name, stem, kind in shots if kind in _THERMAL_KINDS and stem in colour}


def _shot(photo: PreparedPhoto) -> tuple[str, str]:
    """What pictures of one press of the shutter have in common, and the kind of this one; empty where there is none.

    A photo that was renamed still has the name that DJI's cameras give it, in its metadata.
    """
    path = PurePosixPath(photo.name)
    for name in (path.name, photo.metadata.camera.original_name):
        match = _SUFFIX.fullmatch(PurePosixPath(name).stem)
        if match is not None and match["kind"].lower() in _THERMAL_KINDS | _COLOUR_KINDS:
            return f"{path.parent}/{_TIME.sub('', match['stem'])}".lower(), match["kind"].lower()
    return "", ""
