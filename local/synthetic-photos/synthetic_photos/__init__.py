"""Renders drone photos of an invented village, with the camera of every photo known exactly.

World frame: ENU in metres (x east, y north, z up) around a fixed geodetic origin. Camera frame: COLMAP's
(x right, y down, z forward). Pixel coordinates: (0.5, 0.5) is the centre of the upper left pixel.
"""
