"""Writes the tiles of a marked place: `python write_marked_tileset.py FOLDER LATITUDE LONGITUDE`.

Red marks 12 m south-east, north-east and north-west of the origin, a blue one south-west, on grey ground.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from compression_testing.places import marked_place, write_place
from spaceport_compression.georeferenced.place import Place, read_place
from spaceport_compression.georeferenced.tileset import write_tileset

BLUE = (np.array([0.0, 0.0, 1.0]) - 0.5) / 0.28209479177387814


def main(folder: Path, latitude: float, longitude: float) -> None:
    """The first mark is the south-western one."""
    with tempfile.TemporaryDirectory() as config:
        write_place(Path(config), latitude, longitude)
        place = read_place(Path(config))
    assert isinstance(place, Place)
    model = marked_place()
    model.colors[-4] = BLUE

    def put(name: str, data: bytes) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)

    write_tileset(model, [], place, put)


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]))
