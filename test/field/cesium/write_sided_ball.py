"""Writes a ball whose colour is another from each side, as tiles and as scene.sog.

`python write_sided_ball.py FOLDER LATITUDE LONGITUDE` prints what it must look like, as JSON: red, green and blue in
0..255 for a look to north, east, south and west.
"""

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from compression_testing.places import write_place
from spaceport_common.sog.encoder import encode
from spaceport_common.sog.gaussians import Gaussians
from spaceport_compression.drawing.draw import seen_colors
from spaceport_compression.georeferenced.place import Place, read_place
from spaceport_compression.georeferenced.tileset import write_tileset

RADIUS_M = 4.0  # one standard deviation
SEED, STEP = 3, 1 / 8  # of harmonics: SPZ keeps multiples of it exactly
UNSEEN = -8.0  # logarithm of odds; without extent a tileset has no error, and CesiumJS shows nothing of it
LOOKS = np.array([[0.0, 0, 1], [1, 0, 0], [0, 0, -1], [-1, 0, 0]])  # x east, y down, z north


def main(folder: Path, latitude: float, longitude: float) -> None:
    """The ball lies at the origin."""
    with tempfile.TemporaryDirectory() as config:
        write_place(Path(config), latitude, longitude)
        place = read_place(Path(config))
    assert isinstance(place, Place)
    positions = np.array([[0, 0, 0], [-12, 0, -12], [12, 0, -12], [12, 0, 12], [-12, 0, 12]], np.float32)
    count = len(positions)
    harmonics = np.random.default_rng(SEED).integers(-2, 3, 45) * STEP
    model = Gaussians(
        positions=positions,
        rotations=np.tile(np.array([1, 0, 0, 0], np.float32), (count, 1)),
        scales=np.full((count, 3), np.log(RADIUS_M), np.float32),
        opacities=np.array([8, *[UNSEEN] * (count - 1)], np.float32),
        colors=np.zeros((count, 3), np.float32),
        sh=np.tile(harmonics.astype(np.float32), (count, 1)),
    )

    def put(name: str, data: bytes) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)

    write_tileset(model, [], place, put)
    put("scene.sog", encode(model, seed=SEED).data)
    colors = [seen_colors(model.colors, model.sh, look[None])[0] for look in LOOKS]
    print(json.dumps(np.rint(np.clip(colors, 0, 1) * 255).astype(int).tolist()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))
