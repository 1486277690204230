"""The exit rules, on real processes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

COMMON = Path(__file__).resolve().parents[1]
PRELUDE = "import sys, time\nfrom spaceport_common import errors, program\n"


def start(base: Path, body: str, training: bool = False) -> "subprocess.Popen[str]":
    """Runs `def main(): body` under run_program."""
    script = f"{PRELUDE}def main():\n    {body}\nsys.exit(program.run_program(main, training={training}))"
    return subprocess.Popen(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(COMMON), "SAGEMAKER_BASE_DIR": str(base)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(base: Path, body: str, training: bool = False) -> tuple[int, str]:
    process = start(base, body, training)
    _, stderr = process.communicate(timeout=30)
    return process.returncode, stderr


def test_a_program_that_ends_by_itself_exits_0(tmp_path: Path) -> None:
    assert run(tmp_path, "pass")[0] == 0
    assert not (tmp_path / "output").exists()


@pytest.mark.parametrize(("training", "name"), [(True, "failure"), (False, "message")])
def test_a_stage_error_exits_3_with_code_and_sentence(tmp_path: Path, training: bool, name: str) -> None:
    status, _ = run(tmp_path, "raise errors.StageError('TOO_FEW_POINTS', 'only 3 points')", training)
    assert status == 3
    assert (tmp_path / "output" / name).read_text("utf-8") == "TOO_FEW_POINTS: only 3 points"


def test_memory_that_runs_out_has_its_own_code(tmp_path: Path) -> None:
    status, _ = run(tmp_path, "raise MemoryError")
    assert status == 3
    assert (tmp_path / "output" / "message").read_text("utf-8").startswith("OUT_OF_MEMORY: ")


def test_a_defect_exits_1_with_its_traceback(tmp_path: Path) -> None:
    status, stderr = run(tmp_path, "[][1]")
    assert status == 1
    assert "Traceback" in stderr
    assert (tmp_path / "output" / "message").read_text("utf-8").startswith("INTERNAL_ERROR: IndexError")


def test_a_long_reason_is_cut_on_a_characters_border(tmp_path: Path) -> None:
    run(tmp_path, "raise errors.StageError('X', 'ä' * 1000)")
    reason = (tmp_path / "output" / "message").read_bytes()
    assert 1020 <= len(reason) <= 1024
    assert reason.decode("utf-8").startswith("X: ä")


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_cleans_up_and_exits_143(tmp_path: Path, signum: signal.Signals) -> None:
    mark = json.dumps(str(tmp_path / "cleaned"))
    body = f"try: print('ready', flush=True); time.sleep(60)\n    finally: open({mark}, 'w').close()"
    process = start(tmp_path, body)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"

    process.send_signal(signum)
    process.communicate(timeout=30)

    assert process.returncode == 143
    assert (tmp_path / "cleaned").exists()
