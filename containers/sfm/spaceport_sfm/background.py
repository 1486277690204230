"""Runs a blocking call into COLMAP so that signals and progress still get through."""

import threading
from collections.abc import Callable
from typing import TypeVar

import pycolmap

POLL_SECONDS = 0.2
CANCEL_SECONDS = 3.0

T = TypeVar("T")


def run_in_background(call: Callable[[pycolmap.CancellationToken], T], on_poll: Callable[[], None] | None = None) -> T:
    """Runs `call` in a thread of its own and returns its result, or raises what it raised.

    Python handles signals only in the main thread and only between two of its instructions; a call into COLMAP there
    would delay SIGTERM by minutes. COLMAP releases the interpreter lock while it works, so the main thread can
    wait here, call `on_poll` every POLL_SECONDS and once at the end, and raise `Interrupted`. The token that `call`
    gets is cancelled then, and the call has CANCEL_SECONDS to end; one that takes no token runs until the process ends.
    """
    results: list[T] = []
    errors: list[BaseException] = []
    token = pycolmap.CancellationToken()

    def target() -> None:
        try:
            results.append(call(token))
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=target, name="colmap", daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(POLL_SECONDS)
            if on_poll is not None:
                on_poll()
    except BaseException:
        token.cancel()
        thread.join(CANCEL_SECONDS)
        raise
    if errors:
        raise errors[0]
    return results[0]
