"""Models and files for the compression tests."""
