"""`spaceport-sog in.ply out.sog`: the encoder as a command of its own (docs/sog.md)."""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

# numpy reads this when it is first imported; __main__.py says why.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from spaceport_common.errors import Interrupted, StageError
from spaceport_common.report import peak_memory_mb
from spaceport_common.whole_file import whole_file

EXIT_DONE, EXIT_NOT_VERIFIED, EXIT_NO_OUTPUT, EXIT_INTERRUPTED = 0, 1, 3, 143
# What a person can do about each code; argparse ends with 2 where the command itself is wrong.
ADVICE = {
    "MODEL_INVALID": "Write the model as a binary little-endian 3DGS PLY, for example with"
    " `splat-transform --filter-nan in.ply out.ply`, and give that.",
    "OUT_OF_MEMORY": "Free memory, use a larger machine, or write the model with fewer bands of harmonics.",
    "OUTPUT_NOT_WRITTEN": "Name a file in a folder that may be written to and has room.",
    "DECODER_MISSING": "Install Node 22 and @playcanvas/splat-transform 3.7.0, and name them in SPACEPORT_NODE and"
    " SPACEPORT_SPLAT_TRANSFORM (its bin/cli.mjs); or leave --verify out.",
    "NOT_VERIFIED": "The file was not written. Please report this, with the model.",
}


class Problem(Exception):
    """An end without output. code: one of ADVICE. sentence: what happened, for people."""

    def __init__(self, code: str, sentence: str, status: int = EXIT_NO_OUTPUT) -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.status = code, sentence, status


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit status: 0 done, 1 not verified, 3 no output, 143 interrupted.

    `out.sog` appears whole or not at all. With --json one line goes to stdout, and nothing else.
    """
    asked = _parser().parse_args(arguments)
    say: Callable[[str], None] = lambda text: print(text, file=sys.stderr, flush=True)  # noqa: E731
    previous = {number: signal.signal(number, _interrupt) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        facts = _run(asked)
    except (Problem, StageError) as problem:
        status = problem.status if isinstance(problem, Problem) else EXIT_NO_OUTPUT
        advice = ADVICE[problem.code]
        say(f"{problem.code}: {problem.sentence}. {advice}")
        if asked.json:
            print(json.dumps({"error": {"code": problem.code, "message": problem.sentence, "advice": advice}}))
        return status
    except Interrupted:
        say("interrupted, nothing was written")
        return EXIT_INTERRUPTED
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
    if asked.json:
        print(json.dumps(facts, allow_nan=False))
    else:
        for line in _words(facts):
            say(line)
    return EXIT_DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="spaceport-sog", description="Compresses a 3DGS PLY to a SOG file.")
    parser.add_argument("input", type=Path, metavar="in.ply", help="binary little-endian 3DGS PLY")
    parser.add_argument("output", type=Path, metavar="out.sog", help="SOG 2, takes the place of what is there")
    parser.add_argument("--sh-bands", type=int, choices=range(4), default=3, help="harmonics to keep at most (3)")
    parser.add_argument("--target-ratio", type=_ratio, default=TARGET_RATIO, metavar="R", help=TARGET_HELP)
    parser.add_argument("--verify", action="store_true", help="read back by splat-transform, else not written")
    parser.add_argument("--seed", type=int, default=0, help="of the palette (0)")
    parser.add_argument("--json", action="store_true", help="what it came to, as one line of JSON on stdout")
    return parser


TARGET_RATIO = 15.0
TARGET_HELP = (
    "give up harmonics until 248 bytes a Gaussian are R times the file (15), as long as pictures stay within 40 dB;"
    " 0: give up nothing"
)


def _ratio(text: str) -> float:
    value = float(text)
    if value != 0 and not 1 <= value <= 1000:
        raise argparse.ArgumentTypeError("must be 1 to 1000, or 0")
    return value


def _run(asked: argparse.Namespace) -> dict[str, Any]:
    # Late: these take a second to import, and `--help` should not.
    from spaceport_common.sog.encoder import SceneEncoder

    from .formats.ply import read_header, read_ply
    from .memory import check_memory
    from .rate import chosen_encoding

    started = time.monotonic()
    if asked.verify:
        _check_decoder()
    header = read_header(asked.input)
    check_memory(header.count, len(header.names))
    try:
        model = read_ply(asked.input).with_bands(asked.sh_bands)
        encoder = SceneEncoder(model, seed=asked.seed)
        choice = chosen_encoding(encoder, asked.target_ratio)
        verified = _verified(encoder.model.with_bands(choice.bands), choice.encoded.data) if asked.verify else None
    except MemoryError:
        raise Problem("OUT_OF_MEMORY", f"the memory ended with {header.count} Gaussians") from None
    except ValueError as error:
        raise Problem("MODEL_INVALID", str(error)) from None
    try:
        with whole_file(asked.output) as file:
            file.write(choice.encoded.data)
    except OSError as error:
        raise Problem("OUTPUT_NOT_WRITTEN", f"{asked.output} cannot be written ({error.strerror})") from None
    size, ply_bytes = len(choice.encoded.data), asked.input.stat().st_size
    return {
        "gaussians": header.count,
        "shBands": choice.bands,
        "paletteEntries": choice.encoded.palette_entries,
        "bytes": size,
        "plyBytes": ply_bytes,
        "ratio": round(ply_bytes / size, 3),
        "ratioSh3": round(choice.ratio, 3),
        "givenUp": choice.given_up,
        "belowTarget": choice.below_target,
        "verified": verified,
        "seconds": round(time.monotonic() - started, 3),
        "peakMb": peak_memory_mb(),
    }


def _words(facts: dict[str, Any]) -> list[str]:
    lines = [
        f"{facts['gaussians']} Gaussians with {facts['shBands']} bands of harmonics in {facts['bytes']} bytes:"
        f" {facts['ratioSh3']} times smaller than a PLY with 3 bands, {facts['ratio']} times than this one"
    ]
    lines += [facts[name] for name in ("givenUp", "belowTarget") if facts[name]]
    if facts["verified"]:
        lines.append(f"splat-transform read it back, at {facts['verified']['psnr']} dB")
    return lines


def _check_decoder() -> None:
    from .formats.splat_transform import decoder_command

    try:
        decoder_command()
    except RuntimeError as error:
        raise Problem("DECODER_MISSING", str(error)) from None


def _verified(model: Any, data: bytes) -> dict[str, Any]:
    """What another reader makes of the file, which holds the `model` in its order."""
    import tempfile

    from .formats.splat_transform import UnreadableSceneError
    from .rate import fidelity
    from .verification.delivery import decoded_by_viewers
    from .verification.values import compare

    with tempfile.TemporaryDirectory(prefix="spaceport-sog-") as folder:
        try:
            decoded = decoded_by_viewers(data, len(model), Path(folder))
        except UnreadableSceneError as error:
            raise Problem("NOT_VERIFIED", f"splat-transform cannot read it: {error}", EXIT_NOT_VERIFIED) from None
    compared = compare(model, decoded)
    if compared.excess:
        raise Problem("NOT_VERIFIED", f"read back, it differs: {'; '.join(compared.excess)}", EXIT_NOT_VERIFIED)
    return {"psnr": round(fidelity(model, decoded.gaussians), 2), "maxErrors": compared.errors}


def command() -> None:
    """What `spaceport-sog` runs."""
    sys.exit(main())


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise Interrupted


if __name__ == "__main__":
    command()
