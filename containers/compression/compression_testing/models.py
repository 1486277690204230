"""Invented models, and the PLY that a trainer would write for them."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from spaceport_common.sog.gaussians import SH_COEFFICIENTS, Gaussians


def random_model(count: int, bands: int, seed: int = 0) -> Gaussians:
    """Noise in plausible ranges: nothing in it compresses, so sizes and errors are worst cases."""
    random = np.random.default_rng(seed)

    def normal(mean: float, deviation: float, *shape: int) -> np.ndarray:
        return random.normal(mean, deviation, shape).astype(np.float32)

    strength = np.exp(normal(-1.6, 1.0, count, 1))
    return Gaussians(
        positions=normal(0, 10, count, 3),
        rotations=normal(0, 1, count, 4),
        scales=normal(-4, 1, count, 3),
        opacities=normal(0, 3, count),
        colors=normal(0, 1, count, 3),
        sh=normal(0, 1, count, 3 * SH_COEFFICIENTS[bands]) * strength,
    )


def visible_model(count: int, bands: int) -> Gaussians:
    """Noise that covers what the cameras of `write_cameras`, and a viewer that opens there, look at."""
    noise, quarter = random_model(count, bands), np.float32(0.25)
    positions, sh = noise.positions * quarter, noise.sh * quarter
    return replace(noise, positions=positions, scales=noise.scales + np.float32(3.5), sh=sh)


def scaled(model: Gaussians, factor: float) -> Gaussians:
    """The model in another unit of length."""
    positions = model.positions * np.float32(factor)
    return replace(model, positions=positions, scales=model.scales + np.float32(np.log(factor)))


def write_cameras(path: Path, unit: float = 1.0) -> None:
    """cameras.json of four photos straight down from 12 above the origin, the third held out."""
    down = [[1, 0, 0], [0, 0, -1], [0, 1, 0]]
    entries = [
        {
            "name": f"{index}.jpg",
            "width": 800,
            "height": 600,
            "fx": 600,
            "fy": 600,
            "rotation": down,
            "position": [x * unit, -12 * unit, z * unit],
            "heldOut": index == 2,
        }
        for index, (x, z) in enumerate([(-2, -2), (2, -2), (-2, 2), (2, 2)])
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(entries))


def copies(model: Gaussians, count: int) -> Gaussians:
    """The model's first Gaussian `count` times."""
    return model.reordered(np.zeros(count, np.intp))


def extreme_model(count: int = 500) -> Gaussians:
    """Far outliers, needles and discs, invisible and opaque Gaussians, long and short quaternions, flat axis."""
    model = random_model(count, 1, seed=3)
    positions, scales = model.positions.copy(), model.scales.copy()
    positions[:, 2] = 1.5
    positions[0], positions[1] = (1e6, -1e6, 1.5), (1e-6, -1e-6, 1.5)
    scales[0], scales[1] = (-60, 20, -60), (-30, -30, 12)
    opacities = np.where(np.arange(count) % 2, 40.0, -40.0).astype(np.float32)
    rotations = model.rotations * np.geomspace(1e-30, 1e30, count, dtype=np.float32)[:, None]
    rotations[2] = (0.5, -0.5, 0.5, -0.5)
    rotations[3] = (0, 0, 0, -2)
    return replace(model, positions=positions, scales=scales, opacities=opacities, rotations=rotations)


def property_names(bands: int) -> list[str]:
    """The columns of the usual 3DGS PLY, normals included."""
    rest = [f"f_rest_{i}" for i in range(3 * SH_COEFFICIENTS[bands])]
    front = ["x", "y", "z", "nx", "ny", "nz", "f_dc_0", "f_dc_1", "f_dc_2", *rest]
    return [*front, "opacity", "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3"]


def ply_header(count: int, names: list[str], file_format: str = "binary_little_endian") -> bytes:
    """Header with float properties."""
    lines = ["ply", f"format {file_format} 1.0", f"element vertex {count}", *(f"property float {n}" for n in names)]
    return "\n".join([*lines, "end_header\n"]).encode()


def ply_table(model: Gaussians) -> np.ndarray:
    """float32[N, columns] in the order of property_names."""
    normals = np.zeros_like(model.positions)
    columns = [model.positions, normals, model.colors, model.sh, model.opacities[:, None], model.scales]
    return np.hstack([*columns, model.rotations]).astype("<f4")


def write_ply(path: Path, model: Gaussians) -> None:
    """The file that the training stage leaves."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(ply_header(len(model), property_names(model.sh_bands)) + ply_table(model).tobytes())
