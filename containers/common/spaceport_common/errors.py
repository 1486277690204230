"""The two ways in which a program ends early."""

from .failures import FailureCode


class StageError(Exception):
    """There is no usable output. `sentence` is for a person."""

    def __init__(self, code: FailureCode, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence


class Interrupted(BaseException):
    """SIGTERM or SIGINT came. Not an `Exception`, so that no handler swallows it by accident."""
