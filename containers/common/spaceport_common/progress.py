"""Progress lines: one JSON object a line on stdout; everything else on stdout is log text."""

import json
import time
from collections.abc import Mapping

MIN_INTERVAL_SECONDS = 0.5

_last: dict[str, tuple[float, dict[str, object]]] = {}


def progress(phase: str, done: float, total: float, metrics: Mapping[str, float | int | str] | None = None) -> None:
    """Says how far a phase is: `done` of `total` in any unit, 0 <= done <= total.

    Lines of one phase are at least MIN_INTERVAL_SECONDS apart, except the first and the last, which are always printed.
    A repeated line is skipped, so that callers may poll.
    """
    line: dict[str, object] = {"spaceport": "progress", "phase": phase, "done": done, "total": total}
    if metrics:
        line["metrics"] = dict(metrics)
    now = time.monotonic()
    if phase in _last:
        before, same = _last[phase][0], _last[phase][1] == line
        if same or (done < total and now - before < MIN_INTERVAL_SECONDS):
            return
    _last[phase] = (now, line)
    print(json.dumps(line, separators=(",", ":")), flush=True)
