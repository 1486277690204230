"""`python -m splatting_bench.at_offset OFFSET`: the program with other photos held out, every n-th by name from OFFSET.

Levers are chosen on such photos, so that those of offset 0, which the program itself holds out, stay unseen.
"""

import importlib
import sys
from functools import partial
from typing import Any

from spaceport_common.program import run_program
from spaceport_gaussian_splatting import __main__ as program


def held_out_from(offset: int, count: int, every: int) -> list[int]:
    """In place of split.held_out_indices."""
    return list(range(offset, count, every))


def main(offset: int) -> None:
    """What the program's own main does."""
    scene: Any = importlib.import_module("spaceport_gaussian_splatting.scene")
    scene.held_out_indices = partial(held_out_from, offset)
    program.main()


if __name__ == "__main__":
    sys.exit(run_program(partial(main, int(sys.argv[1])), training=True))
