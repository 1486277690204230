"""East, north and height on a map, of places in the scene: each goes through PROJ, without a network."""

import contextlib
import warnings
from typing import Any

import numpy as np
import pyproj
from pyproj.aoi import AreaOfInterest
from pyproj.exceptions import CRSError, ProjError
from pyproj.network import set_network_enabled  # type: ignore[attr-defined]
from pyproj.transformer import TransformerGroup

from .place import Floats, Place

ECEF, GEODETIC, MAP_WGS84 = "EPSG:4978", "EPSG:4979", "EPSG:4326"
UTM_NORTH, UTM_SOUTH = 32600, 32700
UPS_NORTH, UPS_SOUTH = 5041, 5042  # beyond UTM, around the poles
REACH_DEGREES = 0.02  # about 2 km: the best transformation is chosen for this area


class ProjectionError(ValueError):
    """The map cannot be used here; the text is for a person."""


class MapProjection:
    """A projected map, and the way to it from the scene. Its units may be feet: `metres_a_unit`."""

    def __init__(self, place: Place, epsg: int = 0) -> None:
        """`epsg` 0 is the UTM zone of the place. Raises ProjectionError."""
        set_network_enabled(False)
        self.place = place
        self.epsg = epsg or utm_zone(place.latitude, place.longitude)
        self.crs = _projected_crs(self.epsg)
        self.metres_a_unit = float(self.crs.axis_info[0].unit_conversion_factor)
        self._geodetic = pyproj.Transformer.from_crs(ECEF, GEODETIC, always_xy=True)
        area: Any = AreaOfInterest(  # pyproj's types have two classes for the one
            place.longitude - REACH_DEGREES,
            place.latitude - REACH_DEGREES,
            place.longitude + REACH_DEGREES,
            place.latitude + REACH_DEGREES,
        )
        self._map = _exact_transformer(self.crs, area)
        try:
            found = self.coordinates(np.zeros((1, 3)))
        except ProjError:
            found = np.full((1, 3), np.inf)
        if not np.isfinite(found).all():
            raise ProjectionError(f"the scene lies outside of where EPSG:{self.epsg} is defined")

    @property
    def complaint(self) -> str | None:
        """That the scene lies outside of the area which EPSG states for the map, for a person; None where it does not.

        PROJ computes such places without a word, with a scale and a north that are off.
        """
        area = self.crs.area_of_use
        if area is None or _holds(area, self.place):
            return None
        own = utm_zone(self.place.latitude, self.place.longitude)
        return (
            f"EPSG:{self.epsg} ({self.crs.name}) is made for longitudes {area.west:g} to {area.east:g} and latitudes "
            f"{area.south:g} to {area.north:g}, where the scene does not lie: scale and north of its map are off; "
            f"EPSG:{own} is the UTM zone of the place"
        )

    def coordinates(self, enu: Floats) -> Floats:
        """float64[N, 3]: east and north in units of the map, height in metres. `enu`: float64[N, 3], metres."""
        matrix = self.place.ecef_from_enu()
        ecef = enu @ matrix[:3, :3].T + matrix[:3, 3]
        x, y, z = ecef.T
        longitude, latitude, height = self._geodetic.transform(x, y, z)
        east, north = self._map.transform(longitude, latitude, errcheck=True)
        return np.stack([east, north, height], axis=1)

    def jacobian(self, enu: Floats) -> Floats:
        """float64[2, 2] at one place: units of the map for a metre east, and for one north."""
        ends = self.coordinates(enu + np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float64))[:, :2]
        return np.stack([ends[1] - ends[0], ends[2] - ends[0]], axis=1)


def utm_zone(latitude: float, longitude: float) -> int:
    """EPSG code of the UTM zone (WGS84) of six degrees that a place lies in; of UPS beyond 84 north and 80 south."""
    if latitude >= 84 or latitude < -80:
        return UPS_NORTH if latitude > 0 else UPS_SOUTH
    zone = int((longitude + 180) % 360 // 6) + 1
    return (UTM_NORTH if latitude >= 0 else UTM_SOUTH) + zone


def _holds(area: Any, place: Place) -> bool:
    """Whether the place lies in the box, which may reach over the antimeridian: its west is then east of its east."""
    width = (area.east - area.west) % 360 or 360
    return bool(area.south <= place.latitude <= area.north and (place.longitude - area.west) % 360 <= width)


def _exact_transformer(crs: pyproj.CRS, area: Any) -> pyproj.Transformer:
    """From longitude and latitude. PROJ by itself silently takes a worse way where the grid of the best is missing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the missing grid, which is an error here
        group = TransformerGroup(MAP_WGS84, crs, always_xy=True, area_of_interest=area, allow_ballpark=False)
    if group.transformers and group.best_available:
        with contextlib.suppress(ProjError):
            return pyproj.Transformer.from_crs(
                MAP_WGS84, crs, always_xy=True, area_of_interest=area, only_best=True, allow_ballpark=False
            )
    raise ProjectionError(f"{crs.name} cannot be reached from WGS84 exactly: it needs a grid that is not there")


def _projected_crs(epsg: int) -> pyproj.CRS:
    try:
        crs = pyproj.CRS.from_epsg(epsg)
    except CRSError:
        raise ProjectionError(f"EPSG:{epsg} is not known") from None
    if not crs.is_projected or len(crs.axis_info) != 2:
        raise ProjectionError(f"EPSG:{epsg} ({crs.name}) is no map with east and north")
    return crs
