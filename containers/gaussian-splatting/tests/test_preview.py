from itertools import pairwise
from pathlib import Path

from PIL import Image
from pytest import CaptureFixture
from spaceport_gaussian_splatting.gaussians import Gaussians
from spaceport_gaussian_splatting.preview import PERIOD_SECONDS, Preview
from spaceport_gaussian_splatting.rasterizers.choice import training_rasterizer
from splatting_testing.synthetic_scene import HEIGHT, WIDTH, camera_at, random_gaussians


def test_a_picture_is_drawn_at_once_and_again_after_a_while_and_is_always_whole(tmp_path: Path) -> None:
    path, now, drawn = tmp_path / "previews" / "picture.jpg", [100.0], []

    def exported(model: Gaussians) -> Gaussians:
        drawn.append(now[0])
        now[0] += 0.01
        return model

    preview = Preview(path, camera_at(0, 0), exported, training_rasterizer("cpu"), lambda: now[0])
    model = random_gaussians(300, 0, seed=11)
    for _ in range(1500):
        preview(model)
        now[0] += 0.01
    assert len(drawn) == 3 and all(b - a >= PERIOD_SECONDS for a, b in pairwise(drawn))
    picture = Image.open(path)
    assert picture.size == (WIDTH, HEIGHT) and picture.getextrema() != ((0, 0), (0, 0), (0, 0))
    assert [file.name for file in path.parent.iterdir()] == ["picture.jpg"]


def test_pictures_that_take_long_are_rarer(tmp_path: Path) -> None:
    now, drawn = [0.0], []

    def slow(model: Gaussians) -> Gaussians:
        drawn.append(now[0])
        now[0] += 1.0
        return model

    preview = Preview(tmp_path / "picture.jpg", camera_at(0, 0), slow, training_rasterizer("cpu"), lambda: now[0])
    for _ in range(100):
        preview(random_gaussians(10, 0, seed=1))
        now[0] += 1.0
    assert drawn == [0.0, 51.0]


def test_a_place_that_takes_no_picture_is_said_and_ends_nothing(tmp_path: Path, capsys: CaptureFixture[str]) -> None:
    (tmp_path / "previews").write_text("no folder")
    model = random_gaussians(10, 0, seed=1)
    path = tmp_path / "previews" / "picture.jpg"
    Preview(path, camera_at(0, 0), lambda same: same, training_rasterizer("cpu"))(model)
    assert "WARNING: the picture" in capsys.readouterr().out
