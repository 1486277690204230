"""The use of a GPU, from a stand-in for nvidia-smi: this suite runs on machines without one."""

import sys
import time
from pathlib import Path

import pytest
from spaceport_common.gpu import GpuUse, watched_gpu

STAND_IN = """
import sys, time
print(*sys.argv[1:], file=open({asked!r}, "w"), flush=True)
for line in {lines!r}:
    print(line, flush=True)
time.sleep(600)
"""


def stand_in(folder: Path, *lines: str) -> tuple[str, ...]:
    program = folder / "nvidia_smi.py"
    program.write_text(STAND_IN.format(asked=str(folder / "asked"), lines=lines), "utf-8")
    return (sys.executable, str(program))


def test_utilisation_and_memory_are_those_of_the_last_sample_and_mean_and_peak_of_all(tmp_path: Path) -> None:
    with watched_gpu("GPU-5f1c", stand_in(tmp_path, "100, 9000", "50, 4000", "0, 2000")) as use:
        until = time.monotonic() + 60
        while use.memory_mb != 2000 and time.monotonic() < until:
            time.sleep(0.01)
    assert use.figures() == {"gpuUtilization": 0, "gpuMemoryMb": 2000}
    assert (use.mean_utilization, use.peak_mb) == (0.5, 9000)
    asked = (tmp_path / "asked").read_text("utf-8")
    assert "--id=GPU-5f1c" in asked and "--query-gpu=utilization.gpu,memory.used" in asked


def test_a_card_that_does_not_tell_a_figure_is_asked_for_the_other() -> None:
    use = GpuUse()
    for line in ("[N/A], 512", "Unable to determine the device handle", ""):
        use.add(line)
    assert use.figures() == {"gpuMemoryMb": 512}
    assert use.mean_utilization is None


def test_without_a_gpu_or_without_the_tool_nothing_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    for gpu in (None, "GPU-5f1c"):
        with watched_gpu(gpu, ("no-such-program-at-all",)) as use:
            pass
        assert use == GpuUse()
    assert capfd.readouterr().out.count("the GPU's use is not told") == 1
