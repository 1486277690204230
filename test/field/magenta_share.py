"""Prints which share of a picture's pixels is magenta, 0 to 1: `magenta_share.py PICTURE`."""

import sys

import numpy as np
from PIL import Image

red, green, blue = np.moveaxis(np.asarray(Image.open(sys.argv[1]).convert("RGB"), dtype=np.int16), -1, 0)
print(float(np.mean(np.minimum(red, blue) - green > 80)))
