"""Reading models: a good one exactly, a bad one with a sentence that says what is wrong."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from compression_testing.models import ply_header, ply_table, property_names, random_model, write_ply
from spaceport_common.errors import StageError
from spaceport_common.sog.gaussians import SH_COEFFICIENTS
from spaceport_compression.formats.ply import read_ply

MODEL = random_model(20, 1)
NAMES = property_names(1)


@pytest.mark.parametrize("bands", range(4))
def test_a_model_is_read_exactly(tmp_path: Path, bands: int) -> None:
    model = random_model(50, bands)
    write_ply(tmp_path / "model.ply", model)
    found = read_ply(tmp_path / "model.ply")
    for name in ("positions", "rotations", "scales", "opacities", "colors", "sh"):
        assert np.array_equal(getattr(found, name), getattr(model, name)), name


def test_columns_are_found_by_name_and_unknown_ones_are_ignored(tmp_path: Path) -> None:
    shuffled = [*reversed(NAMES), "confidence"]
    table = np.hstack([ply_table(MODEL)[:, ::-1], np.full((20, 1), np.nan, "<f4")])
    (tmp_path / "model.ply").write_bytes(ply_header(20, shuffled) + table.tobytes())
    found = read_ply(tmp_path / "model.ply")
    assert np.array_equal(found.positions, MODEL.positions)
    assert np.array_equal(found.sh, MODEL.sh)


@pytest.mark.parametrize("bands", range(4))
def test_c01_bands_that_only_fill_up_the_columns_are_none(tmp_path: Path, bands: int) -> None:
    model = random_model(50, bands)
    padded = np.zeros((50, 3, SH_COEFFICIENTS[3]), np.float32)
    padded[:, :, : SH_COEFFICIENTS[bands]] = model.sh.reshape(50, 3, -1)
    write_ply(tmp_path / "model.ply", replace(model, sh=padded.reshape(50, -1)))
    found = read_ply(tmp_path / "model.ply")
    assert found.sh_bands == bands
    assert np.array_equal(found.sh, model.sh)


def with_value(column: str, value: float) -> bytes:
    table = ply_table(MODEL)
    table[3, NAMES.index(column)] = value
    return ply_header(20, NAMES) + table.tobytes()


def without_rotation() -> bytes:
    table = ply_table(MODEL)
    table[[3, 5], -4:] = 0
    return ply_header(20, NAMES) + table.tobytes()


def good() -> bytes:
    return ply_header(20, NAMES) + ply_table(MODEL).tobytes()


def rows_as_text() -> bytes:
    rows = "\n".join(" ".join(map(str, row)) for row in ply_table(MODEL))
    return ply_header(20, NAMES, "ascii") + rows.encode()


BAD_FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "not a PLY"),
    "a picture": (lambda: b"\xff\xd8\xff\xe0" * 100, "not a PLY"),
    "truncated": (lambda: good()[:-10], "shorter"),
    "trailing bytes": (lambda: good() + b"\0" * 4, "longer"),
    "only a header's beginning": (lambda: good()[:60], "no end of header"),
    "a header without end": (lambda: b"ply\n" + b"comment x\n" * 10_000, "no end of header"),
    "a header that is not text": (lambda: b"ply\ncomment \xff\nend_header\n", "not ASCII"),
    "a header that lies": (lambda: ply_header(9_999_999_999_999, NAMES) + b"\0" * 100, "shorter"),
    "a header of nonsense": (lambda: b"ply\nformat binary_little_endian 1.0\nhello\nend_header\n", "no sense"),
    "ascii": (rows_as_text, "format ascii"),
    "big-endian": (lambda: good().replace(b"little", b"big"), "binary_big_endian"),
    "no vertices": (lambda: ply_header(0, NAMES), "no Gaussians"),
    "a point cloud": (lambda: ply_header(1, ["x", "y", "z"]) + b"\0" * 12, "lacks the properties rot_0"),
    "a mesh": (lambda: good().replace(b"end_header", b"element face 3\nend_header"), "other elements"),
    "doubles": (lambda: good().replace(b"float x", b"double x"), "not a 32-bit float"),
    "a property twice": (lambda: good().replace(b"float nx", b"float x"), "twice"),
    "a strange number of f_rest": (lambda: good().replace(b"f_rest_8", b"unknown"), "8 f_rest"),
    "f_rest numbered wrongly": (lambda: good().replace(b"f_rest_8", b"f_rest_9"), "0 to 8"),
    "NaN": (lambda: with_value("f_rest_2", np.nan), "not finite in 1 of 20"),
    "infinity": (lambda: with_value("opacity", -np.inf), "not finite in 1 of 20"),
    "a zero rotation": (without_rotation, "length zero in 2 of 20"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_with_its_reason(tmp_path: Path, name: str) -> None:
    content, reason = BAD_FILES[name]
    (tmp_path / "model.ply").write_bytes(content())
    with pytest.raises(StageError) as raised:
        read_ply(tmp_path / "model.ply")
    assert raised.value.code == "MODEL_INVALID"
    assert reason in raised.value.sentence


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"MODEL_INVALID: model\.ply cannot be read"):
        read_ply(tmp_path / "model.ply")
