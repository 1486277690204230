"""PlayCanvas's own reader must see what our reader sees."""

from pathlib import Path

import numpy as np
import pytest
from compression_testing.models import copies, extreme_model, random_model
from spaceport_common.sog.decoder import decode
from spaceport_common.sog.encoder import encode
from spaceport_compression.formats.ply import read_ply
from spaceport_compression.formats.splat_transform import UnreadableSceneError, decode_to_ply

MODELS = {
    **{f"SH{bands}": random_model(2500, bands) for bands in range(4)},
    "one Gaussian": random_model(1, 3),
    "four copies": copies(random_model(1, 1), 4),
    "extremes": extreme_model(),
}


@pytest.mark.parametrize("name", MODELS)
def test_splat_transform_reads_the_same_gaussians(tmp_path: Path, name: str) -> None:
    data = encode(MODELS[name], seed=0).data
    (tmp_path / "scene.sog").write_bytes(data)
    decode_to_ply(tmp_path / "scene.sog", tmp_path / "scene.ply", len(MODELS[name]))
    theirs = read_ply(tmp_path / "scene.ply")
    ours = decode(data).gaussians
    assert len(theirs) == len(ours) == len(MODELS[name])
    for attribute in ("positions", "rotations", "scales", "opacities", "colors", "sh"):
        np.testing.assert_allclose(
            getattr(theirs, attribute), getattr(ours, attribute), rtol=1e-5, atol=1e-6, err_msg=attribute
        )


DECODERS = {
    "it fails": ("process.stderr.write('secret'); process.exit(1)", "status 1"),
    "it ends well and leaves nothing": ("0", "left no model"),
    "it never ends": ("setInterval(() => {}, 1000)", "had not finished"),
}


@pytest.mark.parametrize("how", DECODERS)
def test_what_the_decoder_cannot_read_is_said_in_plain_words(
    tmp_path: Path, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, words = DECODERS[how]
    (tmp_path / "decoder.mjs").write_text(program)
    monkeypatch.setenv("SPACEPORT_SPLAT_TRANSFORM", str(tmp_path / "decoder.mjs"))
    monkeypatch.setattr("spaceport_compression.formats.splat_transform.SECONDS", 3)
    with pytest.raises(UnreadableSceneError, match=words) as raised:
        decode_to_ply(tmp_path / "scene.sog", tmp_path / "scene.ply", 1)
    assert "secret" not in str(raised.value)


ENDS = {
    "its memory ended": ("process.kill(process.pid, 'SIGKILL')", MemoryError),
    "the disk is full": ("console.error('ENOSPC: no space left on device'); process.exit(1)", OSError),
}


@pytest.mark.parametrize("why", ENDS)
def test_a_machine_that_is_too_small_is_not_taken_for_a_damaged_scene(
    tmp_path: Path, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, error = ENDS[why]
    (tmp_path / "decoder.mjs").write_text(program)
    monkeypatch.setenv("SPACEPORT_SPLAT_TRANSFORM", str(tmp_path / "decoder.mjs"))
    with pytest.raises(error):
        decode_to_ply(tmp_path / "scene.sog", tmp_path / "scene.ply", 1)
