"""Settings from JSON, strictly."""

import json
from pathlib import Path
from typing import Any

import pytest
from spaceport_common.errors import StageError
from spaceport_common.settings import Settings, load_settings


class Example(Settings):
    max_size: int
    ratio: float
    guided: bool


def load(folder: Path, value: Any) -> Example:
    (folder / "settings.json").write_text(value if isinstance(value, str) else json.dumps(value), "utf-8")
    return load_settings(Example, folder)


def test_camel_case_keys_become_typed_fields(tmp_path: Path) -> None:
    assert load(tmp_path, {"maxSize": 5, "ratio": 1, "guided": True}) == Example(max_size=5, ratio=1.0, guided=True)


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ({"maxSize": 5, "ratio": 1, "guided": True, "speed": 2}, "speed"),
        ({"maxSize": 5, "ratio": 1}, "guided"),
        ({"maxSize": "5", "ratio": 1, "guided": True}, "maxSize"),
        ({"maxSize": 5.5, "ratio": 1, "guided": True}, "maxSize"),
        ({"maxSize": 5, "ratio": 1, "guided": 1}, "guided"),
        ("not json", "settings"),
    ],
    ids=["unknown key", "missing key", "text for a number", "fraction for a count", "1 for true", "no JSON"],
)
def test_a_bad_setting_is_named(tmp_path: Path, value: Any, named: str) -> None:
    with pytest.raises(StageError) as raised:
        load(tmp_path, value)
    assert raised.value.code == "SETTINGS_INVALID"
    assert named in raised.value.sentence


def test_every_bad_setting_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(StageError) as raised:
        load(tmp_path, {"maxSize": "5", "speed": 2})
    assert all(name in raised.value.sentence for name in ("maxSize", "ratio", "guided", "speed"))


def test_missing_settings_are_invalid(tmp_path: Path) -> None:
    with pytest.raises(StageError, match="SETTINGS_INVALID"):
        load_settings(Example, tmp_path)
