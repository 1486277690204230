"""Entry point of the compression container: `python -m spaceport_compression`."""

import os
import sys

# The palette runs clusters in parallel; a threaded matrix product inside would only get in its way. numpy reads
# this when it is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from spaceport_common.program import run_program

from .program import main

if __name__ == "__main__":
    sys.exit(run_program(main, training=False))
