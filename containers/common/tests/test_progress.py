"""Progress lines as the watcher reads them."""

import json
from functools import partial
from typing import Any

import pytest
from spaceport_common import progress as module
from spaceport_common.progress import progress


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(module, "_last", {})
    monkeypatch.setattr(module, "_of_machine", [])
    return lambda: [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_is_one_json_object(lines: Any) -> None:
    progress("matching", 120, 306, {"pairs": 4})
    assert lines() == [
        {"spaceport": "progress", "phase": "matching", "done": 120, "total": 306, "metrics": {"pairs": 4}}
    ]


def test_the_first_and_the_last_line_go_out_however_fast_they_come(lines: Any) -> None:
    for done in range(101):
        progress("features", done, 100)
    shown = [line["done"] for line in lines()]
    assert shown[0] == 0 and shown[-1] == 100
    assert len(shown) < 101


def test_figures_that_cost_time_are_computed_for_printed_lines_only(lines: Any) -> None:
    computed: list[int] = []

    def figures(done: int) -> dict[str, float]:
        computed.append(done)
        return {"psnr": float(done)}

    for done in range(101):
        progress("train", done, 100, partial(figures, done))
    shown = lines()
    assert computed == [line["done"] for line in shown]
    assert shown[-1]["metrics"] == {"psnr": 100.0}


def test_a_caller_that_polls_repeats_nothing(lines: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MIN_INTERVAL_SECONDS", 0.0)
    for done in (0, 0, 1, 1, 2, 2):
        progress("mapping", done, 2)
    assert [line["done"] for line in lines()] == [0, 1, 2]


def test_what_the_machine_is_used_for_stands_in_each_line_and_makes_none_of_its_own(
    lines: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MIN_INTERVAL_SECONDS", 0.0)
    memory = iter((100.0, 200.0))
    module.tell_of_machine(lambda: {"memoryMb": next(memory)})
    module.tell_of_machine(lambda: {"gpuUtilization": 0.75})
    for done in (0, 0, 1):
        progress("train", done, 2, {"loss": 0.5})
    assert [line["metrics"] for line in lines()] == [
        {"loss": 0.5, "memoryMb": 100.0, "gpuUtilization": 0.75},
        {"loss": 0.5, "memoryMb": 200.0, "gpuUtilization": 0.75},
    ]


def test_phases_do_not_hold_each_other_back(lines: Any) -> None:
    progress("features", 1, 2)
    progress("matching", 1, 2)
    assert [line["phase"] for line in lines()] == ["features", "matching"]
