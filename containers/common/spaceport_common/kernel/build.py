"""Compiles C++ kernels: `python -m spaceport_common.kernel.build OUTPUT_DIR` makes the rasteriser's.

Run at set-up and at image build; `library.py` runs it on first use where neither has. Libraries are named after the
hash of their sources and flags, so that a changed source is never run from an old build. On x86-64 one library is
made for each instruction set level, and the best one that the machine has is chosen at run time.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

SHARED = Path(__file__).parent
# No -ffast-math: it would fold the checks for NaN away.
FLAGS = ["-std=c++17", "-O3", "-fPIC", "-shared", "-pthread", "-fno-math-errno", "-fno-trapping-math", "-Wno-psabi"]
X86_LEVELS: dict[str, list[str]] = {
    "portable": [],
    "avx2": ["-march=x86-64-v3"],
    "avx512": ["-march=x86-64-v4", "-mprefer-vector-width=512"],
}


@dataclass(frozen=True)
class Sources:
    """What one kernel is compiled from. Headers of `SHARED`, and its file about the CPU, are for all kernels."""

    name: str
    folder: Path

    def files(self) -> list[Path]:
        """Files that are compiled."""
        return sorted({*self.folder.glob("*.cpp"), SHARED / "cpu_level.cpp"})

    def digest_of(self, flags: list[str]) -> str:
        """A hash of these flags and of all that the compiler reads."""
        digest = hashlib.sha256(" ".join(flags).encode())
        for source in [*self.files(), *sorted({*self.folder.glob("*.h"), *SHARED.glob("*.h")})]:
            digest.update(source.name.encode() + b"\0" + source.read_bytes())
        return digest.hexdigest()[:16]


RASTERIZER = Sources("splatting", SHARED)


class NoCompilerError(Exception):
    """There is no C++ compiler, or it cannot compile the kernel."""


def levels() -> dict[str, list[str]]:
    """Instruction set levels that this machine's kind has, from the least to the most, with their compiler flags."""
    return X86_LEVELS if platform.machine() in ("x86_64", "AMD64") else {"portable": []}


def library_path(folder: Path, level: str, kernel: Sources = RASTERIZER) -> Path:
    """Where the library of a level lies, named after the hash of all sources and flags."""
    return folder / f"spaceport-{kernel.name}-{level}-{kernel.digest_of(FLAGS + levels()[level])}.so"


def compiler() -> str:
    """`$CXX`, else the first of c++, g++ and clang++ that is there. Raises NoCompilerError."""
    for name in (os.environ.get("CXX"), "c++", "g++", "clang++"):
        found = shutil.which(name) if name else None
        if found:
            return found
    raise NoCompilerError("no C++ compiler found (c++, g++ or clang++)")


def build(folder: Path, kernel: Sources = RASTERIZER) -> list[Path]:
    """Compiles the libraries that `folder` lacks and returns all of them, one a level.

    Each file appears whole, by a rename, so that several programs may build at once. Raises NoCompilerError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    libraries = []
    for level, flags in levels().items():
        library = library_path(folder, level, kernel)
        libraries.append(library)
        if library.exists():
            continue
        with tempfile.TemporaryDirectory(dir=folder) as scratch:
            part = Path(scratch) / library.name
            sources = [str(source) for source in kernel.files()]
            command = [compiler(), *FLAGS, *flags, f"-I{SHARED}", *sources, "-o", str(part)]
            result = subprocess.run(command, capture_output=True, text=True)
            if result.returncode != 0:
                raise NoCompilerError(f"{' '.join(command)}\n{result.stderr.strip()}")
            part.replace(library)
    return libraries


def main(kernel: Sources = RASTERIZER) -> int:
    """Builds into the folder given as the only argument and prints what lies there."""
    if len(sys.argv) != 2:
        print(f"usage: {sys.argv[0]} OUTPUT_DIR", file=sys.stderr)
        return 2
    try:
        for library in build(Path(sys.argv[1]), kernel):
            print(library)
    except NoCompilerError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
