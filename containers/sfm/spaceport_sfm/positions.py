"""GPS positions of the photos as metres east, north, up around their middle, and which of them say something."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pycolmap
from numpy.typing import NDArray

from .gps import AxisStd, GpsPosition
from .places import places_on_map, repeated_rows

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

MIN_GPS_SHARE = 0.8
MIN_NEAR_SHARE = 0.5  # photos with a position near the others': below half of them the middle itself is in doubt
MIN_PLACES = 3
MIN_EXTENT_M = 2.0  # less is GPS noise around one place
# A position is an outlier where it is farther from the middle than this many times the median distance, and than
# this many metres: flights are compact or a corridor, and a corridor's ends are at twice the median.
OUTLIER_FACTOR = 10.0
OUTLIER_MIN_M = 300.0
OUTLIER_ALTITUDE_M = 1000.0
UNSTATED_STD_M = (5.0, 5.0, 10.0)  # east, north, up: drones without RTK


@dataclass(frozen=True)
class Origin:
    """WGS84 degrees, metres above the ellipsoid as the photos give it (drones often write height above sea level)."""

    latitude: float
    longitude: float
    altitude: float


@dataclass(frozen=True)
class Positions:
    """`enu`: float64[N, 3], metres east, north, up of `origin`, in the order of the photos.

    Rows of NaN: no GPS. NaN in the third column only: no altitude.
    """

    enu: Floats
    origin: Origin
    std_m: Floats
    """float64[N, 3]: standard deviations in metres, as stated or `UNSTATED_STD_M`."""
    signed: bool = True
    """Whether the hemispheres are known. Without, distances are right, but east and west or north and south may be
    exchanged, which mirrors the place: good for choosing pairs, and for nothing else."""

    @property
    def known(self) -> Mask:
        """bool[N]: photos with a horizontal position."""
        return np.isfinite(self.enu[:, 0])

    @property
    def repeated(self) -> Mask:
        """bool[N]: see repeated_rows."""
        return repeated_rows(self.enu)

    @property
    def has_altitudes(self) -> bool:
        """Whether enough of the known positions have an altitude to be used in three dimensions."""
        return bool(np.isfinite(self.enu[self.known, 2]).mean() >= MIN_GPS_SHARE)

    @property
    def are_priors(self) -> bool:
        """Whether enough photos have a position of their own, with altitude, to help with mapping."""
        return self.signed and self.has_altitudes and bool((self.known & ~self.repeated).mean() >= MIN_GPS_SHARE)


@dataclass(frozen=True)
class PositionFacts:
    """What the positions of a set of photos are worth."""

    positions: Positions | None
    """None where they are of no use at all."""
    known: int
    """Photos with a position."""
    places: int
    """Different positions on the map."""
    outliers: int
    """Photos whose position is far from all others; they count as photos without one."""
    problem: str | None
    """Why the scene cannot be laid on the map by them, for people; None where nothing speaks against it."""
    moved_m: float | None = None
    """Median distance on the map of the positions in files from the photos' own; None where none has both."""
    unlike_altitudes: int = 0
    """Altitudes that count from something else than most do, and were not used."""


def positions_of(exif: Sequence[GpsPosition | None], xmp: Sequence[GpsPosition | None] = ()) -> Positions | None:
    """The positions of `examine_positions`."""
    return examine_positions(exif, xmp).positions


def examine_positions(
    exif: Sequence[GpsPosition | None],
    xmp: Sequence[GpsPosition | None] = (),
    surveyed: Sequence[GpsPosition | None] = (),
    geoid_offset_m: float = 0.0,
) -> PositionFacts:
    """Positions of photos by EXIF, by XMP and by files beside them (empty: none has any), cleaned, and their worth.

    Those of files take the place of the photos' own. They are of no use where less than 80 % of the photos (or fewer
    than 3) have one, less than half are near each other, or all are of one place. With two places they only choose
    pairs. `geoid_offset_m`: of the geoid above the ellipsoid, for heights above sea level; 0 where it is not known.
    """
    nothing: list[GpsPosition | None] = [None] * len(exif)
    own = best_source(exif, xmp or nothing)
    replaced = [ours if theirs is None else theirs for ours, theirs in zip(own, surveyed or nothing, strict=True)]
    replaced = [None if fix is None else fix.above_ellipsoid(geoid_offset_m) for fix in replaced]
    fixes = with_one_height_reference(with_known_hemispheres(replaced))
    known = sum(fix is not None for fix in fixes)
    moved_m = _typical_distance(with_known_hemispheres(own), surveyed or nothing)
    unlike = sum(had is not None and had.altitude is not None for had in replaced) - sum(
        fix is not None and fix.altitude is not None for fix in fixes
    )

    def useless(places: int, outliers: int, problem: str) -> PositionFacts:
        return PositionFacts(None, known, places, outliers, problem, moved_m, unlike)

    if known == 0:
        return useless(0, 0, "the photos have no GPS positions")
    positions, outliers = _in_metres(fixes)
    places = places_on_map(positions.enu)
    if known < max(MIN_PLACES, MIN_GPS_SHARE * len(fixes)):
        return useless(places, outliers, f"only {known} of {len(fixes)} photos have a GPS position")
    if positions.known.sum() < max(MIN_PLACES, MIN_NEAR_SHARE * len(fixes)):
        return useless(
            places, outliers, f"the GPS positions of {outliers} of {len(fixes)} photos are far from the others"
        )
    extent = float(np.linalg.norm(np.ptp(positions.enu[positions.known, :2], axis=0)))
    if extent < MIN_EXTENT_M:
        return useless(places, outliers, f"the {known} GPS positions are all of one place")
    problem = None
    if places < MIN_PLACES:
        problem = f"the {known} GPS positions are of {places} places only"
    elif not positions.signed:
        problem = "the GPS positions do not say whether they are north or south, east or west (N, S, E, W are missing)"
    return PositionFacts(positions, known, places, outliers, problem, moved_m, unlike)


def best_source(exif: Sequence[GpsPosition | None], xmp: Sequence[GpsPosition | None]) -> list[GpsPosition | None]:
    """For each photo the position of one source, else the other's; a missing altitude comes from the other, too.

    EXIF comes first, unless XMP tells the hemispheres that EXIF lacks, or more places apart: some firmware cuts the
    numbers in EXIF, so that many photos have the same ones.
    """
    exif_first = [_merged(first, second) for first, second in zip(exif, xmp, strict=True)]
    xmp_first = [_merged(second, first) for first, second in zip(exif, xmp, strict=True)]
    return xmp_first if _worth(xmp_first) > _worth(exif_first) else exif_first


def with_known_hemispheres(fixes: Sequence[GpsPosition | None]) -> list[GpsPosition | None]:
    """Photos that lack the hemispheres take those of the others, where the others are less than a degree away."""
    signed = [fix for fix in fixes if fix is not None and fix.signed]
    if not signed:
        return list(fixes)
    middle = _middle(signed)

    def completed(fix: GpsPosition) -> GpsPosition | None:
        latitude = float(np.copysign(fix.latitude, middle.latitude))
        longitude = float(np.copysign(fix.longitude, middle.longitude))
        near = abs(latitude - middle.latitude) < 1 and abs(longitude - middle.longitude) < 1
        return replace(fix, latitude=latitude, longitude=longitude, signed=True) if near else None

    return [fix if fix is None or fix.signed else completed(fix) for fix in fixes]


def with_one_height_reference(fixes: Sequence[GpsPosition | None]) -> list[GpsPosition | None]:
    """Altitudes that count from something else than most are left out: geoid and ellipsoid are up to 107 m apart."""
    references = [fix.heights for fix in fixes if fix is not None and fix.altitude is not None]
    if not references:
        return list(fixes)
    commonest = max(sorted(set(references)), key=references.count)
    return [fix if fix is None or fix.heights == commonest else replace(fix, altitude=None) for fix in fixes]


def wgs84() -> pycolmap.GPSTransform:
    """Conversions on the WGS84 ellipsoid."""
    return pycolmap.GPSTransform(pycolmap.GPSTransformEllipsoid.WGS84)


def _merged(first: GpsPosition | None, second: GpsPosition | None) -> GpsPosition | None:
    if first is None or second is None:
        return second if first is None else first
    if first.altitude is not None:
        return first
    return replace(first, altitude=second.altitude, heights=second.heights)


def _typical_distance(own: Sequence[GpsPosition | None], others: Sequence[GpsPosition | None]) -> float | None:
    both = [(a, b) for a, b in zip(own, others, strict=True) if a is not None and b is not None and a.signed]
    if not both:
        return None
    ecef = [
        wgs84().ellipsoid_to_ecef(np.array([(fix.latitude, fix.longitude, 0.0) for fix in fixes]))
        for fixes in zip(*both, strict=True)
    ]
    return float(np.median(np.linalg.norm(ecef[0] - ecef[1], axis=1)))


def _worth(fixes: Sequence[GpsPosition | None]) -> tuple[int, int]:
    """Photos with hemispheres, then different positions."""
    signed = [fix for fix in fixes if fix is not None and fix.signed]
    return len(signed), len({(fix.latitude, fix.longitude) for fix in signed})


def _middle(fixes: Sequence[GpsPosition]) -> Origin:
    """The median position. It is taken in space, where neither the 180th meridian nor a pole is a border."""
    altitudes = [fix.altitude for fix in fixes if fix.altitude is not None]
    surface = np.array([(fix.latitude, fix.longitude, 0.0) for fix in fixes])
    center = np.median(wgs84().ellipsoid_to_ecef(surface), axis=0)
    latitude, longitude, _ = wgs84().ecef_to_ellipsoid(cast(Any, center.reshape(1, 3)))[0]
    return Origin(float(latitude), float(longitude), float(np.median(altitudes)) if altitudes else 0.0)


def _in_metres(fixes: Sequence[GpsPosition | None]) -> tuple[Positions, int]:
    """The positions around their middle without outliers, and how many these were."""
    known = [fix for fix in fixes if fix is not None]
    origin = _middle(known)
    degrees = np.array(
        [
            (np.nan,) * 3
            if fix is None
            else (fix.latitude, fix.longitude, origin.altitude if fix.altitude is None else fix.altitude)
            for fix in fixes
        ]
    )
    enu: Floats = wgs84().ellipsoid_to_enu(degrees, origin.latitude, origin.longitude, origin.altitude)
    distances = np.linalg.norm(enu[:, :2], axis=1)
    far = np.nan_to_num(distances) > max(OUTLIER_MIN_M, OUTLIER_FACTOR * float(np.nanmedian(distances)))
    enu[[fix is not None and not _has_altitude(fix, origin.altitude) for fix in fixes], 2] = np.nan
    enu[far] = np.nan
    return Positions(enu, origin, _std_m(fixes), all(fix.signed for fix in known)), int(far.sum())


def _std_m(fixes: Sequence[GpsPosition | None]) -> Floats:
    stated = [AxisStd(None, None, None) if fix is None or fix.std is None else fix.std for fix in fixes]
    known = np.array([(std.east, std.north, std.up) for std in stated], np.float64)
    return np.where(np.isfinite(known), known, UNSTATED_STD_M)


def _has_altitude(fix: GpsPosition, median_m: float) -> bool:
    return fix.altitude is not None and abs(fix.altitude - median_m) <= OUTLIER_ALTITUDE_M
