"""A view that no photo has, 15 degrees beside the flight path: there it shows whether a model only fits its photos."""

from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Rotation

from .camera import Camera, Vector
from .pictures import HELD_OUT_FOLDER, central_camera
from .scene import Scene

OFF_PATH_FILE = f"{HELD_OUT_FOLDER}/off-path.webp"
OFF_PATH_DEG = 15.0


def off_path_camera(scene: Scene) -> Camera | None:
    """In the export frame: the most central photo's, swung about what it looks at, across the way it was flown.

    None where the photo sees no point.
    """
    cameras = scene.export_cameras
    camera = central_camera(cameras)
    index = next(place for place, each in enumerate(cameras) if each is camera)
    observed = scene.model.images[index].observed
    if len(observed) == 0:
        return None
    depth = float(np.median(camera.world_to_camera(scene.model.points[observed])[:, 2]))
    way = cameras[min(index + 1, len(cameras) - 1)].position - cameras[max(index - 1, 0)].position
    return swung(camera, way, depth)


def swung(camera: Camera, way: Vector, depth: float) -> Camera:
    """The camera turned by OFF_PATH_DEG about an axis along `way`[3], through the point `depth` ahead of it.

    Where it was flown along what it looks at, or stood still, about the axis that is upright in its picture.
    """
    ahead = camera.rotation[2]
    axis = way - (way @ ahead) * ahead
    length = float(np.linalg.norm(axis))
    axis = axis / length if length > 1e-6 * depth else camera.rotation[1]
    turn = Rotation.from_rotvec(np.radians(OFF_PATH_DEG) * axis).as_matrix()
    target = camera.position + depth * ahead
    position = target + turn @ (camera.position - target)
    rotation = camera.rotation @ turn.T
    return replace(camera, rotation=rotation, translation=-rotation @ position)
