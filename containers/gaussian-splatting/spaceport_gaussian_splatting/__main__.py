"""`python -m spaceport_gaussian_splatting [train]`: the argument is SageMaker's and changes nothing."""

import os
import sys

# Before torch is imported: its waiting threads sleep instead of spinning, so that the kernel's threads have the cores.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
# Before numpy is imported: its work on thin matrices is too small for threads, which only wait for one another.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from spaceport_common.paths import training_channel
from spaceport_common.program import run_program
from spaceport_common.settings import load_settings

from .settings import TrainingSettings


def main() -> None:
    """Reads the settings before torch is imported: wrong ones are refused at once."""
    settings = load_settings(TrainingSettings, training_channel("config"))
    from . import program

    program.main(settings)


if __name__ == "__main__":
    if sys.argv[1:] not in ([], ["train"]):
        print("usage: python -m spaceport_gaussian_splatting [train]", file=sys.stderr)
        sys.exit(2)
    sys.exit(run_program(main, training=True))
