"""The flight: a serpentine nadir grid, then obliques from around that look at the middle."""

import math

import numpy as np

from .camera import Camera, Lens, looking

NADIR_ALTITUDE_M = 40.0
NADIR_OVERLAP = 0.75  # of the footprint, along and across the lines
MAX_GRID_SPAN_M = 64.0  # keeps every footprint inside the textured ground
OBLIQUE_SHARE = 0.25
OBLIQUE_ALTITUDE_M = 32.0
OBLIQUE_RADIUS_M = 30.0
OBLIQUE_PITCH_DEG = -52.0


def plan_flight(photos: int, lens: Lens, seed: int) -> list[Camera]:
    """Cameras in the order of capture, named DJI_0001.JPG onwards; three quarters of them are nadir.

    Positions and angles wander a little, as a real drone's do, so that the grid is not degenerate.
    """
    random = np.random.default_rng([seed, 1])
    obliques = math.floor(photos * OBLIQUE_SHARE)
    poses = [*_nadir_grid(photos - obliques, lens), *_oblique_ring(obliques)]
    cameras = []
    for index, (position, heading, pitch) in enumerate(poses):
        wander = random.normal(0.0, [0.5, 0.5, 0.6])
        turn = random.normal(0.0, [1.5, 0.8, 0.4])
        rotation = looking(heading + turn[0], min(pitch + abs(turn[1]), -20.0), turn[2])
        cameras.append(Camera(f"DJI_{index + 1:04d}.JPG", lens, rotation, np.array(position) + wander))
    return cameras


Pose = tuple[tuple[float, float, float], float, float]


def _nadir_grid(count: int, lens: Lens) -> list[Pose]:
    """Lines fly north and back south; the photos' long side lies across the line."""
    lines = max(1, round(math.sqrt(count / 2)))
    per_line = math.ceil(count / lines)
    metres_per_pixel = NADIR_ALTITUDE_M / lens.focal
    across = _step(lines, lens.width * metres_per_pixel)
    along = _step(per_line, lens.height * metres_per_pixel)
    poses: list[Pose] = []
    for index in range(count):
        line, place = divmod(index, per_line)
        northward = line % 2 == 0
        place = place if northward else per_line - 1 - place
        east = (line - (lines - 1) / 2) * across
        north = (place - (per_line - 1) / 2) * along
        poses.append(((east, north, NADIR_ALTITUDE_M), 0.0 if northward else 180.0, -90.0))
    return poses


def _step(count: int, footprint_m: float) -> float:
    return min(footprint_m * (1 - NADIR_OVERLAP), MAX_GRID_SPAN_M / max(1, count - 1))


def _oblique_ring(count: int) -> list[Pose]:
    poses: list[Pose] = []
    for index in range(count):
        angle = 360.0 * index / count
        east, north = (OBLIQUE_RADIUS_M * f(math.radians(angle)) for f in (math.sin, math.cos))
        poses.append(((east, north, OBLIQUE_ALTITUDE_M), angle + 180.0, OBLIQUE_PITCH_DEG))
    return poses
