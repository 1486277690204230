import os
import shutil
from pathlib import Path

import pytest
from spaceport_common.kernel.build import build

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session", autouse=True)
def tools(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What the deployment gives the program: Node, PlayCanvas's decoder (npm ci), and the kernel."""
    os.environ.setdefault("SPACEPORT_NODE", shutil.which("node") or "")
    decoder = ROOT / "node_modules" / "@playcanvas" / "splat-transform" / "bin" / "cli.mjs"
    os.environ.setdefault("SPACEPORT_SPLAT_TRANSFORM", str(decoder))
    assert os.environ["SPACEPORT_NODE"], "Node is needed: put it on PATH or name it in SPACEPORT_NODE"
    if "SPACEPORT_KERNEL_DIR" not in os.environ:
        folder = tmp_path_factory.mktemp("kernel")
        build(folder)
        os.environ["SPACEPORT_KERNEL_DIR"] = str(folder)
