"""The files that a job delivers beside scene.sog, as its settings ask for them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from spaceport_common.opening_view import PhotoCamera, Pose
from spaceport_common.sog.gaussians import Gaussians
from spaceport_common.whole_file import whole_file

from .formats.splat_transform import UnreadableSceneError
from .formats.spz import TooWideError, encode_spz
from .formats.web_page import scene_page
from .georeferenced.delivery import deliver_on_map
from .georeferenced.place import Place
from .levels.levels import Levels
from .levels.phone import PHONE, encode_for_phones
from .levels.streamed import write_streamed
from .report import FileSize, LeftOutFile, MapFacts, StreamedScene
from .settings import CompressionSettings

STREAMED_FOLDER = "scene"
TILE_ENDING = ".glb"


@dataclass(frozen=True)
class Scene:
    """An accepted scene. model: what the .sog `data` holds, in its order. opening: where viewers begin.

    place: where it lies, or why that is not known. attribution: whose photos they are.
    """

    model: Gaussians
    data: bytes
    opening: Pose
    cameras: list[PhotoCamera]
    place: Place | str
    attribution: list[str]


@dataclass
class Formats:
    """files: single ones that were written. warnings: a sentence for each that could not be.

    left_out: those that need a place on the map, which this scene does not have. map: of those that were made.
    """

    files: list[FileSize] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    streamed: StreamedScene | None = None
    left_out: list[LeftOutFile] = field(default_factory=list)
    map: MapFacts | None = None

    def put(self, output: Path, name: str, data: bytes) -> None:
        """Writes a file whole, and lists it where it is no tile, which its index names."""
        with whole_file(output / name) as file:
            file.write(data)
        if name.endswith(TILE_ENDING):
            return
        self.files.append(FileSize(name=name, bytes=len(data)))

    def try_to_put(self, output: Path, name: str, make: Callable[[], bytes]) -> None:
        """The same of a file that this scene may not have: then a warning says why."""
        try:
            data = make()
        except (TooWideError, UnreadableSceneError) as error:
            self.warnings.append(f"{name} could not be made: {error}.")
        else:
            self.put(output, name, data)


def write_formats(
    scene: Scene,
    settings: CompressionSettings,
    output: Path,
    scratch: Path,
    phase: Callable[[str], AbstractContextManager[Any]],
) -> Formats:
    """Writes the asked-for formats into `output`, each whole or not at all.

    One that cannot be made is a warning: the scene itself is delivered. Raises MemoryError, and OSError where the
    disk is full.
    """
    made = Formats()
    if settings.spz:
        with phase("spz"):
            made.try_to_put(output, "scene.spz", lambda: encode_spz(scene.model))
    if settings.html:
        with phase("html"):
            page = partial(scene_page, scene.data, scene.opening, scene.attribution, scratch)
            made.try_to_put(output, "scene.html", page)
    _write_levels(scene, settings, output, phase, made)
    on_map = deliver_on_map(scene.model, scene.cameras, scene.place, settings, partial(made.put, output), phase)
    made.left_out, made.map = on_map.left_out, on_map.facts
    made.warnings += on_map.warnings
    return made


def _write_levels(
    scene: Scene,
    settings: CompressionSettings,
    output: Path,
    phase: Callable[[str], AbstractContextManager[Any]],
    made: Formats,
) -> None:
    """The formats that share levels of detail, which go when they are written: they are as large as the model."""
    for_phones = 0 < settings.phone_gaussians < len(scene.model)
    in_pieces = len(scene.model) > settings.stream_above
    if not for_phones and not in_pieces:
        return
    levels = Levels(scene.model, scene.cameras)
    if for_phones:
        with phase("phone"):
            made.put(output, PHONE, encode_for_phones(levels, settings.phone_gaussians, settings.seed))
    if in_pieces:
        with phase("stream"):
            found = write_streamed(levels, output / STREAMED_FOLDER, settings.seed)
        made.streamed = StreamedScene(levels=found.levels, bytes=found.bytes, coarsest_bytes=found.coarsest_bytes)
