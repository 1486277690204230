"""Synthetic photos and jobs for the tests; not part of the image."""
