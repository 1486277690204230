"""Figures of compression on one machine; not part of the image."""
