"""Checkpoints: atomic, verified, bound to their inputs.

A file is SHA-256 (32 bytes) of the rest, then what torch.save makes. SageMaker copies the folder at any moment, so a
file must appear whole; two are kept, so that one broken copy loses one period and not the training.
"""

import hashlib
import io
import os
from pathlib import Path
from typing import Any

import torch
from spaceport_common.whole_file import whole_file

KEPT = 2
PATTERN = "checkpoint-*.bin"


class CorruptCheckpointError(ValueError):
    """The file is damaged or is not a checkpoint."""


def save_checkpoint(folder: Path, iteration: int, state: dict[str, Any]) -> Path:
    """Writes the state and removes all but the newest files. Raises OSError; the previous files are then kept."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    payload = buffer.getbuffer()
    path = folder / f"checkpoint-{iteration:09d}.bin"
    with whole_file(path) as file:
        file.write(hashlib.sha256(payload).digest())
        file.write(payload)
        file.flush()
        os.fsync(file.fileno())
    for old in sorted(folder.glob(PATTERN))[:-KEPT]:
        old.unlink(missing_ok=True)
    return path


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Reads one file; code in it is never run. Raises CorruptCheckpointError."""
    try:
        data = path.read_bytes()
        digest, payload = data[:32], data[32:]
        if hashlib.sha256(payload).digest() != digest:
            raise CorruptCheckpointError(f"{path.name}: the checksum is wrong")
        state: dict[str, Any] = torch.load(io.BytesIO(payload), map_location="cpu", weights_only=True)
    except (OSError, RuntimeError) as error:
        raise CorruptCheckpointError(f"{path.name}: {error}") from error
    return state


def newest_checkpoint(folder: Path, fingerprint: str) -> dict[str, Any] | None:
    """State of the newest whole file made from the same inputs, or None; prints a warning for each that is skipped."""
    for path in sorted(folder.glob(PATTERN), reverse=True):
        try:
            state = read_checkpoint(path)
        except CorruptCheckpointError as error:
            print(f"WARNING: a checkpoint is refused: {error}", flush=True)
            continue
        if state.get("fingerprint") == fingerprint:
            return state
        print(f"WARNING: {path.name} is refused: it was made from other settings or photos", flush=True)
    return None
