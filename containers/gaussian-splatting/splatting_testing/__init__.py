"""Synthetic scenes with a known truth, for the tests of this folder."""
