"""Compiles the kernel of features: `python -m spaceport_sfm.kernel.build OUTPUT_DIR`."""

import sys
from pathlib import Path

from spaceport_common.kernel.build import Sources, main

FEATURES = Sources("features", Path(__file__).parent)

if __name__ == "__main__":
    sys.exit(main(FEATURES))
