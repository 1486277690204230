"""`python -m spaceport_sfm`: docs/container-contract.md, section sfm."""

import os
import sys

from spaceport_common.paths import processing_input, processing_output, processing_scratch
from spaceport_common.program import EXIT_INTERRUPTED, run_program
from spaceport_common.settings import load_settings

from .pipeline import reconstruct
from .settings import SfmSettings
from .tuning import Tuning


def main() -> None:
    settings = load_settings(SfmSettings, processing_input("config"))
    reconstruct(settings, Tuning(), processing_input("photos"), processing_output(), processing_scratch())


if __name__ == "__main__":
    status = run_program(main, training=False)
    sys.stdout.flush()
    sys.stderr.flush()
    if status == EXIT_INTERRUPTED:
        # A call that cannot be cancelled, such as a decoder's, may still run in its thread: do not wait for it.
        os._exit(status)
    sys.exit(status)
