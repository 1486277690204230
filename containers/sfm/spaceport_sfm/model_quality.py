"""What a model's photos and points are worth, and whether two models tell the same. Rules over models, no mapping."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pycolmap
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MIN_VIEWS = 3  # photos that must see a point before it is more than a chance: any two matches meet somewhere


def registered_images(model: pycolmap.Reconstruction) -> dict[str, pycolmap.Image]:
    """The registered photos, by image name."""
    return {image.name: image for image in (model.image(image_id) for image_id in model.reg_image_ids())}


def photo_names(model: pycolmap.Reconstruction) -> set[str]:
    """Image names of the registered photos."""
    return set(registered_images(model))


def points_in_three(model: pycolmap.Reconstruction) -> int:
    """Points that three photos or more see."""
    return sum(point.track.length() >= MIN_VIEWS for point in model.points3D.values())


def support(model: pycolmap.Reconstruction) -> Counter[str]:
    """For each photo, by image name, its observations of points that three photos or more see; 0 where it has none."""
    counts: Counter[int] = Counter()
    for point in model.points3D.values():
        if point.track.length() >= MIN_VIEWS:
            counts.update(element.image_id for element in point.track.elements)
    return Counter({name: counts[image.image_id] for name, image in registered_images(model).items()})


def take_out(model: pycolmap.Reconstruction, names: set[str]) -> None:
    """Takes photos and what only they saw out of a model, in place."""
    for name, image in registered_images(model).items():
        if name in names:
            model.deregister_frame(image.frame_id)


@dataclass(frozen=True)
class Agreement:
    """How far apart two models place the photos that they share; arrays have one row a shared photo."""

    rotations_degrees: Floats
    position_shares: Floats
    """Distances over the extent (diagonal of the box) of the shared cameras."""

    def share_within(self, degrees: float, position_share: float) -> float:
        """Part of the shared photos, 0 to 1, within both limits."""
        near = (self.rotations_degrees <= degrees) & (self.position_shares <= position_share)
        return float(near.mean())


def agreement(model: pycolmap.Reconstruction, other: pycolmap.Reconstruction) -> Agreement | None:
    """Compares the photos that two models share after the similarity that lays one on the other.

    Its rotation comes from the cameras' own, which is sure on a straight line too; scale and shift from their centres.
    Photos that are elsewhere in one model do not move it, up to half of them. None where fewer than three photos are
    shared, or all are at one place.
    """
    names = sorted(photo_names(model) & photo_names(other))
    if len(names) < MIN_VIEWS:
        return None
    rotations, centers = _poses(model, names)
    other_rotations, other_centers = _poses(other, names)
    turns = np.swapaxes(rotations, 1, 2) @ other_rotations
    angles = angles_between(turns[:, None], turns[None])
    middle = int(np.median(angles, axis=1).argmin())
    mean = mean_rotation(turns[angles[middle] <= 2 * np.median(angles[middle]) + 1e-9])
    extent = float(np.linalg.norm(np.ptp(centers, axis=0)))
    turned = other_centers @ mean.T
    if extent == 0 or not np.ptp(turned, axis=0).any():
        return None
    distances = np.zeros(len(names))
    for _ in range(2):  # the second time without those that are elsewhere
        near = distances <= 2 * np.median(distances) + 1e-12
        spread, turned_spread = centers - centers[near].mean(axis=0), turned - turned[near].mean(axis=0)
        scale = float((spread[near] * turned_spread[near]).sum() / (turned_spread[near] ** 2).sum())
        distances = np.linalg.norm(spread - scale * turned_spread, axis=1)
    return Agreement(angles_between(turns, mean), distances / extent)


def angles_between(first: Floats, second: Floats) -> Floats:
    """Degrees between rotations float64[..., 3, 3]."""
    cosines = (np.einsum("...ij,...ij->...", first, second) - 1) / 2
    angles: Floats = np.degrees(np.arccos(np.clip(cosines, -1, 1)))
    return angles


def mean_rotation(rotations: Floats) -> Floats:
    """The chordal mean of float64[N, 3, 3] (Hartley et al. 2013, section 5.3)."""
    u, _, vt = np.linalg.svd(rotations.sum(axis=0))
    mean: Floats = u @ np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ vt))]) @ vt
    return mean


def _poses(model: pycolmap.Reconstruction, names: list[str]) -> tuple[Floats, Floats]:
    """float64[N, 3, 3] camera from model, float64[N, 3] centres, in the order of the names."""
    images = registered_images(model)
    rotations = np.array([images[name].cam_from_world().rotation.matrix() for name in names])
    return rotations, np.array([images[name].projection_center() for name in names])
