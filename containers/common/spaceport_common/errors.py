"""The two ways in which a program ends early."""

from .failures import FailureCode


class StageError(Exception):
    """The run has no usable output. `sentence` tells a person why."""

    def __init__(self, code: FailureCode, sentence: str) -> None:
        super().__init__(f"{code}: {sentence}")
        self.code = code
        self.sentence = sentence


class Interrupted(BaseException):
    """SIGTERM or SIGINT arrived. Not an `Exception`, so that no handler swallows it by accident."""
