"""PlayCanvas's own program reads the scene: what it makes of the file, viewers see.

`SPACEPORT_NODE` (Node 22 or newer) and `SPACEPORT_SPLAT_TRANSFORM` (bin/cli.mjs of @playcanvas/splat-transform) say
where it lies.
"""

import errno
import os
import signal
import subprocess
from pathlib import Path

SECONDS = 300  # at most, and more for more Gaussians: a million take about 5 s on two cores
SECONDS_A_MILLION = 60
# Node's own messages when its memory ends, and the two ways in which it then ends.
OUT_OF_MEMORY = ("JavaScript heap out of memory", "Array buffer allocation failed")
LOGGED_CHARACTERS = 2000


class UnreadableSceneError(Exception):
    """The scene cannot be decoded; the message says in plain words how that ended."""


def decoder_command() -> list[str]:
    """The words that start the decoder. Raises RuntimeError where the deployment does not say where it is."""
    words = [os.environ.get(name, "") for name in ("SPACEPORT_NODE", "SPACEPORT_SPLAT_TRANSFORM")]
    if not all(words):
        raise RuntimeError("SPACEPORT_NODE and SPACEPORT_SPLAT_TRANSFORM must name Node and splat-transform's cli.mjs")
    return words


def decode_to_ply(scene: Path, ply: Path, gaussians: int) -> None:
    """Decodes a .sog, a .spz or a streamed scene into a PLY without a GPU; what the decoder says goes to the log.

    `gaussians`, the number expected, decides how long it may take. Raises UnreadableSceneError; MemoryError where the
    decoder ran out of memory, OSError where the disk is full. A signal to this process ends the decoder too.
    """
    _run([str(scene), str(ply)], ply, SECONDS + SECONDS_A_MILLION * gaussians / 1e6)
    if not ply.is_file():
        raise UnreadableSceneError("the decoder left no model")


def viewer_page(ply: Path, page: Path) -> None:
    """Writes PlayCanvas's viewer as one HTML file around a small model. Raises as decode_to_ply does."""
    _run([str(ply), str(page)], page, SECONDS)
    if not page.is_file():
        raise UnreadableSceneError("the decoder left no page")


def licence() -> str:
    """That of the viewer, which a copy of it must bring along."""
    return (Path(decoder_command()[1]).resolve().parents[1] / "LICENSE").read_text()


def _run(files: list[str], output: Path, seconds: float) -> None:
    command = [*decoder_command(), "--overwrite", "--gpu", "cpu", *files]
    try:
        result = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=seconds)
    except subprocess.TimeoutExpired:
        raise UnreadableSceneError(f"the decoder had not finished after {seconds:.0f} seconds") from None
    said = result.stdout + result.stderr
    if result.returncode != 0:
        print(f"splat-transform ended with {result.returncode}:\n{said[-LOGGED_CHARACTERS:]}", flush=True)
        if result.returncode == -signal.SIGKILL or any(words in said for words in OUT_OF_MEMORY):
            raise MemoryError
        if "ENOSPC" in said:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(output))
        raise UnreadableSceneError(f"the decoder ended with status {result.returncode}")
