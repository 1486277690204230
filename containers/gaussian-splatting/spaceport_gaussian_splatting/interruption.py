"""SIGTERM and SIGINT as a question asked between iterations, so that a checkpoint never sees a half-made step."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interruption:
    """Whether a signal has come."""

    came = False

    def _note(self, signum: int, frame: FrameType | None) -> None:
        self.came = True


@contextmanager
def deferred_interruption() -> Iterator[Interruption]:
    """While it is open, signals are noted and not raised; the handlers from before come back at its end."""
    interruption = Interruption()
    before = {number: signal.signal(number, interruption._note) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
