"""Libraries that share a process."""

import os
import subprocess
import sys

WRITES_PNG = """
import spaceport_sfm
import pycolmap
from PIL import Image
from io import BytesIO
for _ in range(5):
    Image.effect_noise((1000, 1000), 50).save(BytesIO(), "PNG", optimize=True)
"""


def test_png_files_can_be_written_beside_colmap_whatever_was_imported_before() -> None:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run([sys.executable, "-c", WRITES_PNG], env=env, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
