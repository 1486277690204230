"""`cameras.json`: the photos' cameras for viewers and people."""

from pathlib import Path
from typing import Any

from spaceport_common.report import write_json

from .scene import Scene


def save_cameras(path: Path, scene: Scene) -> None:
    """One entry a photo, in the export frame, intrinsics for the prepared photo's size.

    `camera`: COLMAP's camera model with its parameters; `rotation`: world-to-camera, row-major.
    """
    write_json(path, [_entry(scene, index) for index in range(len(scene.photos))])


def _entry(scene: Scene, index: int) -> dict[str, Any]:
    camera = scene.export_cameras[index]
    intrinsics = scene.model.cameras[scene.model.images[index].camera_id]
    return {
        "name": camera.name,
        "width": camera.width,
        "height": camera.height,
        "camera": {"model": intrinsics.model, "params": list(intrinsics.params)},
        "rotation": camera.rotation.tolist(),
        "position": camera.position.tolist(),
        "fx": camera.lens.fx,
        "fy": camera.lens.fy,
        "heldOut": index in scene.held_out,
    }
