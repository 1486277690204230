"""scene.html: PlayCanvas's viewer and one scene in a single file, which opens without network and server."""

import base64
import json
import re
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from spaceport_common.opening_view import FIELD_OF_VIEW_DEG, Pose
from spaceport_common.sog.gaussians import Gaussians

from .ply import write_ply
from .splat_transform import UnreadableSceneError, licence, viewer_page

# The one place of the viewer's page that takes settings and the scene (renderViewerHtml in supersplat-viewer).
BOOTSTRAP = re.compile(r'(<script type="application/json" id="sse-bootstrap">)(.*?)(</script>)', re.DOTALL)
BACKGROUND = [0.1, 0.11, 0.13]
ONE_GAUSSIAN = Gaussians(
    positions=np.zeros((1, 3), np.float32),
    rotations=np.array([[1, 0, 0, 0]], np.float32),
    scales=np.zeros((1, 3), np.float32),
    opacities=np.zeros(1, np.float32),
    colors=np.zeros((1, 3), np.float32),
    sh=np.empty((1, 0), np.float32),
)


def scene_page(scene: bytes, opening: Pose, scratch: Path) -> bytes:
    """A page that shows the .sog `scene` as it is, from `opening` (in the export frame).

    splat-transform would encode the model once more, for minutes where it has harmonics: so it writes its page around
    one Gaussian, and the scene takes that one's place. Raises UnreadableSceneError, MemoryError, OSError.
    """
    scratch.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=scratch) as name:
        folder = Path(name)
        write_ply(folder / "one.ply", ONE_GAUSSIAN)
        viewer_page(folder / "one.ply", folder / "page.html")
        page = (folder / "page.html").read_text("utf-8")
    found = BOOTSTRAP.search(page)
    if found is None:
        raise UnreadableSceneError("the viewer's page has no place for a scene")
    bootstrap: dict[str, Any] = json.loads(found[2])
    bootstrap["settings"] |= {
        "tonemapping": "none",
        "background": {"color": BACKGROUND},
        "cameras": [{"initial": {**_camera(opening), "fov": FIELD_OF_VIEW_DEG}}],
    }
    bootstrap["contentUrl"] = f"data:application/octet-stream;base64,{base64.b64encode(scene).decode('ascii')}"
    head, tail = page[: found.start(2)], page[found.end(2) :]
    return (_with_licence(head) + json.dumps(bootstrap).replace("<", "\\u003c") + tail).encode()


def _camera(pose: Pose) -> dict[str, list[float]]:
    """PlayCanvas turns PLY and SOG by 180 degrees about z, so that y down becomes up."""
    turn = np.array([-1, -1, 1])
    return {"position": (pose.position * turn).tolist(), "target": (pose.target * turn).tolist()}


def _with_licence(head: str) -> str:
    """A copy of the viewer comes with its licence, which holds no `-->`."""
    doctype, rest = head.split("\n", 1)
    return f"{doctype}\n<!-- SuperSplat Viewer and PlayCanvas, MIT licence\n{licence().strip()}\n-->\n{rest}"
