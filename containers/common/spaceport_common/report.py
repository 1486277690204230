"""`report.json`: inputs, versions, options, seconds and peak memory by phase, metrics and the verdict."""

import json
import os
import resource
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

REPORT_VERSION = 1


def peak_memory_mb() -> float:
    """Highest resident set of this process so far, in MiB (getrusage: KiB on Linux, bytes on macOS)."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024) if sys.platform == "darwin" else peak / 1024


def write_json(path: Path, value: Any) -> None:
    """Writes JSON atomically (temporary file, then rename); NaN and infinity are refused."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(json.dumps(value, allow_nan=False, indent=1), "utf-8")
    temporary.replace(path)


class Report:
    """Collects what one run did. `accept` or `reject` gives the verdict, `write` ends it."""

    def __init__(self, stage: str, options: Mapping[str, Any], versions: Mapping[str, str]) -> None:
        self._started = time.monotonic()
        self._verdict: dict[str, Any] | None = None
        self.body: dict[str, Any] = {
            "version": REPORT_VERSION,
            "stage": stage,
            "options": dict(options),
            "versions": dict(versions),
            "machine": {"cpus": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()},
            "inputs": {},
            "phases": [],
            "metrics": {},
        }

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Times a phase and notes the process's peak memory at its end."""
        started = time.monotonic()
        try:
            yield
        finally:
            seconds = round(time.monotonic() - started, 3)
            self.body["phases"].append({"name": name, "seconds": seconds, "peakMb": round(peak_memory_mb(), 1)})

    @property
    def metrics(self) -> dict[str, Any]:
        """What the workflow's gate and the result page read."""
        metrics: dict[str, Any] = self.body["metrics"]
        return metrics

    @property
    def inputs(self) -> dict[str, Any]:
        """What the run was given: counts, sizes, names."""
        inputs: dict[str, Any] = self.body["inputs"]
        return inputs

    def accept(self) -> None:
        """The output is good."""
        self._verdict = {"ok": True, "code": None, "message": None}

    def reject(self, code: str, message: str) -> None:
        """The work was done and its result is not good enough; `code` is one of contracts/job/failures."""
        self._verdict = {"ok": False, "code": code, "message": message}

    def write(self, folder: Path) -> None:
        """Writes `report.json` into `folder`. A verdict must have been given."""
        if self._verdict is None:
            raise AssertionError("a report needs a verdict")
        self.body["verdict"] = self._verdict
        self.body["seconds"] = round(time.monotonic() - self._started, 3)
        self.body["peakMb"] = round(peak_memory_mb(), 1)
        write_json(folder / "report.json", self.body)
