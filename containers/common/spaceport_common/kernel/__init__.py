"""The C++ kernel of the CPU rasteriser: sources, build and loading."""
