"""scene.html: PlayCanvas's viewer and one scene in a single file, which opens without network and server."""

import base64
import html
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
CREDITS_STYLE = (
    "position:fixed;left:0;top:0;z-index:1;max-width:min(100%,40rem);margin:0;padding:0 .5rem;overflow:hidden;"
    "background:rgb(15 18 24/.82);color:#fff;font:.75rem/1.5 sans-serif;text-overflow:ellipsis;white-space:nowrap;"
    "pointer-events:none;box-sizing:border-box"
)
ONE_GAUSSIAN = Gaussians(
    positions=np.zeros((1, 3), np.float32),
    rotations=np.array([[1, 0, 0, 0]], np.float32),
    scales=np.zeros((1, 3), np.float32),
    opacities=np.zeros(1, np.float32),
    colors=np.zeros((1, 3), np.float32),
    sh=np.empty((1, 0), np.float32),
)


def scene_page(scene: bytes, opening: Pose, attribution: list[str], scratch: Path) -> bytes:
    """A page that shows the .sog `scene` as it is, from `opening` (in the export frame), and whose photos they are.

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
    data = json.dumps(bootstrap).replace("<", "\\u003c")
    return (_with_licence(head) + data + _with_credits(tail, attribution)).encode()


def _camera(pose: Pose) -> dict[str, list[float]]:
    """PlayCanvas turns PLY and SOG by 180 degrees about z, so that y down becomes up."""
    turn = np.array([-1, -1, 1])
    return {"position": (pose.position * turn).tolist(), "target": (pose.target * turn).tolist()}


def _with_credits(tail: str, attribution: list[str]) -> str:
    """Names as the pages of a scene show them, over the picture and out of the pointer's way."""
    if not attribution:
        return tail
    body, rest = tail.rsplit("</body>", 1)
    words = html.escape(f"Photos: {', '.join(attribution)}")
    return f'{body}<p id="photo-credits" style="{CREDITS_STYLE}">{words}</p></body>{rest}'


def _with_licence(head: str) -> str:
    """A copy of the viewer comes with its licence, which holds no `-->`."""
    doctype, rest = head.split("\n", 1)
    return f"{doctype}\n<!-- SuperSplat Viewer and PlayCanvas, MIT licence\n{licence().strip()}\n-->\n{rest}"
