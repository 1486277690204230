"""Figures of training on one machine; not part of the image."""
