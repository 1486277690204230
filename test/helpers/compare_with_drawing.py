"""PSNR, in dB, of a viewer's picture against the compression program's drawing of the same view, over the viewer's
background. Arguments: the scene as a PLY, [position, target] of the view, the viewer's picture. Prints {psnr, covered}
as JSON."""

import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from spaceport_common.opening_view import Pose
from spaceport_compression.drawing import draw, opening_view
from spaceport_compression.pictures import OPAQUE, psnr
from spaceport_compression.ply import read_ply

FREE = (0.85, 0.7)  # of height and width: below and to the right lie the viewer's own buttons and the panel of keys
BACKGROUND = np.array([0.1, 0.11, 0.13], np.float32)  # server/pages/viewer-settings.ts

scene, screenshot = Path(sys.argv[1]), Path(sys.argv[3])
pose = Pose(*(np.array(place, np.float64) for place in json.loads(sys.argv[2])))
with Image.open(screenshot) as image:
    shown = np.asarray(image.convert("RGB"), np.float32) / 255
height, width = shown.shape[:2]
drawn = draw(read_ply(scene), opening_view(pose, width, height))
expected = np.clip(drawn.rgb + (1 - drawn.opacity[:, :, None]) * BACKGROUND, 0, 1)
free = slice(int(FREE[0] * height)), slice(int(FREE[1] * width))
covered = float((drawn.opacity > OPAQUE).mean())
print(json.dumps({"psnr": psnr(expected[free], shown[free]), "covered": covered}))
