"""Structure from motion: a folder of drone photos becomes cameras, sparse points and prepared photos.

`pipeline.reconstruct` is the whole run; every other module is one step or one rule of it.
"""

# COLMAP 4.2.1 exports a zlib of its own. The system's, if Pillow loads it after that, calls half of COLMAP's, and the
# first PNG that is written ends the process: Python's module loads the system's first.
import zlib as zlib
