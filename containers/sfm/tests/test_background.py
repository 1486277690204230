"""Blocking calls beside a main thread that stays awake."""

import threading

import pytest
from pycolmap import CancellationToken
from spaceport_sfm import background
from spaceport_sfm.background import run_in_background


def test_the_result_is_handed_back() -> None:
    assert run_in_background(lambda _: 42) == 42


def test_an_error_is_raised_in_the_caller() -> None:
    def fail(token: CancellationToken) -> None:
        raise ValueError("no such database")

    with pytest.raises(ValueError, match="no such database"):
        run_in_background(fail)


def test_the_caller_polls_while_the_call_runs() -> None:
    polled = threading.Event()
    assert run_in_background(lambda _: polled.wait(10), polled.set)


def test_an_interruption_cancels_the_call() -> None:
    cancelled = threading.Event()

    def work(token: CancellationToken) -> None:
        while not token.is_cancelled:
            threading.Event().wait(0.01)
        cancelled.set()

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_in_background(work, interrupt)
    assert cancelled.is_set()


def test_an_interruption_does_not_wait_for_a_call_that_cannot_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "CANCEL_SECONDS", 0.1)
    release = threading.Event()

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_in_background(lambda _: release.wait(60), interrupt)
    release.set()
