"""What keeps a wrong scene from being called ready."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from compression_testing.models import scaled, visible_model, write_cameras
from spaceport_common.opening_view import PhotoCamera, read_cameras
from spaceport_common.report import Recorder
from spaceport_common.sog.encoder import encode
from spaceport_common.sog.gaussians import Gaussians
from spaceport_compression.verification.delivery import Delivery, check_delivery
from spaceport_compression.verification.pictures import compare_pictures

MODEL = visible_model(3000, 1)


def cameras(folder: Path, unit: float = 1.0) -> list[PhotoCamera]:
    write_cameras(folder / "cameras.json", unit)
    return read_cameras(folder / "cameras.json")


def delivered(model: Gaussians, folder: Path, unit: float = 1.0) -> Delivery:
    encoded = encode(model, seed=0)
    return check_delivery(
        model.reordered(encoded.order), encoded.data, cameras(folder, unit), folder / "scratch", Recorder()
    )


def test_a_good_scene_is_accepted_and_leaves_nothing_in_scratch(tmp_path: Path) -> None:
    delivery = delivered(MODEL, tmp_path)
    assert delivery.verdict.ok
    assert delivery.pictures
    assert delivery.pictures.covered > 0.2
    assert 30 < delivery.pictures.psnr < 100
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.parametrize("unit", [1e-12, 1e-9])
def test_s02_a_scene_of_a_frozen_receiver_is_not_ready(tmp_path: Path, unit: float) -> None:
    delivery = delivered(scaled(MODEL, unit), tmp_path, unit)
    assert delivery.verdict.code == "DELIVERY_EMPTY"


@pytest.mark.parametrize("unit", [1e-3, 1e3])
def test_other_units_of_length_are_no_fault(tmp_path: Path, unit: float) -> None:
    assert delivered(scaled(MODEL, unit), tmp_path, unit).verdict.ok


def test_a_scene_that_is_nearly_transparent_is_not_ready(tmp_path: Path) -> None:
    faint = replace(MODEL, opacities=np.full(len(MODEL), -7, np.float32))
    assert delivered(faint, tmp_path).verdict.code == "DELIVERY_EMPTY"


def test_a_file_that_cannot_be_read_is_not_ready(tmp_path: Path) -> None:
    data = encode(MODEL, seed=0).data
    delivery = check_delivery(MODEL, data[: len(data) // 2], [], tmp_path, Recorder())
    assert delivery.verdict.code == "DELIVERY_UNREADABLE"
    assert delivery.verdict.message == "PlayCanvas's own decoder cannot read it: the decoder ended with status 1"
    assert delivery.pictures is None


def test_a_scene_without_some_of_the_gaussians_is_not_ready(tmp_path: Path) -> None:
    encoded = encode(MODEL.reordered(np.arange(2999)), seed=0)
    verdict = check_delivery(MODEL, encoded.data, [], tmp_path, Recorder()).verdict
    assert (verdict.code, verdict.message) == (
        "SOG_INCOMPLETE",
        "the archive, read back, differs from the model: the compressed scene has 2999 Gaussians, the model has 3000",
    )


def test_a_scene_that_looks_different_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dull = replace(MODEL, colors=MODEL.colors * np.float32(-1))
    pictures = compare_pictures(MODEL, dull, cameras(tmp_path))
    monkeypatch.setattr("spaceport_compression.verification.delivery.compare_pictures", lambda *arguments: pictures)
    delivery = delivered(MODEL, tmp_path)
    assert delivery.verdict.code == "DELIVERY_DIFFERS"
    assert f"{int(pictures.psnr)} dB, at least 20 dB" in (delivery.verdict.message or "")
