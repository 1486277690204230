"""Runs a program under the contract's exit rules."""

import signal
import sys
import traceback
from collections.abc import Callable
from types import FrameType

from .errors import Interrupted, StageError
from .failures import out_of_memory
from .machine import memory_use
from .paths import failure_file
from .progress import tell_of_machine

EXIT_NO_USABLE_OUTPUT = 3
EXIT_INTERRUPTED = 143  # 128 + SIGTERM, what a shell reports
MAX_REASON_BYTES = 1024  # SageMaker keeps the first 1024 characters of FailureReason and ExitMessage


def run_program(main: Callable[[], None], *, training: bool) -> int:
    """Runs `main` and returns the exit status.

    0: `main` ended by itself and wrote report.json, accepted or rejected. 3: StageError, with `CODE: sentence` in
    the failure file. 143: SIGTERM or SIGINT, raised inside `main` as Interrupted so that it can clean up.
    1: a defect, with the traceback on stderr and its last line in the failure file.
    """

    def interrupt(signum: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second signal must not interrupt the clean-up
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise Interrupted

    signal.signal(signal.SIGTERM, interrupt)
    signal.signal(signal.SIGINT, interrupt)
    tell_of_machine(memory_use)
    try:
        main()
        return 0
    except Interrupted:
        print("interrupted, cleaned up", flush=True)
        return EXIT_INTERRUPTED
    except (StageError, MemoryError) as error:
        reason = str(error) if isinstance(error, StageError) else f"OUT_OF_MEMORY: {out_of_memory()}"
        _write_reason(reason, training)
        print(reason, file=sys.stderr, flush=True)
        return EXIT_NO_USABLE_OUTPUT
    except Exception as error:
        traceback.print_exc()
        _write_reason(f"INTERNAL_ERROR: {type(error).__name__}: {error}", training)
        return 1


def _write_reason(reason: str, training: bool) -> None:
    path = failure_file(training)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Cut on a character's border: SageMaker fails a job whose exit message is not UTF-8.
    path.write_bytes(reason.encode()[:MAX_REASON_BYTES].decode(errors="ignore").encode())
