"""The standard 3DGS PLY: one element `vertex`, binary little-endian, float properties only."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from spaceport_common.errors import StageError
from spaceport_common.sog.gaussians import SH_COEFFICIENTS, Float32s, Gaussians
from spaceport_common.whole_file import whole_file

MAX_HEADER_BYTES = 64 * 1024
# The properties of each field of Gaussians, but for `sh`.
NEEDED = {
    "positions": ["x", "y", "z"],
    "rotations": ["rot_0", "rot_1", "rot_2", "rot_3"],
    "scales": ["scale_0", "scale_1", "scale_2"],
    "opacities": ["opacity"],
    "colors": ["f_dc_0", "f_dc_1", "f_dc_2"],
}


@dataclass(frozen=True)
class PlyHeader:
    """count: Gaussians, 1 or more. names: of the float properties, in order. data_offset: bytes before the table."""

    count: int
    names: list[str]
    data_offset: int


def read_header(path: Path) -> PlyHeader:
    """Reads and checks what a model's file says of itself, and that it has the size it then must have.

    Raises StageError `MODEL_INVALID` as read_ply does.
    """
    try:
        with path.open("rb") as file:
            head = file.read(MAX_HEADER_BYTES)
        size = path.stat().st_size
    except OSError as error:
        raise _invalid(f"{path.name} cannot be read ({error.strerror})") from None
    header, data_offset = _split_header(head, path.name)
    count, names = _parse_header(header, path.name)
    expected = data_offset + count * len(names) * 4
    if size != expected:
        word = "shorter" if size < expected else "longer"
        raise _invalid(f"{path.name} has {size} bytes, {word} than the {expected} that its header announces")
    return PlyHeader(count, names, data_offset)


def read_ply(path: Path) -> Gaussians:
    """Reads and checks a model; SH bands that are 0 throughout are left out.

    Raises StageError `MODEL_INVALID` when it is missing, not such a PLY, shorter or longer than its header says,
    without Gaussians, without a needed property, or holds a NaN, an infinity or a zero rotation.
    """
    header = read_header(path)
    table = np.fromfile(path, "<f4", offset=header.data_offset).reshape(header.count, len(header.names))
    gaussians = _pick_columns(table, header.names, path.name)
    _check_values(gaussians, path.name)
    return gaussians.without_empty_bands()


def write_ply(path: Path, gaussians: Gaussians) -> None:
    """Writes all Gaussians as the Inria code does, normals 0, with as many f_rest properties as there are harmonics."""
    rest = [f"f_rest_{i}" for i in range(gaussians.sh.shape[1])]
    columns = ["x", "y", "z", "nx", "ny", "nz", *NEEDED["colors"], *rest, "opacity", *NEEDED["scales"]]
    properties = "".join(f"property float {name}\n" for name in [*columns, *NEEDED["rotations"]])
    header = f"ply\nformat binary_little_endian 1.0\nelement vertex {len(gaussians)}\n{properties}end_header\n"
    parts = [gaussians.positions, np.zeros_like(gaussians.positions), gaussians.colors, gaussians.sh]
    table = np.hstack([*parts, gaussians.opacities[:, None], gaussians.scales, gaussians.rotations])
    with whole_file(path) as file:
        file.write(header.encode("ascii"))
        file.write(table.astype("<f4").tobytes())


def _invalid(sentence: str) -> StageError:
    return StageError("MODEL_INVALID", sentence)


def _split_header(head: bytes, name: str) -> tuple[list[str], int]:
    """Header lines, and the offset of the data."""
    if not head.startswith((b"ply\n", b"ply\r\n")):
        raise _invalid(f"{name} is not a PLY file")
    end = head.find(b"end_header")
    newline = head.find(b"\n", end)
    if end < 0 or newline < 0:
        raise _invalid(f"{name} has no end of header within its first {MAX_HEADER_BYTES} bytes")
    try:
        return head[:end].decode("ascii").splitlines(), newline + 1
    except UnicodeDecodeError:
        raise _invalid(f"{name} has a header that is not ASCII text") from None


def _parse_header(lines: list[str], name: str) -> tuple[int, list[str]]:
    """Number of vertices, and the properties' names in order."""
    count: int | None = None
    names: list[str] = []
    file_format: str | None = None
    for line in lines[1:]:
        match line.split():
            case [] | ["comment" | "obj_info", *_]:
                continue
            case ["format", found, "1.0"]:
                file_format = found
            case ["element", "vertex", number] if count is None and number.isdecimal():
                count = int(number)
            case ["element", *_]:
                raise _invalid(f"{name} holds other elements than Gaussians: '{line.strip()}'")
            case ["property", "float" | "float32", property_name] if count is not None:
                names.append(property_name)
            case ["property", *_]:
                raise _invalid(f"{name} has a property that is not a 32-bit float: '{line.strip()}'")
            case _:
                raise _invalid(f"{name} has a header line that makes no sense: '{line.strip()[:80]}'")
    if file_format != "binary_little_endian":
        raise _invalid(f"{name} is in the format {file_format}, needed is binary_little_endian 1.0")
    if not count:
        raise _invalid(f"{name} holds no Gaussians")
    if len(set(names)) != len(names):
        raise _invalid(f"{name} names a property twice")
    return count, names


def _pick_columns(table: Float32s, names: list[str], file_name: str) -> Gaussians:
    missing = [name for needed in NEEDED.values() for name in needed if name not in names]
    if missing:
        raise _invalid(f"{file_name} lacks the properties {', '.join(missing)}")
    rest = sum(name.startswith("f_rest_") for name in names)
    if rest not in [3 * n for n in SH_COEFFICIENTS]:
        raise _invalid(f"{file_name} has {rest} f_rest properties; 0, 9, 24 or 45 are possible")
    rest_names = [f"f_rest_{i}" for i in range(rest)]
    if any(name not in names for name in rest_names):
        raise _invalid(f"{file_name} does not number its f_rest properties from 0 to {rest - 1}")
    columns = {
        field: np.ascontiguousarray(table[:, [names.index(name) for name in wanted]], np.float32)
        for field, wanted in (NEEDED | {"sh": rest_names}).items()
    }
    return Gaussians(**columns | {"opacities": columns["opacities"][:, 0]})


def _check_values(gaussians: Gaussians, name: str) -> None:
    count = len(gaussians)
    finite = [np.isfinite(column).reshape(count, -1).all(axis=1) for column in vars(gaussians).values()]
    bad = count - int(np.all(finite, axis=0).sum())
    if bad:
        raise _invalid(f"{name} has values that are not finite in {bad} of {count} Gaussians")
    unrotated = int((np.abs(gaussians.rotations).max(axis=1) < np.finfo(np.float32).tiny).sum())
    if unrotated:
        raise _invalid(f"{name} has a rotation of length zero in {unrotated} of {count} Gaussians")
