"""Compresses 3D Gaussian splats to SOG version 2.

A library (`read_ply`, `encode`, `decode`, `compare`) and the compression stage's program (`__main__`).
"""
