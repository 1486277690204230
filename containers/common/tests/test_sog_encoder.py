import subprocess
import sys

import numpy as np
import pytest
from spaceport_common.sog.decoder import decode
from spaceport_common.sog.encoder import encode, encode_quickly
from spaceport_common.sog.gaussians import Gaussians


def model(count: int) -> Gaussians:
    random = np.random.default_rng(3)
    values = {"positions": 3, "rotations": 4, "scales": 3, "opacities": 1, "colors": 3, "sh": 9}
    columns = {name: random.normal(0, 1, (count, size)).astype(np.float32) for name, size in values.items()}
    return Gaussians(**columns | {"opacities": columns["opacities"][:, 0]})


def test_a_scene_that_is_encoded_quickly_differs_little_from_one_that_is_encoded_well() -> None:
    given = model(3000)
    quick = decode(encode_quickly(given)).gaussians
    well = decode(encode(given.with_bands(0), seed=0).data).gaussians
    assert quick.sh_bands == 0
    for exact in ("positions", "rotations", "opacities"):
        np.testing.assert_array_equal(getattr(quick, exact), getattr(well, exact))
    for coarse in ("scales", "colors"):
        assert np.abs(getattr(quick, coarse) - getattr(well, coarse)).mean() < 0.01


def test_a_scene_without_harmonics_is_written_without_faiss() -> None:
    program = (
        "import sys; sys.modules['faiss'] = None\n"
        "from spaceport_common.sog.encoder import encode_quickly\n"
        "from test_sog_encoder import model\n"
        "print(len(encode_quickly(model(100))))"
    )
    folders = f"import sys; sys.path += {[*sys.path, __file__.rpartition('/')[0]]!r}\n"
    done = subprocess.run([sys.executable, "-c", folders + program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 1000


def test_a_scene_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        encode_quickly(model(0))
