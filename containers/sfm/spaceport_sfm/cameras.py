"""Which photos share a COLMAP camera, with which focal length it begins, and what came out.

A camera is one body, lens, zoom and prepared size. Photos of a lens that zooms continuously would be a camera each,
and a camera of one or two photos can trade its focal length for their distance: such cameras are not solved for.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Annotated

import pycolmap
from spaceport_common.report import Reported
from spaceport_common.settings import doc

from .camera_tags import CameraTags
from .focal_priors import FocalPrior, FocalSource, TakenPhoto, focal_priors
from .photo_preparation import PreparedPhoto, Size

# Photos of one zoom: EXIF rounds focal lengths, and cameras measure them, to about a percent.
ZOOM_STEP = math.log(1.01)
# A step of fewer photos joins a larger one this near; both then have one focal length, at most this much wrong.
NEAR_ZOOM = math.log(1.03)
# Without a known focal length a step can neither be held nor solved well: wider ones are the lesser evil.
UNKNOWN_ZOOM_STEP = math.log(1.1)
MIN_SOLVED_PHOTOS = 3  # photos that a zoom step needs for its focal length to be solved beside others of its lens


@dataclass(frozen=True)
class CameraGroup:
    """Photos that share a camera."""

    camera_id: int
    """COLMAP's, from 1."""
    name: str
    """Make, model and lens, for people; empty when unknown."""
    photos: tuple[int, ...]
    """Indices, ascending."""
    size: Size
    """Of its photos for features, in pixels."""
    focal: FocalPrior
    held: bool
    """Whether mapping keeps its focal length as it is."""
    lens: int = 0
    """The same number for cameras of one body and lens."""

    @property
    def focal_px(self) -> float:
        """Focal length that it begins with, in pixels of the photos for features."""
        return self.focal.ratio * max(self.size)


class CameraReport(Reported):
    """A camera: photos of one body, lens, zoom and size. Lengths are pixels of the photos for features."""

    name: Annotated[str, doc("Make, model and lens, as far as the photos tell them.")]
    photos: Annotated[int, doc("Photos by it.")]
    width: Annotated[int, doc("Of its photos for features, pixels.")]
    height: Annotated[int, doc("Likewise.")]
    focal_prior_px: Annotated[float, doc("Focal length that it began with, pixels.")]
    focal_source: Annotated[FocalSource, doc("Where that came from.")]
    held: Annotated[bool, doc("Whether mapping kept it: one of several zooms of its lens, on too few photos.")]
    registered: Annotated[int | None, doc("Photos by it in the model.")] = None
    focal_px: Annotated[float | None, doc("Focal length in the model, pixels; null without a photo in it.")] = None
    model: Annotated[str | None, doc("COLMAP's camera model.")] = None
    distortion: Annotated[list[float] | None, doc("The model's distortion terms, in COLMAP's order.")] = None


def group_cameras(photos: Sequence[PreparedPhoto], default_factor: float) -> list[CameraGroup]:
    """The cameras of the photos, in the order of their first ones; every photo is in one of them.

    Zooms within a percent are one camera. Of a lens that zooms, a step with fewer than 3 photos joins a larger one
    within 3 %; else it keeps its known focal length. So a set in which every photo has its own zoom has nothing to
    solve but poses, and the noise of a zoom lens makes no cameras.
    """
    priors = focal_priors([TakenPhoto(photo.metadata.camera, photo.original_size) for photo in photos], default_factor)
    lenses: defaultdict[object, list[int]] = defaultdict(list)
    for index, photo in enumerate(photos):
        tags = photo.metadata.camera
        lenses[tags.body, tags.lens, tags.image_source].append(index)
    groups: list[tuple[list[int], FocalPrior, bool, int]] = []
    for lens, of_lens in enumerate(lenses.values()):
        zooms = {index: _zoom(photos[index].metadata.camera, priors[index]) for index in of_lens}
        usual = median(zooms.values())
        sizes: defaultdict[object, list[int]] = defaultdict(list)
        for index in of_lens:
            sizes[photos[index].feature_size, photos[index].training_size].append(index)
        steps = [step for of_size in sizes.values() for step in _zoom_steps(of_size, zooms, priors)]
        for step in steps:
            prior = _shared(priors[index] for index in step)
            if not prior.known:  # the default is that of the lens as it was mostly used
                prior = FocalPrior(prior.ratio * math.exp(median(zooms[index] for index in step) - usual), prior.source)
            held = len(steps) > 1 and len(step) < MIN_SOLVED_PHOTOS and prior.known
            groups.append((sorted(step), prior, held, lens))
    groups.sort(key=lambda group: group[0])
    result = []
    for number, (step, prior, held, lens) in enumerate(groups, start=1):
        first = photos[step[0]]
        name = _name(first.metadata.camera)
        result.append(CameraGroup(number, name, tuple(step), first.feature_size, prior, held, lens))
    return result


def camera_reports(groups: Sequence[CameraGroup], model: pycolmap.Reconstruction | None) -> list[CameraReport]:
    """What was used; with `model`, which is still in pixels of the photos for features, also what came out."""
    registered = Counter(model.image(image_id).camera_id for image_id in model.reg_image_ids()) if model else Counter()
    reports = []
    for group in groups:
        report = CameraReport(
            name=group.name,
            photos=len(group.photos),
            width=group.size[0],
            height=group.size[1],
            focal_prior_px=round(group.focal_px, 2),
            focal_source=group.focal.source,
            held=group.held,
        )
        if model is not None:
            report.registered = registered[group.camera_id]
        if model is not None and registered[group.camera_id]:
            camera = model.camera(group.camera_id)
            report.focal_px = round(camera.mean_focal_length(), 2)
            report.model = camera.model_name
            report.distortion = [round(float(camera.params[index]), 6) for index in camera.extra_params_idxs()]
        reports.append(report)
    return reports


def _zoom_steps(photos: list[int], zooms: dict[int, float], priors: Sequence[FocalPrior]) -> list[list[int]]:
    """Photos of one lens and size, by zoom (logarithms)."""
    known = all(priors[index].known for index in photos)
    width, near = (ZOOM_STEP, NEAR_ZOOM) if known else (UNKNOWN_ZOOM_STEP, UNKNOWN_ZOOM_STEP)
    steps: list[list[int]] = []
    for index in sorted(photos, key=lambda index: (zooms[index], index)):
        if steps and zooms[index] - zooms[steps[-1][0]] <= width:
            steps[-1].append(index)
        else:
            steps.append([index])
    large = [step for step in steps if len(step) >= MIN_SOLVED_PHOTOS]
    middles = [median(zooms[index] for index in step) for step in large]
    result = list(large)
    for step in (step for step in steps if len(step) < MIN_SOLVED_PHOTOS):
        middle = median(zooms[index] for index in step)
        nearest = min(range(len(large)), key=lambda at: abs(middles[at] - middle), default=None)
        if nearest is not None and abs(middles[nearest] - middle) <= near:
            large[nearest].extend(step)
        else:
            result.append(step)
    return result


def _zoom(tags: CameraTags, prior: FocalPrior) -> float:
    """Logarithm of what tells zooms of one lens apart: millimetres where they are written, else the prior."""
    if tags.focal_length_mm is not None:
        return math.log(tags.focal_length_mm * tags.digital_zoom)
    return math.log(prior.ratio if prior.known else prior.ratio * tags.digital_zoom)


def _shared(priors: Iterable[FocalPrior]) -> FocalPrior:
    """The prior of photos that share a camera: the middle one of the commonest source."""
    listed = list(priors)
    counts = Counter(prior.source for prior in listed)
    source = max(counts, key=lambda name: counts[name])
    return FocalPrior(median(prior.ratio for prior in listed if prior.source == source), source)


def _name(tags: CameraTags) -> str:
    return " ".join(filter(None, (tags.name, tags.image_source, tags.lens)))
