"""The files on the map that a job delivers, as its settings ask for them."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from spaceport_common.opening_view import PhotoCamera
from spaceport_common.sog.gaussians import Gaussians

from ..formats.spz import TooWideError
from ..report import LeftOutFile, MapFacts
from ..settings import CompressionSettings
from .map_projection import MapProjection, ProjectionError
from .photographed import NothingSeenError, solid_ground
from .pictures_from_above import Site, orthophoto, topdown
from .place import Place
from .point_cloud import NoPointsError, point_cloud
from .tileset import TILESET, write_tileset

TOPDOWN, CORNERS, ORTHOPHOTO, POINT_CLOUD = "topdown.webp", "topdown.json", "orthophoto.tif", "pointcloud.laz"
UNUSABLE = (TooWideError, ProjectionError, NothingSeenError, NoPointsError)


@dataclass
class OnMap:
    """left_out: what a scene without a place cannot have. warnings: a sentence for each file that went wrong.

    facts: of the files that lie on a map; None where there is none.
    """

    left_out: list[LeftOutFile] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    facts: MapFacts | None = None


def deliver_on_map(
    model: Gaussians,
    cameras: list[PhotoCamera],
    place: Place | str,
    settings: CompressionSettings,
    put: Callable[[str, bytes], None],
    phase: Callable[[str], AbstractContextManager[Any]],
) -> OnMap:
    """Hands each asked-for file to `put`, whole. Raises MemoryError, and what `put` raises."""
    asked = {
        TOPDOWN: settings.topdown,
        ORTHOPHOTO: settings.orthophoto,
        POINT_CLOUD: settings.point_cloud,
        TILESET: settings.tiles,
    }
    names = [name for name, is_asked in asked.items() if is_asked]
    result = OnMap()
    if isinstance(place, str):
        result.left_out = [LeftOutFile(name=name, reason=place) for name in names]
        return result
    delivery = _Delivery(model, cameras, place, settings, put, result)
    if settings.topdown:
        with phase("topdown"):
            delivery.attempt(TOPDOWN, delivery.put_topdown)
    if settings.orthophoto:
        with phase("orthophoto"):
            delivery.attempt(ORTHOPHOTO, delivery.put_orthophoto)
    if settings.point_cloud:
        with phase("pointcloud"):
            delivery.attempt(POINT_CLOUD, delivery.put_points)
    if settings.tiles:
        with phase("tiles"):
            delivery.attempt(TILESET, delivery.put_tiles)
    return result


class _Delivery:
    """One scene with a place, and what its files share."""

    def __init__(
        self,
        model: Gaussians,
        cameras: list[PhotoCamera],
        place: Place,
        settings: CompressionSettings,
        put: Callable[[str, bytes], None],
        result: OnMap,
    ) -> None:
        self._model, self._cameras, self._place = model, cameras, place
        self._settings, self._put, self._result = settings, put, result

    def attempt(self, name: str, make: Callable[[], None]) -> None:
        """Makes a file, or a warning that says why not."""
        try:
            make()
        except UNUSABLE as error:
            self._result.warnings.append(f"{name} could not be made: {error}.")

    def put_topdown(self) -> None:
        """Raises NothingSeenError."""
        picture, corners = topdown(self._site)
        self._put(TOPDOWN, picture)
        self._put(CORNERS, corners)

    def put_orthophoto(self) -> None:
        """Raises NothingSeenError and ProjectionError."""
        projection = self._projection
        made = orthophoto(self._site, projection, self._settings.ground_resolution_mm / 1000)
        self._put(ORTHOPHOTO, made.data)
        self._facts(projection).orthophoto_resolution_m = round(made.resolution_m, 6)

    def put_points(self) -> None:
        """Raises NothingSeenError, ProjectionError and NoPointsError."""
        projection = self._projection
        made = point_cloud(self._site, projection)
        self._put(POINT_CLOUD, made.data)
        self._facts(projection).points = made.points

    def put_tiles(self) -> None:
        """Raises NothingSeenError and TooWideError."""
        write_tileset(self._site.model, self._cameras, self._place, self._put)

    @cached_property
    def _site(self) -> Site:
        solid, ground = solid_ground(self._model, self._place, self._cameras)
        return Site(solid, self._place, self._cameras, ground)

    @cached_property
    def _projection(self) -> MapProjection:
        projection = MapProjection(self._place, self._settings.epsg)
        if projection.complaint:
            self._result.warnings.append(f"{projection.complaint}.")
        return projection

    def _facts(self, projection: MapProjection) -> MapFacts:
        self._result.facts = self._result.facts or MapFacts(
            epsg=projection.epsg,
            map_name=projection.crs.name,
            heights=self._place.heights,
            accuracy=self._place.accuracy,
        )
        return self._result.facts
