"""One run of an encoder as a program of its own, and what its file is worth."""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.spatial import cKDTree
from spaceport_common.opening_view import PhotoCamera
from spaceport_common.sog.gaussians import Float32s, Gaussians
from spaceport_common.sog.quantizers import log_transform, sigmoid
from spaceport_compression.drawing.draw import draw, photo_view
from spaceport_compression.formats.ply import read_ply
from spaceport_compression.formats.splat_transform import decode_to_ply, decoder_command
from spaceport_compression.verification.pictures import PHOTO_LONG_SIDE, psnr


@dataclass(frozen=True)
class Trained:
    """A trained model, and the cameras of the photos that its training did not see, and of those that it did."""

    ply: Path
    gaussians: Gaussians
    held_out: list[PhotoCamera]
    learned: list[PhotoCamera]


def ours(ply: Path, sog: Path) -> list[str]:
    """The words that start `spaceport-sog` with all harmonics."""
    return [sys.executable, "-m", "spaceport_compression.sog", str(ply), str(sog), "--target-ratio", "0"]


def splat_transform(ply: Path, sog: Path) -> list[str]:
    """The words that start splat-transform without a GPU."""
    return [*decoder_command(), "--overwrite", "--gpu", "cpu", str(ply), str(sog)]


def measured(command: list[str], sog: Path, model: Trained) -> dict[str, Any]:
    """Runs an encoder that leaves `sog`: seconds and CPU seconds, MB, bytes, and what splat-transform decodes of it.

    shRmse: root mean square error of the harmonics. psnr: dB, of the held-out photo whose picture differs most.
    """
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.monotonic() - began
    if status != 0:
        raise RuntimeError(f"{command} ended with status {os.waitstatus_to_exitcode(status)}")
    with tempfile.TemporaryDirectory() as folder:
        decoded_ply = Path(folder) / "decoded.ply"
        decode_to_ply(sog, decoded_ply, len(model.gaussians))
        decoded = read_ply(decoded_ply)
    source = model.gaussians
    found = decoded.reordered(nearest(source, decoded)).with_bands(source.sh_bands)
    views = [photo_view(camera, PHOTO_LONG_SIDE) for camera in model.held_out]
    return {
        "seconds": round(seconds, 2),
        "cpuSeconds": round(used.ru_utime + used.ru_stime, 2),
        "peakMb": round(used.ru_maxrss / 1024),
        "bytes": sog.stat().st_size,
        "shRmse": round(float(np.sqrt(np.square(found.sh - source.sh).mean(dtype=np.float64))), 5),
        "psnr": round(min(psnr(draw(source, view).rgb, draw(decoded, view).rgb) for view in views), 2),
    }


def nearest(source: Gaussians, decoded: Gaussians) -> np.ndarray[Any, np.dtype[np.intp]]:
    """For each Gaussian of `source` the row of `decoded` that is most like it in all but harmonics and rotation.

    Encoders order Gaussians as they like.
    """
    wanted, have = _features(source), _features(decoded)
    spread = wanted.std(axis=0) + 1e-9
    rows = cKDTree(have / spread).query(wanted / spread, workers=-1)[1]
    return np.asarray(rows, np.intp)


def _features(model: Gaussians) -> Float32s:
    opacities = sigmoid(model.opacities)[:, None]
    return np.hstack([log_transform(model.positions), model.scales, model.colors, opacities]).astype(np.float32)
