"""Whether a model lays different places on one another: two houses that look alike, the sides of a symmetric tower.

Photos from nearly one side and distance share features wherever both see a surface. Where both see points of the model
at one place and share none of them there, they look at two surfaces, of which an opaque one would hide the other. These
are the missing correspondences of Zach, Irschara and Bischof (What can missing correspondences tell us about 3D
structure and motion?, CVPR 2008) and the conflicting observations of Heinly, Dunn and Frahm (Correcting for duplicate
scene structure in sparse 3D reconstruction, ECCV 2014); counted by cells of a photo, since what looks alike matches.
Photos that are alike everywhere cannot be told apart by what they show.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pycolmap
from numpy.typing import NDArray

from .model_quality import MIN_VIEWS, registered_images
from .tuning import DoublingTuning

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Names = tuple[str, str]

_NONE: Ints = np.zeros(0, np.int64)


@dataclass(frozen=True)
class PairOfViews:
    """Two photos. `cells`: places in either one where both see points; `empty`: those without common ones."""

    names: Names
    cells: int
    empty: int


@dataclass(frozen=True)
class Contradictions:
    """Pairs of photos that should have points in common everywhere, in so far as they see enough to be judged."""

    judged: list[PairOfViews]
    tuning: DoublingTuning

    @property
    def pairs(self) -> list[Names]:
        """Pairs that look at different places which the model lays on one another."""
        return [pair.names for pair in self.judged if pair.empty >= self.tuning.min_empty_share * pair.cells]

    @property
    def share(self) -> float:
        """Part of the judged pairs, 0 to 1; 0 where nothing can be judged."""
        return len(self.pairs) / len(self.judged) if self.judged else 0.0

    @property
    def doubled(self) -> bool:
        """Whether they are no chance: many photos are concerned, and most pairs across the two parts contradict.

        A single photo that is placed wrongly, or that others see badly, is in all pairs that contradict.
        """
        if _disjoint(self.pairs) < self.tuning.min_disjoint_pairs:
            return False
        first, _ = self.parts()
        across = [pair for pair in self.judged if len(first.intersection(pair.names)) == 1]
        against = set(self.pairs)
        contradicting = [pair for pair in across if pair.names in against]
        return _disjoint([pair.names for pair in contradicting]) >= self.tuning.min_disjoint_pairs and len(
            contradicting
        ) > self.tuning.min_share_across * len(across)

    def parts(self) -> tuple[set[str], set[str]]:
        """Two parts of the photos, so that pairs within one agree and pairs across contradict, as far as possible.

        The eigenvector of the signed Laplacian's least eigenvalue (Kunegis et al., Spectral analysis of signed graphs,
        SDM 2010, section 6), whose signs are then turned while that helps.
        """
        names = sorted({name for pair in self.judged for name in pair.names})
        row = {name: index for index, name in enumerate(names)}
        against = set(self.pairs)
        weights = np.zeros((len(names), len(names)))
        for pair in self.judged:
            first, second = (row[name] for name in pair.names)
            weights[first, second] = weights[second, first] = -1.0 if pair.names in against else 1.0
        laplacian = np.diag(np.abs(weights).sum(axis=1)) - weights
        sides = np.where(np.linalg.eigh(laplacian)[1][:, 0] < 0, -1.0, 1.0)
        for _ in range(len(names)):
            gains = -sides * (weights @ sides)
            if gains.max(initial=0.0) <= 0:
                break
            sides[gains.argmax()] *= -1
        return {name for name in names if sides[row[name]] < 0}, {name for name in names if sides[row[name]] > 0}

    def between_parts(self, pairs: Iterable[Names], *, keep_agreeing: bool) -> list[Names]:
        """Those of the pairs that lead from one part to the other; perhaps without judged ones that agree."""
        part, rest = self.parts()
        kept = {pair.names for pair in self.judged}.difference(self.pairs) if keep_agreeing else set()
        across = [names for names in pairs if part.intersection(names) and rest.intersection(names)]
        return [names for names in across if names not in kept]


def contradictions(model: pycolmap.Reconstruction, matched: Sequence[Names], tuning: DoublingTuning) -> Contradictions:
    """Judges pairs of photos, by image names, that were matched with each other, with or without success.

    Only points that three photos or more see count. Of very many pairs an even part is judged.
    """
    views = _views(model, tuning)
    pairs = [names for names in matched if names[0] in views and names[1] in views]
    step = -(-len(pairs) // tuning.max_judged_pairs) or 1
    compared = [(names, _compare(views[names[0]], views[names[1]], tuning)) for names in pairs[::step]]
    needed = _points_needed(compared, tuning)
    judged = []
    for names, cells in compared:
        told = cells.common[cells.least >= needed]
        if len(told) >= tuning.min_cells:
            judged.append(PairOfViews(names, len(told), int((told == 0).sum())))
    return Contradictions(judged, tuning)


@dataclass(frozen=True)
class _View:
    """A photo of the model with the N points that it sees. Cells are squares, `tuning.cells` along the long side."""

    camera: pycolmap.Camera
    camera_from_world: Floats
    """float64[3, 4]"""
    center: Floats
    ids: Ints
    """int64[N]"""
    points: Floats
    """float64[N, 3]"""
    counts: Ints
    """int64[cells], points in each."""
    nearest: Floats
    farthest: Floats
    """float64[cells], depths between which the points of a cell lie, without the outermost tenths; NaN for none."""


@dataclass(frozen=True)
class _Cells:
    """Cells of two photos in which both see points at one place; int64[M] each."""

    least: Ints
    """Points of the photo that sees fewer there."""
    expected: Ints
    """Points of one photo that the other one should see there, too."""
    common: Ints
    """Those that it does."""


def _views(model: pycolmap.Reconstruction, tuning: DoublingTuning) -> dict[str, _View]:
    places = {point_id: point.xyz for point_id, point in model.points3D.items() if point.track.length() >= MIN_VIEWS}
    views = {}
    for name, image in registered_images(model).items():
        seen = [point for point in image.points2D if point.point3D_id in places]
        if len(seen) < tuning.min_points:
            continue
        camera, pose = model.camera(image.camera_id), np.array(image.cam_from_world().matrix())
        ids = np.array([point.point3D_id for point in seen])
        points = np.array([places[point.point3D_id] for point in seen])
        cells = _cell_numbers(np.array([point.xy for point in seen]), camera, tuning)
        inside = cells >= 0  # features may lie on the very edge
        ids, points, cells = ids[inside], points[inside], cells[inside]
        depths = points @ pose[2, :3] + pose[2, 3]
        nearest, farthest = np.full((2, tuning.cells**2), np.nan)
        for cell in np.unique(cells):
            nearest[cell], farthest[cell] = np.percentile(depths[cells == cell], [10, 90])
        views[name] = _View(
            camera,
            pose,
            image.projection_center(),
            ids,
            points,
            np.bincount(cells, minlength=tuning.cells**2),
            nearest,
            farthest,
        )
    return views


def _cell_numbers(pixels: Floats, camera: pycolmap.Camera, tuning: DoublingTuning) -> Ints:
    """int64[N] of float64[N, 2]; -1 outside of the photo."""
    x, y = pixels.T
    inside = (x >= 0) & (x < camera.width) & (y >= 0) & (y < camera.height)
    side = max(camera.width, camera.height) / tuning.cells
    column, row = (np.where(inside, axis / side, 0).astype(np.int64) for axis in (x, y))
    numbers: Ints = np.where(inside, tuning.cells * row + column, -1)
    return numbers


def _compare(first: _View, second: _View, tuning: DoublingTuning) -> _Cells:
    """What each of two photos should see of the points of the other one, in its own cells."""
    found = [_seen_again(first, second, tuning), _seen_again(second, first, tuning)]
    return _Cells(*(np.concatenate(column) for column in zip(*found, strict=True)))


def _seen_again(view: _View, other: _View, tuning: DoublingTuning) -> tuple[Ints, Ints, Ints]:
    """The fields of _Cells, of cells of `other`, for the points of `view`.

    A point counts where `other` has it in the picture, from nearly the same side and distance, among points of its own
    that are as deep: so nothing hides it.
    """
    in_camera = view.points @ other.camera_from_world[:, :3].T + other.camera_from_world[:, 3]
    here, there = view.center - view.points, other.center - view.points
    distance, other_distance = np.linalg.norm(here, axis=1), np.linalg.norm(there, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        cosines = (here * there).sum(axis=1) / (distance * other_distance)
        scales = np.abs(np.log(other_distance / distance * _sharpness(view) / _sharpness(other)))
    alike = (cosines > np.cos(np.radians(tuning.max_angle_degrees))) & (scales < np.log(tuning.max_scale))
    rows = np.nonzero(alike & (in_camera[:, 2] > 0))[0]
    if len(rows) == 0:
        return _NONE, _NONE, _NONE
    pixels = np.asarray(other.camera.img_from_cam(in_camera[rows]), np.float64)  # NaN beyond what the lens can show
    cells = _cell_numbers(np.nan_to_num(pixels, nan=-1.0), other.camera, tuning)
    depths, margin = in_camera[rows, 2], 1 + tuning.depth_tolerance
    with np.errstate(invalid="ignore"):
        on_surface = (depths > other.nearest[cells] / margin) & (depths < other.farthest[cells] * margin)
    on_surface &= cells >= 0
    cells, rows = cells[on_surface], rows[on_surface]
    expected = np.bincount(cells, minlength=tuning.cells**2)
    common = np.bincount(cells[np.isin(view.ids[rows], other.ids)], minlength=tuning.cells**2)
    least = np.minimum(expected, other.counts)
    told = least >= tuning.min_points
    return least[told], expected[told], common[told]


def _sharpness(view: _View) -> float:
    """Pixels of the long side over which one unit of depth spreads a unit of length, as a part of that side."""
    return float(view.camera.mean_focal_length() / max(view.camera.width, view.camera.height))


def _disjoint(pairs: Sequence[Names]) -> int:
    """How many pairs can be picked, one after the other, without a photo twice."""
    picked: set[str] = set()
    for names in pairs:
        if picked.isdisjoint(names):
            picked.update(names)
    return len(picked) // 2


def _points_needed(compared: Sequence[tuple[Names, _Cells]], tuning: DoublingTuning) -> int:
    """Points that a cell needs, so that none in common is no chance.

    By how many points are seen again in the pair of each photo in which most are, in the middle of all photos.
    """
    best: dict[str, float] = {}
    for names, cells in compared:
        if len(cells.expected) >= tuning.min_cells:
            again = float(cells.common.sum() / cells.expected.sum())
            best.update({name: max(again, best.get(name, 0.0)) for name in names})
    usual = float(np.median(list(best.values()))) if best else 0.0
    if usual >= 1:
        return tuning.min_points
    return max(tuning.min_points, int(np.ceil(np.log(tuning.chance) / np.log1p(-max(usual, 1e-6)))))
