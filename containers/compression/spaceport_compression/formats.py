"""The files that a job delivers beside scene.sog, as its settings ask for them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spaceport_common.opening_view import Pose
from spaceport_common.whole_file import whole_file

from .gaussians import Gaussians
from .report import FileSize, StreamedScene
from .settings import CompressionSettings
from .splat_transform import UnreadableSceneError
from .spz import TooWideError, encode_spz
from .streamed import write_streamed
from .web_page import scene_page

STREAMED_FOLDER = "scene"


@dataclass(frozen=True)
class Scene:
    """An accepted scene. model: what the .sog `data` holds, in its order. opening: where viewers begin."""

    model: Gaussians
    data: bytes
    opening: Pose


@dataclass
class Formats:
    """files: single ones that were written. warnings: a sentence for each that could not be."""

    files: list[FileSize] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    streamed: StreamedScene | None = None


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
    asked: dict[str, tuple[int, Callable[[], bytes]]] = {
        "scene.spz": (settings.spz, lambda: encode_spz(scene.model)),
        "scene.html": (settings.html, lambda: scene_page(scene.data, scene.opening, scratch)),
    }
    for name, (is_asked, make) in asked.items():
        if not is_asked:
            continue
        with phase(name.removeprefix("scene.")):
            try:
                data = make()
            except (TooWideError, UnreadableSceneError) as error:
                made.warnings.append(f"{name} could not be made: {error}.")
                continue
            with whole_file(output / name) as file:
                file.write(data)
        made.files.append(FileSize(name=name, bytes=len(data)))
    if len(scene.model) > settings.stream_above:
        with phase("stream"):
            found = write_streamed(scene.model, output / STREAMED_FOLDER, settings.seed)
        made.streamed = StreamedScene(levels=found.levels, bytes=found.bytes, coarsest_bytes=found.coarsest_bytes)
    return made
