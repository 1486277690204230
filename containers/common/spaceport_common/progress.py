"""Progress lines: one JSON object a line on stdout; everything else on stdout is log text."""

import json
import time
from collections.abc import Callable, Mapping

MIN_INTERVAL_SECONDS = 0.5
Metrics = Mapping[str, float | int | str]

_last: dict[str, tuple[float, dict[str, object]]] = {}
_of_machine: list[Callable[[], Metrics]] = []


def tell_of_machine(figures: Callable[[], Metrics]) -> None:
    """Each line from now on has these figures too: what the program uses of its machine at that moment."""
    _of_machine.append(figures)


def progress(phase: str, done: float, total: float, metrics: Metrics | Callable[[], Metrics] | None = None) -> None:
    """Says how far a phase is: `done` of `total` in any unit, 0 <= done <= total.

    Lines of one phase are at least MIN_INTERVAL_SECONDS apart, except the first and the last, which are always printed.
    A repeated line is skipped, so that callers may poll. `metrics` may be a function, for figures that cost time: it is
    called only where the line is not too early.
    """
    now = time.monotonic()
    if phase in _last and done < total and now - _last[phase][0] < MIN_INTERVAL_SECONDS:
        return
    line: dict[str, object] = {"spaceport": "progress", "phase": phase, "done": done, "total": total}
    figures = metrics() if callable(metrics) else metrics
    if figures:
        line["metrics"] = dict(figures)
    if phase in _last and _last[phase][1] == line:
        return
    _last[phase] = (now, line)
    machine = {name: value for figures in _of_machine for name, value in figures().items()}
    print(json.dumps(_with_metrics(line, machine), separators=(",", ":")), flush=True)


def _with_metrics(line: dict[str, object], more: Metrics) -> dict[str, object]:
    metrics = line.get("metrics", {})
    assert isinstance(metrics, dict)
    return {**line, "metrics": {**metrics, **more}} if more else line
