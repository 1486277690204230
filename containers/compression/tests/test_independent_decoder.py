"""PlayCanvas's own reader must see what our reader sees.

Needs node_modules (npm ci) and Node 22 or newer, from SPACEPORT_NODE or PATH.
"""

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from compression_testing.models import copies, extreme_model, random_model
from spaceport_compression.gaussians import Gaussians
from spaceport_compression.ply import read_ply
from spaceport_compression.sog_decoder import decode
from spaceport_compression.sog_encoder import encode

SPLAT_TRANSFORM = (
    Path(__file__).resolve().parents[3] / "node_modules" / "@playcanvas" / "splat-transform" / "bin" / "cli.mjs"
)

MODELS = {
    **{f"SH{bands}": random_model(2500, bands) for bands in range(4)},
    "one Gaussian": random_model(1, 3),
    "four copies": copies(random_model(1, 1), 4),
    "extremes": extreme_model(),
}


@pytest.mark.skipif(
    not SPLAT_TRANSFORM.is_file(), reason="node_modules is missing: run npm ci to check with PlayCanvas"
)
@pytest.mark.parametrize("name", MODELS)
def test_splat_transform_reads_the_same_gaussians(tmp_path: Path, name: str) -> None:
    node = os.environ.get("SPACEPORT_NODE") or shutil.which("node")
    assert node, "Node is needed: put it on PATH or name it in SPACEPORT_NODE"
    data = encode(MODELS[name], seed=0).data
    (tmp_path / "scene.sog").write_bytes(data)
    command = [node, str(SPLAT_TRANSFORM), str(tmp_path / "scene.sog"), str(tmp_path / "scene.ply")]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    theirs: Gaussians = read_ply(tmp_path / "scene.ply")
    ours = decode(data).gaussians
    assert len(theirs) == len(ours) == len(MODELS[name])
    for attribute in ("positions", "rotations", "scales", "opacities", "colors", "sh"):
        np.testing.assert_allclose(
            getattr(theirs, attribute), getattr(ours, attribute), rtol=1e-5, atol=1e-6, err_msg=attribute
        )
