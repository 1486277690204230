"""Files beside the photos that say where photos or ground points are: which they are, and reading them.

They come from outside. Whatever cannot be honoured ends the run before anything is computed, with a sentence that
names file, line and remedy: a person who sends positions wants these and not those of the photos.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from spaceport_common.errors import StageError

GEO_FILE, CONTROL_FILE, TABLE_ENDING = "geo.txt", "gcp_list.txt", ".csv"
MAX_FILE_BYTES = 4 * 2**20  # 40 000 photos, a line of 100 characters each
MAX_QUOTED_CHARACTERS = 60

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_PHOTO_ENDING = re.compile(r"\.(jpe?g|jpe|png|tiff?|webp|dng|raw|arw|nef|cr2|cr3|orf|rw2|heic)$")


@dataclass(frozen=True)
class PositionFile:
    """One of the files. `name`: its path below the photo folder."""

    name: str
    text: str

    def error(self, problem: str, line: int | None = None) -> StageError:
        """The end of the run for this file."""
        where = self.name if line is None else f"{self.name}, line {line}"
        return StageError("POSITION_FILE_INVALID", f"{where}: {problem}")


def kind_of(name: str) -> str | None:
    """`GEO_FILE`, `CONTROL_FILE` or `TABLE_ENDING` for a path that is one of the files; None for any other."""
    last = PurePosixPath(name).name.lower()
    if last in (GEO_FILE, CONTROL_FILE):
        return last
    return TABLE_ENDING if last.endswith(TABLE_ENDING) else None


def read_position_file(folder: Path, name: str) -> PositionFile:
    """The file's text: UTF-8, UTF-16 with its mark, else Windows' Western characters. Raises StageError."""
    path = folder / name
    if path.stat().st_size > MAX_FILE_BYTES:
        raise PositionFile(name, "").error(f"larger than {MAX_FILE_BYTES // 2**20} MB")
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", "replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", "replace")
    if "\x00" in text:
        raise PositionFile(name, "").error("this is not text")
    return PositionFile(name, text)


def number_in(text: str) -> float | None:
    """A decimal number; None for anything else, such as `nan`, `1,5` or nothing."""
    return float(text) if _NUMBER.fullmatch(text.strip()) else None


def quoted(text: str) -> str:
    """What a file says, as a message may repeat it."""
    printable = "".join(character if character.isprintable() else " " for character in text.strip())
    short = printable if len(printable) <= MAX_QUOTED_CHARACTERS else f"{printable[:MAX_QUOTED_CHARACTERS]}..."
    return f'"{short}"'


class AmbiguousName(ValueError):
    """Several photos have the name; the text lists two of them."""


class PhotoNames:
    """Finds the photo that a file means. Files name photos without folders, in other case, or by their raw picture."""

    def __init__(self, photos: Sequence[str]) -> None:
        self._by_name: defaultdict[str, list[str]] = defaultdict(list)
        self._by_stem: defaultdict[str, list[str]] = defaultdict(list)
        for photo in photos:
            last = PurePosixPath(photo).name
            self._by_name[_comparable(last)].append(photo)
            self._by_stem[_stem(last)].append(photo)

    def find(self, stated: str, file: str) -> str | None:
        """The photo that `file` (a path below the photo folder) names; None where there is none.

        Of several with one name, those whose folders are stated count, then those below the file's own folder.
        Raises AmbiguousName.
        """
        path = _comparable(stated.strip().strip("\"'").replace("\\", "/"))
        last = PurePosixPath(path).name
        candidates = self._by_name.get(last) or self._by_stem.get(_stem(last)) or []
        folder = PurePosixPath(file).parent
        preferences: tuple[Callable[[PurePosixPath], bool], ...] = (
            lambda photo: _ends_alike(_comparable(str(photo)), path),
            lambda photo: photo.is_relative_to(folder),
            lambda photo: photo.parent == folder,
        )
        for is_preferred in preferences:
            candidates = [photo for photo in candidates if is_preferred(PurePosixPath(photo))] or candidates
        if len(candidates) > 1:
            raise AmbiguousName(f"{quoted(stated)} may be {quoted(candidates[0])} or {quoted(candidates[1])}")
        return candidates[0] if candidates else None


def _ends_alike(photo: str, stated: str) -> bool:
    """Whether the longer of two paths ends with the other."""
    short, long = sorted((f"/{photo}", f"/{stated.lstrip('/')}"), key=len)
    return long.endswith(short)


def _comparable(name: str) -> str:
    return unicodedata.normalize("NFC", name).lower()


def _stem(name: str) -> str:
    return _PHOTO_ENDING.sub("", _comparable(name))
