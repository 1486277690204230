"""PSNR, in dB, of a picture that a browser has drawn of a scene against the compression program's drawing of the same
view. Arguments: the scene as a PLY, {position, target, background} as JSON, the picture. Prints {psnr, covered} as
JSON."""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from spaceport_common.opening_view import Pose
from spaceport_compression.drawing.draw import draw, opening_view
from spaceport_compression.formats.ply import read_ply
from spaceport_compression.verification.pictures import OPAQUE, psnr

scene, taken, picture = Path(sys.argv[1]), json.loads(sys.argv[2]), Path(sys.argv[3])
pose = Pose(*(np.array(taken[name], np.float64) for name in ("position", "target")))
with Image.open(picture) as image:
    shown = np.asarray(image.convert("RGB"), np.float32) / 255
height, width = shown.shape[:2]
drawn = draw(read_ply(scene), opening_view(pose, width, height))
behind = (1 - drawn.opacity[:, :, None]) * np.array(taken["background"], np.float32)
covered = float((drawn.opacity > OPAQUE).mean())
print(json.dumps({"psnr": psnr(np.clip(drawn.rgb + behind, 0, 1), shown), "covered": covered}))
