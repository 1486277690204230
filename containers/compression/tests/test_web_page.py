"""scene.html: one file that needs nothing else."""

import base64
import json
import re
from pathlib import Path

import numpy as np
import pytest
from compression_testing.models import random_model
from compression_testing.places import write_place
from spaceport_common.opening_view import Pose
from spaceport_common.sog.encoder import encode
from spaceport_compression.formats import web_page
from spaceport_compression.formats.splat_transform import UnreadableSceneError
from spaceport_compression.formats.web_page import scene_page
from spaceport_compression.sfm_facts import read_attribution

OPENING = Pose(np.array([1.0, -5.0, -10.0]), np.array([0.0, 2.0, 3.0]))


def test_the_page_holds_this_very_scene_and_opens_where_training_chose(tmp_path: Path) -> None:
    scene = encode(random_model(300, 1), seed=0).data
    page = scene_page(scene, OPENING, [], tmp_path).decode()
    found = re.search(r'<script type="application/json" id="sse-bootstrap">(.*?)</script>', page, re.DOTALL)
    assert found
    bootstrap = json.loads(found[1])
    kind, data = bootstrap["contentUrl"].split(",", 1)
    assert kind == "data:application/octet-stream;base64"
    assert base64.b64decode(data) == scene
    assert bootstrap["contentFilename"].endswith(".sog")
    initial = {"position": [-1, 5, -10], "target": [0, -2, 3], "fov": 60}
    assert bootstrap["settings"]["cameras"] == [{"initial": initial}]
    assert page.count("Permission is hereby granted") == 1
    assert "Photos:" not in page
    assert list(tmp_path.iterdir()) == []


def test_the_page_loads_no_other_file(tmp_path: Path) -> None:
    page = scene_page(encode(random_model(3, 0), seed=0).data, OPENING, [], tmp_path).decode()
    head = page[: page.index("<body")] + page[page.rindex("</script>") :]
    assert re.findall(r"<(?:link|img|iframe)\b|<script[^>]*\bsrc=", head) == []
    assert "from './index.js'" not in page


def test_the_page_says_whose_photos_they_are(tmp_path: Path) -> None:
    write_place(tmp_path / "config", 47.4, 8.55, ["A & B <Survey>", "C"])
    names = read_attribution(tmp_path / "config")
    page = scene_page(encode(random_model(3, 0), seed=0).data, OPENING, names, tmp_path).decode()
    body = page[page.rindex("</script>") :]
    assert re.findall(r"<p [^>]*>(.*?)</p>\s*</body>", body) == ["Photos: A &amp; B &lt;Survey&gt;, C"]


def test_facts_that_name_nobody_are_no_credit(tmp_path: Path) -> None:
    assert read_attribution(tmp_path) == []
    for said in ("[]", '{"attribution": null}', "not JSON"):
        (tmp_path / "scene.json").write_text(said)
        assert read_attribution(tmp_path) == []


def test_a_viewer_without_a_place_for_a_scene_is_no_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_page, "viewer_page", lambda ply, page: page.write_text("<html></html>"))
    with pytest.raises(UnreadableSceneError, match="no place for a scene"):
        scene_page(b"", OPENING, [], tmp_path)
