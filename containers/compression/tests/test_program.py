"""The program as SageMaker runs it: folders in, folders out, exit status."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from compression_testing.models import random_model, scaled, visible_model, write_cameras, write_ply
from compression_testing.places import marked_place, write_nadir_cameras, write_place
from PIL import Image
from spaceport_common.sog.decoder import decode
from spaceport_common.sog.encoder import SceneEncoder, encode
from spaceport_compression import program

CONTAINERS = Path(__file__).resolve().parents[2]
ON_MAP = {"topdown": 0, "orthophoto": 0, "pointCloud": 0, "tiles": 0, "epsg": 0, "groundResolutionMm": 0}
SETTINGS = {
    "shBands": 3,
    "targetRatio": 0,
    "minRatio": 4,
    "spz": 0,
    "html": 0,
    "phoneGaussians": 0,
    "streamAbove": 250_000,
    "seed": 0,
    **ON_MAP,
}
PHASES = ["read", "order", "encode", "palette", "decode", "verify", "draw"]


def prepare(base: Path, settings: dict[str, Any]) -> Path:
    """Writes the settings; returns where the model goes."""
    config = base / "processing" / "input" / "config"
    config.mkdir(parents=True)
    (config / "settings.json").write_text(json.dumps(settings))
    return base / "processing" / "input" / "model" / "model.ply"


def start(base: Path) -> subprocess.Popen[str]:
    paths = os.pathsep.join(str(CONTAINERS / name) for name in ("common", "compression"))
    environment = {**os.environ, "SAGEMAKER_BASE_DIR": str(base), "PYTHONPATH": paths}
    command = [sys.executable, "-m", "spaceport_compression"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def output_files(base: Path) -> set[str]:
    return {path.name for path in (base / "processing" / "output").glob("*")}


def report_of(base: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads((base / "processing" / "output" / "report.json").read_text())
    return report


def test_a_model_becomes_a_scene_and_a_report(tmp_path: Path) -> None:
    model = visible_model(2000, 3)
    ply = prepare(tmp_path, {**SETTINGS, "spz": 1, "html": 1})
    write_cameras(ply.with_name("cameras.json"))
    write_ply(ply, model)
    (tmp_path / "processing" / "input" / "config" / "scene.json").write_text('{"attribution": ["A. Pilot"]}')
    process = start(tmp_path)
    stdout, stderr = process.communicate()
    assert process.returncode == 0, stderr
    assert output_files(tmp_path) == {"scene.sog", "scene.spz", "scene.html", "report.json", "opening-view.jpg"}
    scene = (tmp_path / "processing" / "output" / "scene.sog").read_bytes()
    assert len(decode(scene).gaussians) == 2000
    report = report_of(tmp_path)
    metrics = report["metrics"]
    assert report["verdict"] == {"ok": True, "code": None, "message": None}
    assert (metrics["gaussians"], metrics["shBands"], metrics["bytes"]) == (2000, 3, len(scene))
    assert metrics["plyBytes"] == ply.stat().st_size
    assert metrics["ratioSh3"] == pytest.approx(248 * 2000 / len(scene))
    assert sum(file["bytes"] for file in metrics["files"]) < len(scene)
    assert {"positionLog", "rotationDeg", "logScale", "opacity", "color", "shRms"} <= metrics["maxErrors"].keys()
    assert [view["name"] for view in metrics["views"]] == ["opening view", "2.jpg"]
    assert metrics["decodedPsnr"] == pytest.approx(min(view["psnr"] for view in metrics["views"]), abs=1e-3)
    assert metrics["coveredShare"] > 0.2
    with Image.open(tmp_path / "processing" / "output" / "opening-view.jpg") as beside:
        assert beside.size == (1280, 400)
    sizes = {file["name"]: file["bytes"] for file in metrics["also"]}
    assert sizes == {n: (tmp_path / "processing" / "output" / n).stat().st_size for n in ("scene.spz", "scene.html")}
    assert b"Photos: A. Pilot" in (tmp_path / "processing" / "output" / "scene.html").read_bytes()
    assert metrics["warnings"] is None
    assert [phase["name"] for phase in report["phases"]] == [*PHASES, "spz", "html"]
    lines = [json.loads(line) for line in stdout.splitlines()]
    last = {line["phase"]: line for line in lines if line["spaceport"] == "progress"}
    assert list(last) == [*PHASES, "spz", "html"]
    assert all(line["done"] == line["total"] for line in last.values())


def test_a_format_that_cannot_hold_the_scene_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = visible_model(500, 0)
    model.positions[0] = (0, 0, 2e7)
    write_ply(prepare(tmp_path, {**SETTINGS, "spz": 1}), model)
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    program.main()
    report = report_of(tmp_path)
    assert report["verdict"]["ok"]
    assert "scene.spz" not in output_files(tmp_path)
    assert report["metrics"]["warnings"] == [
        "scene.spz could not be made: a Gaussian is 2e+07 units from the origin, and SPZ reaches 8388607."
    ]


def test_a_scene_on_the_map_is_delivered_on_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ply = prepare(tmp_path, {**SETTINGS, **{name: 1 for name in ON_MAP}, "epsg": 0, "groundResolutionMm": 200})
    write_ply(ply, marked_place())
    write_nadir_cameras(ply.with_name("cameras.json"))
    write_place(tmp_path / "processing" / "input" / "config", 47.4, 8.55)
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    monkeypatch.setattr("spaceport_compression.georeferenced.point_cloud.MAX_POINTS", 40_000)
    program.main()
    metrics = report_of(tmp_path)["metrics"]
    assert metrics["warnings"] is None
    assert [file["name"] for file in metrics["also"]] == [
        "topdown.webp",
        "topdown.json",
        "orthophoto.tif",
        "pointcloud.laz",
        "tiles/tileset.json",
    ]
    assert (tmp_path / "processing" / "output" / "tiles" / "0.glb").is_file()
    assert metrics["map"]["mapName"] == "WGS 84 / UTM zone 32N"
    assert (metrics["map"]["epsg"], metrics["map"]["orthophotoResolutionM"]) == (32632, 0.2)
    assert metrics["map"]["points"] > 1000
    assert metrics["leftOut"] is None


def test_a_scene_without_a_place_has_no_files_on_the_map_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_ply(prepare(tmp_path, {**SETTINGS, "orthophoto": 1}), visible_model(500, 0))
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    program.main()
    metrics = report_of(tmp_path)["metrics"]
    assert metrics["leftOut"] == [
        {"name": "orthophoto.tif", "reason": "camera reconstruction left no facts about the scene"}
    ]
    assert metrics["map"] is None
    assert "orthophoto.tif" not in output_files(tmp_path)


def test_a_map_that_cannot_be_used_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ply = prepare(tmp_path, {**SETTINGS, "orthophoto": 1, "epsg": 4326})
    write_ply(ply, marked_place())
    write_nadir_cameras(ply.with_name("cameras.json"))
    write_place(tmp_path / "processing" / "input" / "config", 47.4, 8.55)
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    program.main()
    assert report_of(tmp_path)["verdict"]["ok"]
    assert report_of(tmp_path)["metrics"]["warnings"] == [
        "orthophoto.tif could not be made: EPSG:4326 (WGS 84) is no map with east and north."
    ]


def test_fewer_bands_are_kept_and_scenes_in_pieces_and_for_phones_are_made_where_asked(tmp_path: Path) -> None:
    asked = {**SETTINGS, "shBands": 0, "streamAbove": 499, "phoneGaussians": 300}
    write_ply(prepare(tmp_path, asked), visible_model(500, 2))
    process = start(tmp_path)
    process.communicate()
    assert process.returncode == 0
    assert report_of(tmp_path)["metrics"]["shBands"] == 0
    assert report_of(tmp_path)["inputs"]["shBands"] == 2
    streamed = tmp_path / "processing" / "output" / "scene"
    assert report_of(tmp_path)["metrics"]["streamed"]["levels"] == [500]
    assert json.loads((streamed / "lod-meta.json").read_text())["filenames"] == ["0_0/meta.json"]
    assert (streamed / "0_0" / "means_l.webp").is_file()
    assert len(decode((streamed.parent / "scene-phone.sog").read_bytes()).gaussians) == 250
    assert "scene-phone.sog" in [file["name"] for file in report_of(tmp_path)["metrics"]["also"]]


def test_a_ratio_below_the_asked_one_is_a_verdict_and_the_scene_is_kept(tmp_path: Path) -> None:
    write_ply(prepare(tmp_path, {**SETTINGS, "minRatio": 40}), visible_model(500, 1))
    process = start(tmp_path)
    process.communicate()
    assert process.returncode == 0
    assert report_of(tmp_path)["verdict"]["code"] == "SOG_TOO_LARGE"
    assert "scene.sog" in output_files(tmp_path)


def test_a_truncated_model_ends_with_status_3_a_sentence_and_no_output(tmp_path: Path) -> None:
    ply = prepare(tmp_path, SETTINGS)
    write_ply(ply, random_model(500, 1))
    ply.write_bytes(ply.read_bytes()[:-100])
    process = start(tmp_path)
    process.communicate()
    assert process.returncode == 3
    assert (tmp_path / "output" / "message").read_text().startswith("MODEL_INVALID: model.ply has ")
    assert output_files(tmp_path) == set()


@pytest.mark.parametrize(
    "wrong", [{"shBands": 4}, {"minRatio": -1}, {"targetRatio": 1001}, {"extra": 1}, {"seed": "x"}]
)
def test_wrong_settings_are_refused(tmp_path: Path, wrong: dict[str, Any]) -> None:
    prepare(tmp_path, {**SETTINGS, **wrong})
    process = start(tmp_path)
    process.communicate()
    assert process.returncode == 3
    message = (tmp_path / "output" / "message").read_text()
    assert message.startswith("SETTINGS_INVALID: ")
    assert next(iter(wrong)) in message


def test_a_signal_ends_the_program_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    write_ply(prepare(tmp_path, SETTINGS), random_model(60_000, 3))
    process = start(tmp_path)
    assert process.stdout
    while '"palette"' not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 143
    assert output_files(tmp_path) == set()


def test_an_archive_that_differs_from_the_model_is_rejected_and_not_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_ply(prepare(tmp_path, SETTINGS), visible_model(500, 1))
    monkeypatch.setenv("SAGEMAKER_BASE_DIR", str(tmp_path))
    other = encode(scaled(visible_model(500, 1), 0.5), seed=0)
    monkeypatch.setattr(SceneEncoder, "encoded", lambda *limits: other)
    program.main()
    verdict = report_of(tmp_path)["verdict"]
    assert verdict["code"] == "SOG_INCOMPLETE"
    assert "positionLog" in verdict["message"]
    assert output_files(tmp_path) == {"report.json", "opening-view.jpg"}


def test_a_scene_that_a_viewer_would_show_as_nothing_is_rejected(tmp_path: Path) -> None:
    ply = prepare(tmp_path, SETTINGS)
    write_ply(ply, scaled(visible_model(2000, 0), 1e-12))
    write_cameras(ply.with_name("cameras.json"), 1e-12)
    process = start(tmp_path)
    process.communicate()
    assert process.returncode == 0
    report = report_of(tmp_path)
    assert report["verdict"]["code"] == "DELIVERY_EMPTY"
    assert report["verdict"]["message"].startswith("the scene covers 0 % of the view that a viewer opens with")
    assert report["metrics"]["coveredShare"] == 0


def test_a_deployment_without_the_decoder_says_so_before_the_work(tmp_path: Path, monkeypatch: Any) -> None:
    write_ply(prepare(tmp_path, SETTINGS), visible_model(500, 1))
    monkeypatch.delenv("SPACEPORT_SPLAT_TRANSFORM")
    process = start(tmp_path)
    stdout, _ = process.communicate()
    assert process.returncode == 1
    assert "SPACEPORT_SPLAT_TRANSFORM" in (tmp_path / "output" / "message").read_text()
    assert stdout == ""
