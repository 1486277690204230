"""scene.spz, read back by PlayCanvas's reader, and its axes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from compression_testing.models import copies, random_model, visible_model
from spaceport_common.sog.gaussians import Gaussians
from spaceport_common.sog.quantizers import sigmoid
from spaceport_compression.drawing.draw import View, draw
from spaceport_compression.formats.axes import y_up
from spaceport_compression.formats.ply import read_ply
from spaceport_compression.formats.splat_transform import decode_to_ply
from spaceport_compression.formats.spz import TooWideError, encode_spz
from spaceport_compression.verification.pictures import psnr


def read_back(model: Gaussians, folder: Path) -> Gaussians:
    (folder / "scene.spz").write_bytes(encode_spz(model))
    decode_to_ply(folder / "scene.spz", folder / "scene.ply", len(model))
    return y_up(read_ply(folder / "scene.ply"))  # its own inverse


def degrees_between(wanted: Gaussians, found: Gaussians) -> np.ndarray:
    units = [m.rotations / np.linalg.norm(m.rotations, axis=1, keepdims=True) for m in (wanted, found)]
    cosines: np.ndarray = np.clip(np.abs((units[0] * units[1]).sum(axis=1)), 0, 1)
    return np.asarray(np.degrees(2 * np.arccos(cosines)))


@pytest.mark.parametrize("bands", range(4))
def test_another_reader_finds_each_value_within_half_a_step(tmp_path: Path, bands: int) -> None:
    model = random_model(1500, bands)
    found = read_back(model, tmp_path)
    assert np.abs(found.positions - model.positions).max() <= 0.5 / 4096 + 1e-6
    assert np.abs(found.scales - np.clip(model.scales, -10, 5.9375)).max() <= 0.5 / 16 + 1e-5
    assert np.abs(sigmoid(found.opacities) - sigmoid(model.opacities)).max() <= 0.5 / 255 + 1e-5
    assert np.abs(found.colors - np.clip(model.colors, -0.5 / 0.15, 0.5 / 0.15)).max() <= 0.5 / 255 / 0.15 + 1e-5
    assert degrees_between(model, found).max() < 0.3
    assert found.sh_bands == bands
    if bands:
        inside = np.abs(model.sh) < 0.9
        assert np.abs(found.sh - model.sh)[inside].max() <= 8 / 128 + 1e-6
        first = np.zeros((3, model.sh.shape[1] // 3), np.bool_)
        first[:, :3] = True
        assert np.abs(found.sh - model.sh)[inside & first.ravel()].max() <= 4 / 128 + 1e-6


@pytest.mark.parametrize("width", [0.0, 1.0, 5e3, 8e6])
def test_a_wider_scene_has_coarser_steps(tmp_path: Path, width: float) -> None:
    model = copies(random_model(1, 0), 2)
    model = replace(model, positions=np.array([[width, -width, 0], [0, width, 0]], np.float32))
    error = np.abs(read_back(model, tmp_path).positions - model.positions).max()
    assert error <= max(0.5 / 4096, width / 2**22)


def test_a_scene_wider_than_the_format_is_not_written() -> None:
    model = random_model(3, 0)
    model.positions[1, 2] = -1e7
    with pytest.raises(TooWideError, match="a Gaussian is 1e\\+07 units from the origin"):
        encode_spz(model)


def test_the_same_model_gives_the_same_bytes() -> None:
    assert encode_spz(random_model(50, 3)) == encode_spz(random_model(50, 3))


def from_side(side: int) -> View:
    """A camera 12 units away that looks horizontally at the middle: from south, east, north or west."""
    angle = np.radians(90 * side)
    forward = np.array([np.sin(angle), 0.0, np.cos(angle)])
    right = np.array([np.cos(angle), 0.0, -np.sin(angle)])
    return View(f"side {side}", 120, 80, 100, 100, np.stack([right, [0, 1, 0], forward]), -12 * forward)


@pytest.mark.parametrize("side", range(4))
def test_a_scene_of_other_axes_looks_the_same_from_every_side(side: int) -> None:
    model = visible_model(800, 3)
    view = from_side(side)
    half_turn = np.diag([1.0, -1.0, -1.0])
    turned = replace(view, rotation=view.rotation @ half_turn, position=half_turn @ view.position)
    wanted, found = draw(model, view), draw(y_up(model), turned)
    assert wanted.rgb.std() > 0.05
    assert psnr(wanted.rgb, found.rgb) > 60
    flat = replace(y_up(model), sh=model.sh)  # the harmonics left as they were: another picture
    assert psnr(wanted.rgb, draw(flat, turned).rgb) < 40
