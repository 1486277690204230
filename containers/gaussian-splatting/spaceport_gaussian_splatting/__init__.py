"""Trains a 3D Gaussian splat from photos and a COLMAP model (docs/container-contract.md, "gaussian-splatting")."""
