"""`report.json`: inputs, versions, options, seconds and peak memory by phase, metrics and the verdict."""

import json
import platform
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from .failures import FailureCode
from .gpu import GpuUse
from .machine import affinity_cpus
from .settings import doc
from .whole_file import whole_file


def required(meaning: str | None = None) -> Any:
    """Marks what the workflow reads, and takes no report of a good result without: the schemas require only that."""
    return Field(description=meaning, json_schema_extra={"required": True})


class Reported(BaseModel):
    """Base of what report.json holds: camelCase in JSON. Fields that were never set are left out of the file."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", populate_by_name=True, use_attribute_docstrings=True
    )


class Machine(Reported):
    """What the run had."""

    cpus: Annotated[int, doc("CPUs that the process may run on.")]
    memory_mb: Annotated[int | None, doc("Memory, in MiB, that was available at the start.")] = None
    gpu_utilization: Annotated[float | None, doc("Share of the run in which the GPU computed, 0 to 1.")] = None
    gpu_peak_mb: Annotated[float | None, doc("The most of the GPU's memory that was in use, in MiB.")] = None


class Phase(Reported):
    """One part of the run."""

    name: Annotated[str, doc("As in the progress lines.")]
    seconds: Annotated[float, doc("Wall-clock time.")]
    peak_mb: Annotated[float, doc("Highest resident set of the process until the phase's end, in MiB.")]


class Verdict(Reported):
    """Whether the result may be built on."""

    ok: Annotated[bool, doc("Whether it may.")]
    code: Annotated[FailureCode | None, doc("Why not, for programs.")]
    message: Annotated[str | None, doc("Why not, for people.")]


ACCEPTED = Verdict(ok=True, code=None, message=None)


def rejected(code: FailureCode, message: str) -> Verdict:
    """The work was done and its result is not good enough."""
    return Verdict(ok=False, code=code, message=message)


class StageReport(Reported):
    """What all stages report. Each program adds its `stage`, `options`, `inputs` and `metrics`."""

    version: Annotated[Literal[1], required("Version of this format.")]
    versions: Annotated[dict[str, str], doc("Versions of what computed.")]
    machine: Annotated[Machine, doc("What the run had.")]
    phases: Annotated[list[Phase], doc("Parts of the run, in order.")]
    verdict: Annotated[Verdict, required("Whether the result may be built on.")]
    seconds: Annotated[float, required("Wall-clock time of the run.")]
    peak_mb: Annotated[float, required("Highest resident set of the process, in MiB.")]

    def write(self, folder: Path) -> None:
        """Writes `report.json` into `folder`. Raises ValueError for numbers that are not finite."""
        write_json(folder / "report.json", self.model_dump(by_alias=True, exclude_unset=True))


class Recorder:
    """Times a run and its phases."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self.phases: list[Phase] = []
        self._gpu: GpuUse | None = None

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Times a phase, also one that fails, and notes the process's peak memory at its end."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.phases.append(Phase(name=name, seconds=_seconds_since(started), peak_mb=peak_memory_mb()))

    def add_gpu(self, use: GpuUse) -> None:
        """Notes how a GPU was used, as far as that is known."""
        self._gpu = use

    def facts(self, **versions: str) -> dict[str, Any]:
        """The fields of a StageReport that say how the run went; `versions` of what computed, Python's is added."""
        return {
            "version": 1,
            "versions": {"python": platform.python_version(), **versions},
            "machine": self._machine(),
            "phases": self.phases,
            "seconds": _seconds_since(self._started),
            "peak_mb": peak_memory_mb(),
        }

    def _machine(self) -> Machine:
        machine = Machine(cpus=affinity_cpus())
        if self._gpu is not None and self._gpu.mean_utilization is not None:
            machine.gpu_utilization = self._gpu.mean_utilization
        if self._gpu is not None and self._gpu.peak_mb is not None:
            machine.gpu_peak_mb = self._gpu.peak_mb
        return machine


def peak_memory_mb() -> float:
    """
    Highest resident set of this process so far, in MiB: VmHWM of proc(5), in KiB. Where there is no proc, getrusage
    tells it, in bytes on macOS; on Linux that would count what the process was started from, too.
    """
    try:
        status = Path("/proc/self/status").read_text("ascii", "replace")
        peak = int(next(line for line in status.splitlines() if line.startswith("VmHWM:")).split()[1])
    except (OSError, StopIteration):
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1)
    return round(peak / 1024, 1)


def write_json(path: Path, value: Any) -> None:
    """Writes JSON atomically. Raises ValueError for NaN and infinity."""
    with whole_file(path) as file:
        file.write(json.dumps(value, allow_nan=False, indent=1).encode())


def _seconds_since(started: float) -> float:
    return round(time.monotonic() - started, 3)
