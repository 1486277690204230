"""What of the GPU is used, as `nvidia-smi` tells it: NVIDIA's own tool, which its container runtime puts in place."""

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread

EVERY_SECONDS = 2
LAST_WORD_SECONDS = 5
_QUERY = "--query-gpu=utilization.gpu,memory.used"


@dataclass
class GpuUse:
    """Of one GPU, all programs on it together. Everything is empty where nothing could be asked."""

    utilization: float | None = None
    """Share of the last sampling period (up to a second) in which a kernel ran, 0 to 1."""
    memory_mb: float | None = None
    """Memory in use, in MiB."""
    peak_mb: float | None = None
    """The most memory in use at any sample, in MiB."""
    _sum: float = field(default=0.0, repr=False)
    _samples: int = field(default=0, repr=False)

    def add(self, line: str) -> None:
        """Takes a line `utilisation in per cent, memory in MiB`. A figure that the card does not tell is left out."""
        percent, _, memory = line.partition(",")
        used, memory_mb = _number(percent), _number(memory)
        if used is not None:
            self.utilization = used / 100
            self._sum += self.utilization
            self._samples += 1
        if memory_mb is not None:
            self.memory_mb = memory_mb
            self.peak_mb = max(memory_mb, self.peak_mb or 0)

    @property
    def mean_utilization(self) -> float | None:
        """Over all samples, 0 to 1."""
        return round(self._sum / self._samples, 3) if self._samples else None

    def figures(self) -> dict[str, float]:
        """What a progress line says of it."""
        told = {"gpuUtilization": self.utilization, "gpuMemoryMb": self.memory_mb}
        return {name: value for name, value in told.items() if value is not None}


@contextmanager
def watched_gpu(gpu: str | None, program: Sequence[str] = ("nvidia-smi",)) -> Iterator[GpuUse]:
    """Asks for the use of a GPU (its UUID) every EVERY_SECONDS, in a program of its own. None: nothing is asked."""
    use = GpuUse()
    if gpu is None:
        yield use
        return
    asked = [*program, f"--id={gpu}", _QUERY, "--format=csv,noheader,nounits", f"--loop={EVERY_SECONDS}"]
    try:
        teller = subprocess.Popen(asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    except OSError as error:
        print(f"the GPU's use is not told: {error}", flush=True)
        yield use
        return
    listener = Thread(target=_listen, args=(teller, use), daemon=True)
    listener.start()
    try:
        yield use
    finally:
        teller.kill()
        # Of a GPU that has fallen off its bus the driver answers nobody, and the teller does not even die.
        with suppress(subprocess.TimeoutExpired):
            teller.wait(LAST_WORD_SECONDS)
        listener.join(LAST_WORD_SECONDS)


def _listen(teller: subprocess.Popen[str], use: GpuUse) -> None:
    assert teller.stdout is not None
    with teller.stdout as lines:
        for line in lines:
            use.add(line)


def _number(text: str) -> float | None:
    """None for `[N/A]` and the like."""
    try:
        return float(text)
    except ValueError:
        return None
