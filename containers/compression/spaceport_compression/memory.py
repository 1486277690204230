"""Whether a model fits into the memory that is there, before any of it is read."""

from spaceport_common.errors import StageError
from spaceport_common.machine import available_memory_bytes

# Peak of the encoder for each Gaussian more: 274 bytes of 17 floats, 540 of 62 (spaceport-sog, 100 000 and 400 000).
BASE_BYTES = 150
BYTES_A_FLOAT = 6


def check_memory(gaussians: int, floats: int) -> None:
    """Raises StageError `OUT_OF_MEMORY` where so many Gaussians of so many floats each are more than the memory holds.

    The estimate is a low one: what passes may still run out of memory, what does not pass surely would.
    """
    needed, there = gaussians * (BASE_BYTES + BYTES_A_FLOAT * floats), available_memory_bytes()
    if needed > there:
        raise StageError(
            "OUT_OF_MEMORY",
            f"{gaussians} Gaussians of {floats} numbers need at least {needed / 1e9:.1f} GB of memory,"
            f" and {there / 1e9:.1f} GB are free",
        )
