"""The pictures of a SOG as raw RGBA, NAME.rgba each, and the true houses of the synthetic photos, houses.json.

Arguments: the folder of the renderer, scene.sog, a folder for the files."""

import io
import json
import sys
import zipfile
from pathlib import Path

from PIL import Image

sys.path.insert(0, sys.argv[1])
from synthetic_photos.exif import ORIGIN_ALTITUDE_M, ORIGIN_LATITUDE_DEG, ORIGIN_LONGITUDE_DEG
from synthetic_photos.scene import build_scene

SEED = 7  # the renderer's own
output = Path(sys.argv[3])
output.mkdir(exist_ok=True)
with zipfile.ZipFile(sys.argv[2]) as archive:
    for name in archive.namelist():
        data = archive.read(name)
        if name.endswith(".webp"):
            (output / f"{name}.rgba").write_bytes(Image.open(io.BytesIO(data)).convert("RGBA").tobytes())
        else:
            (output / name).write_bytes(data)
houses = [{"centre": box.centre.tolist(), "half": box.half.tolist(), "yaw": box.yaw} for box in build_scene(SEED).boxes]
origin = {"latitude": ORIGIN_LATITUDE_DEG, "longitude": ORIGIN_LONGITUDE_DEG, "altitude": ORIGIN_ALTITUDE_M}
(output / "houses.json").write_text(json.dumps({"origin": origin, "houses": houses}))
