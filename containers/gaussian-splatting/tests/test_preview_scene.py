from pathlib import Path

import numpy as np
from pytest import CaptureFixture
from spaceport_common.sog.decoder import decode
from spaceport_gaussian_splatting.gaussians import Gaussians
from spaceport_gaussian_splatting.preview_scene import PreviewScene
from splatting_testing.synthetic_scene import random_gaussians


def same(model: Gaussians) -> Gaussians:
    return model


def test_the_scene_is_written_after_10_30_and_60_percent_and_holds_what_is_trained(tmp_path: Path) -> None:
    path, model, written = tmp_path / "previews" / "scene.sog", random_gaussians(300, 1, seed=11), []

    def delivered(given: Gaussians) -> Gaussians:
        written.append(spent)
        return given

    shows = PreviewScene(path, delivered)
    for spent in np.linspace(0, 1, 101):
        shows(model, spent)
    assert np.allclose(written, [0.1, 0.3, 0.6])
    found = decode(path.read_bytes()).gaussians
    assert len(found) == 300 and found.sh_bands == 0
    assert np.allclose(np.sort(found.positions, axis=0), np.sort(model.means.numpy(), axis=0), atol=1e-3)
    assert [file.name for file in path.parent.iterdir()] == ["scene.sog"]


def test_a_resumed_training_shows_what_it_has_at_once(tmp_path: Path) -> None:
    shows = PreviewScene(tmp_path / "scene.sog", same)
    shows(random_gaussians(10, 0, seed=1), 0.5)
    assert (tmp_path / "scene.sog").exists()


def test_a_place_that_takes_no_scene_is_said_and_ends_nothing(tmp_path: Path, capsys: CaptureFixture[str]) -> None:
    (tmp_path / "previews").write_text("no folder")
    PreviewScene(tmp_path / "previews" / "scene.sog", same)(random_gaussians(10, 0, seed=1), 0.1)
    assert "WARNING: the scene" in capsys.readouterr().out


def test_a_model_of_which_nothing_is_left_is_no_scene(tmp_path: Path) -> None:
    PreviewScene(tmp_path / "scene.sog", same)(random_gaussians(0, 0, seed=1), 0.1)
    assert not list(tmp_path.iterdir())
