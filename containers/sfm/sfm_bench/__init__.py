"""Figures that thresholds come from; not part of the image."""
