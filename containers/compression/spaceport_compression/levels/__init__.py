"""Levels of detail, and what is made of them."""
