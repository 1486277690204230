"""Blocking calls beside a main thread that stays awake."""

import threading

import pytest
from spaceport_sfm.background import run_in_background


def test_the_result_is_handed_back() -> None:
    assert run_in_background(lambda: 42) == 42


def test_an_error_is_raised_in_the_caller() -> None:
    def fail() -> None:
        raise ValueError("no such database")

    with pytest.raises(ValueError, match="no such database"):
        run_in_background(fail)


def test_the_caller_polls_while_the_call_runs() -> None:
    polled = threading.Event()
    assert run_in_background(lambda: polled.wait(10), polled.set)


def test_an_interruption_does_not_wait_for_the_call() -> None:
    release = threading.Event()

    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_in_background(lambda: release.wait(60), interrupt)
    release.set()
