"""SIGTERM and SIGINT are checked between iterations, so that a checkpoint never holds a half-made step."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType


@dataclass
class Interruption:
    """Whether SIGTERM or SIGINT has arrived."""

    came: bool = False

    def _note(self, signum: int, frame: FrameType | None) -> None:
        self.came = True


@contextmanager
def deferred_interruption() -> Iterator[Interruption]:
    """Notes signals instead of raising them while it is open, then restores the earlier handlers."""
    interruption = Interruption()
    before = {number: signal.signal(number, interruption._note) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
