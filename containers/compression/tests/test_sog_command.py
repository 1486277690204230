"""spaceport-sog: what it writes, what it says, and that a bad model leaves nothing behind."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from compression_testing.models import random_model, visible_model, write_ply
from spaceport_common.errors import Interrupted
from spaceport_common.sog.decoder import decode
from spaceport_common.sog.encoder import SceneEncoder, encode
from spaceport_compression import memory, sog


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any], str]:
    """Status, the line of JSON, and what is said to people."""
    status = sog.main(["--json", *map(str, arguments)])
    captured = capsys.readouterr()
    return status, json.loads(captured.out) if captured.out else {}, captured.err


def test_a_model_is_compressed_and_read_back_by_viewers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_ply(tmp_path / "in.ply", visible_model(300, 2))
    status, facts, _ = run(capsys, tmp_path / "in.ply", tmp_path / "out.sog", "--sh-bands", 1, "--verify")
    assert status == 0
    found = decode((tmp_path / "out.sog").read_bytes()).gaussians
    assert (len(found), found.sh_bands) == (300, 1)
    assert facts["bytes"] == (tmp_path / "out.sog").stat().st_size
    assert facts["verified"]["psnr"] > 30
    assert facts["givenUp"] is None


def test_harmonics_are_given_up_for_a_ratio_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = visible_model(2000, 2)
    write_ply(tmp_path / "in.ply", replace(model, sh=model.sh * np.float32(0.02)))
    _, everything, _ = run(capsys, tmp_path / "in.ply", tmp_path / "out.sog", "--target-ratio", 0)
    status, facts, _ = run(capsys, tmp_path / "in.ply", tmp_path / "out.sog", "--target-ratio", 12)
    assert status == 0
    assert facts["ratioSh3"] > everything["ratioSh3"]
    assert "were given up for the ratio" in facts["givenUp"]
    assert (everything["shBands"], everything["givenUp"], everything["belowTarget"]) == (2, None, None)


def test_a_truncated_model_ends_with_a_code_and_advice_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_ply(tmp_path / "in.ply", random_model(50, 1))
    (tmp_path / "in.ply").write_bytes((tmp_path / "in.ply").read_bytes()[:-10])
    status, facts, said = run(capsys, tmp_path / "in.ply", tmp_path / "out.sog")
    assert status == 3
    assert facts["error"]["code"] == "MODEL_INVALID"
    assert facts["error"]["advice"] in said
    assert [path.name for path in tmp_path.iterdir()] == ["in.ply"]


def test_more_gaussians_than_the_memory_holds_are_refused_before_they_are_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_ply(tmp_path / "in.ply", random_model(50, 0))
    monkeypatch.setattr(memory, "available_memory_bytes", lambda: 10_000)
    status, facts, _ = run(capsys, tmp_path / "in.ply", tmp_path / "out.sog")
    assert (status, facts["error"]["code"]) == (3, "OUT_OF_MEMORY")
    assert facts["error"]["message"].startswith("50 Gaussians of 17 numbers need at least")
    assert not (tmp_path / "out.sog").exists()


def test_a_file_that_differs_when_read_back_is_not_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_ply(tmp_path / "in.ply", visible_model(100, 0))
    (tmp_path / "out.sog").write_bytes(b"of before")
    other = encode(visible_model(99, 0), seed=0)
    monkeypatch.setattr(SceneEncoder, "encoded", lambda *limits: other)
    status, facts, _ = run(capsys, tmp_path / "in.ply", tmp_path / "out.sog", "--verify")
    assert (status, facts["error"]["code"]) == (1, "NOT_VERIFIED")
    assert (tmp_path / "out.sog").read_bytes() == b"of before"


def test_a_signal_ends_it_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_ply(tmp_path / "in.ply", random_model(50, 0))

    def interrupted(*limits: object) -> None:
        raise Interrupted

    monkeypatch.setattr(SceneEncoder, "encoded", interrupted)
    status, facts, _ = run(capsys, tmp_path / "in.ply", tmp_path / "out.sog")
    assert (status, facts) == (143, {})
    assert not (tmp_path / "out.sog").exists()


@pytest.mark.parametrize("wrong", [["--sh-bands", "4"], ["--target-ratio", "0.5"], []])
def test_a_wrong_command_ends_with_2(wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        sog.main([*wrong, "in.ply", *(["out.sog"] if wrong else [])])
    assert ended.value.code == 2
