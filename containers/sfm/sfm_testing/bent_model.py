"""A nadir survey as COLMAP would hand it over with a wrong distortion: a model whose ground is bent."""

from dataclasses import dataclass

import numpy as np
import pycolmap
from numpy.typing import NDArray

from .place import View, look

Floats = NDArray[np.float64]

SIZE = (1200, 900)
FOCAL_PX, DISTORTION = 960.0, -0.08


@dataclass(frozen=True)
class BentModel:
    """`views`: the true cameras; `ground`: float64[N, 3], the true places of the model's points, by their id."""

    model: pycolmap.Reconstruction
    views: list[View]
    ground: dict[int, Floats]


def pixel_of(view: View, place: Floats) -> Floats | None:
    """Where the true camera shows a place, float64[2] in COLMAP's pixels; None outside of the picture."""
    x, y, depth = view.rotation @ (place - view.center)
    if depth <= 0:
        return None
    u, v = x / depth, y / depth
    radial = 1 + DISTORTION * (u * u + v * v)
    pixel = np.array([FOCAL_PX * radial * u + SIZE[0] / 2, FOCAL_PX * radial * v + SIZE[1] / 2])
    return pixel if (pixel > 0).all() and (pixel < np.array(SIZE)).all() else None


def bent_model(pixel_noise: float = 0.3, seed: int = 0) -> BentModel:
    """24 photos from 60 m over ground with a relief of 3 m, adjusted with a distortion of 0, in units of its own."""
    random = np.random.default_rng(seed)
    views = [
        look(f"{row}-{column}.jpg", (-50 + 20 * column, -30 + 20 * row, 60.0), 90.0 if row % 2 else 270.0, -90.0)
        for row in range(4)
        for column in range(6)
    ]
    ground = random.uniform((-90, -60, 0), (90, 60, 0), (1500, 3))
    ground[:, 2] = 1.5 * np.sin(ground[:, 0] / 15) * np.cos(ground[:, 1] / 11)
    model = pycolmap.Reconstruction()
    camera = pycolmap.Camera.create_from_model_name(1, "SIMPLE_RADIAL", FOCAL_PX, *SIZE)
    model.add_camera_with_trivial_rig(camera)
    tracks: dict[int, pycolmap.Track] = {}
    for image_id, view in enumerate(views, 1):
        shown = [(row, pixel) for row, place in enumerate(ground) if (pixel := pixel_of(view, place)) is not None]
        pixels = np.array([pixel for _, pixel in shown]) + random.normal(0, pixel_noise, (len(shown), 2))
        image = pycolmap.Image(view.name, pixels, camera_id=1, image_id=image_id)
        pose = pycolmap.Rigid3d(pycolmap.Rotation3d(view.rotation), (-view.rotation @ view.center).reshape(3, 1))
        model.add_image_with_trivial_frame(image, pose)
        for index, (row, _) in enumerate(shown):
            tracks.setdefault(row, pycolmap.Track()).add_element(image_id, index)
    places = {
        model.add_point3D(ground[row], track): ground[row] for row, track in tracks.items() if track.length() >= 2
    }
    options = pycolmap.BundleAdjustmentOptions()
    options.print_summary, options.refine_extra_params, options.refine_focal_length = False, False, False
    pycolmap.bundle_adjustment(model, options)
    model.transform(pycolmap.Sim3d(0.01, pycolmap.Rotation3d(np.array([0.1, 0.2, 0.3, 0.9])), np.ones((3, 1))))
    return BentModel(model, views, places)
