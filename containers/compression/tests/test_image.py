"""The image and the local set-up read scenes with the same program."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def argument(dockerfile: str, name: str) -> str:
    found = re.search(rf"^ARG {name}=(\S+)$", (ROOT / dockerfile).read_text(), re.MULTILINE)
    assert found, f"{dockerfile} has no ARG {name}"
    return found[1]


def test_the_decoder_of_the_image_is_that_of_the_lock_file() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    locked = packages["node_modules/@playcanvas/splat-transform"]
    assert not locked.get("dev"), "the local set-up without development packages needs it too"
    assert argument("containers/compression/Dockerfile", "SPLAT_TRANSFORM") == locked["version"]


def test_both_dockerfiles_take_the_same_bases() -> None:
    for name in ("NODE_IMAGE", "PYTHON_IMAGE"):
        assert argument("containers/compression/Dockerfile", name) == argument("docker/Dockerfile", name)
