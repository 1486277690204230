"""Progress lines: one JSON object a line on stdout; everything else on stdout is log text."""

import json
import time
from collections.abc import Callable, Mapping

MIN_INTERVAL_SECONDS = 0.5
Metrics = Mapping[str, float | int | str]

_last: dict[str, tuple[float, dict[str, object]]] = {}


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
    print(json.dumps(line, separators=(",", ":")), flush=True)
