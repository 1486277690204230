"""The C++ kernel of features and matches: sources, build and loading."""
