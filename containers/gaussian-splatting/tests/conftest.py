import os
from pathlib import Path

import pytest

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # as __main__ does, before torch is imported

from spaceport_common.kernel.build import build
from splatting_testing.synthetic_scene import write_sfm_output


@pytest.fixture(scope="session", autouse=True)
def kernel_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of its own for the kernel, unless one was built at set-up."""
    if "SPACEPORT_KERNEL_DIR" not in os.environ:
        folder = tmp_path_factory.mktemp("kernel")
        build(folder)
        os.environ["SPACEPORT_KERNEL_DIR"] = str(folder)
    return Path(os.environ["SPACEPORT_KERNEL_DIR"])


@pytest.fixture(scope="session")
def sfm_output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The SfM stage's output of the synthetic scene; copy it before changing it."""
    folder = tmp_path_factory.mktemp("sfm") / "sfm"
    write_sfm_output(folder)
    return folder
