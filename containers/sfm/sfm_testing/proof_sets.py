"""The table of rendered photo sets that SfM must place rightly, each with how far it may be off."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFilter

from .control import control_list
from .job import Job
from .photo_files import gps_of, save_photo
from .place import FOCAL_35MM, Place, View, facade_views, look, survey_views
from .truth import Deviations, TrueCamera

Floats = NDArray[np.float64]
Site = Literal["home", "elsewhere", "same middle"]

LEVEL = np.eye(3)
STANDING = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])  # the ground as a wall that faces south
LARGE_HOUSE_M = 9.0  # half a side of what two sites have in common


@dataclass(frozen=True)
class Shot:
    """A photo: `view` is rendered, then the picture is turned anticlockwise by quarters, as a turned camera has it."""

    view: View
    site: Site = "home"
    zoom: float = 1.0
    k1: float = 0.0
    quarter_turns: int = 0
    orientation: int | None = None
    """EXIF's, of a turned photo that is stored unturned: 6 for three turns, 8 for one, 3 for two."""
    blurred: bool = False
    size: tuple[int, int] = (480, 360)
    gps_noise_m: float | None = 0.0
    """RMS length of its error; None: no position."""
    rtk: bool = False

    @property
    def rotation(self) -> Floats:
        """Of the upright photo."""
        x, y, forward = self.view.rotation
        for _ in range(self.quarter_turns):
            x, y = y, -x
        return np.stack([x, y, forward])


@dataclass(frozen=True)
class ProofSet:
    """Photos, and the limits of what SfM makes of them. `upright`: see `truth.deviations`."""

    name: str
    shots: Sequence[Shot]
    limits: Deviations = field(default_factory=Deviations)
    upright: Floats = field(default_factory=lambda: LEVEL)
    control: bool = False
    in_suite: bool = True
    """Whether the tests run it; others hold the same already, and `npm run bench:proof` runs it."""

    def write(self, job: Job) -> None:
        """Writes the photos, and what lies beside them, where the job expects them."""
        random = np.random.default_rng(11)
        for shot in self.shots:
            noise = random.normal(0, (shot.gps_noise_m or 0.0) / math.sqrt(3), 3)
            gps = None if shot.gps_noise_m is None else gps_of(self.truth[shot.view.name].center + noise)
            xmp = '<d drone-dji:RtkFlag="50" drone-dji:RtkStdLon="0.02" drone-dji:RtkStdLat="0.02" '
            save_photo(
                job.photos / shot.view.name,
                _picture(shot),
                gps=gps,
                orientation=shot.orientation,
                xmp=f'{xmp}drone-dji:RtkStdHgt="0.03"/>' if shot.rtk else None,
                camera={ExifTags.Base.FocalLengthIn35mmFilm: round(FOCAL_35MM * shot.zoom)},
            )
        if self.control:
            views = [shot.view for shot in self.shots]
            (job.photos / "gcp_list.txt").write_text(control_list(site("home"), views), "utf-8")

    @property
    def truth(self) -> dict[str, TrueCamera]:
        """By the photos' names."""
        return {
            shot.view.name: TrueCamera(
                self.upright.T @ shot.view.center,
                shot.rotation @ self.upright,
                FOCAL_35MM / 35 * shot.zoom,
                shot.site,
            )
            for shot in self.shots
        }


@cache
def site(name: Site) -> Place:
    """One of the places; their hills are the same."""
    if name == "same middle":
        return site("elsewhere").with_middle_of(site("home"), LARGE_HOUSE_M)
    return Place(seed=1 if name == "home" else 2)


def _picture(shot: Shot) -> Image.Image:
    picture = site(shot.site).render(shot.view, zoom=shot.zoom, k1=shot.k1)
    picture = picture.resize(shot.size, Image.Resampling.LANCZOS)
    if shot.blurred:
        picture = picture.filter(ImageFilter.GaussianBlur(3))
    return picture if shot.orientation else picture.rotate(90 * shot.quarter_turns, expand=True)


def _survey(**changes: object) -> list[Shot]:
    """The grid of twelve, strip by strip in opposite directions, and four oblique photos."""
    return [replace(Shot(view), **changes) for view in survey_views()]  # type: ignore[arg-type]


def _without_gps(shots: Sequence[Shot]) -> list[Shot]:
    return [replace(shot, gps_noise_m=None) for shot in shots]


def _every(step: int, shots: Sequence[Shot], change: Callable[[Shot], Shot]) -> list[Shot]:
    """Changes each `step`th photo."""
    return [change(shot) if number % step == 1 else shot for number, shot in enumerate(shots)]


def _of_one_heading(shot: Shot) -> Shot:
    """Strips of the grid are flown to the east and to the west: the second is turned."""
    return replace(shot, quarter_turns=2) if shot.view.rotation[0] @ [0, 1, 0] > 0 else shot


def _out_of_focus(shot: Shot) -> Shot:
    return replace(shot, blurred=True)


def _orbit(photos: int = 16) -> list[Shot]:
    """Around the middle, from 22 m and 20 m above."""
    angles = [360.0 * number / photos for number in range(photos)]
    places = [(-22 * math.sin(math.radians(a)), -22 * math.cos(math.radians(a)), 20.0) for a in angles]
    return [
        Shot(look(f"{number:02d}.jpg", place, angle, -42), gps_noise_m=None)
        for number, (place, angle) in enumerate(zip(places, angles, strict=True))
    ]


def _moved(shots: Sequence[Shot], name: str, to: Site) -> list[Shot]:
    """The same flight at another site."""
    return [replace(shot, view=replace(shot.view, name=f"{name}/{shot.view.name}"), site=to) for shot in shots]


_GRID = _survey()[:12]
_HIGH = [
    Shot(look(f"{row}-{column}.jpg", (-30.0 + 20 * column, -30.0 + 20 * row, 60), 90, -90), gps_noise_m=5.0)
    for row in range(4)
    for column in range(4)
]
_LINE = [Shot(look(f"{number:02d}.jpg", (-22.0 + 4 * number, 0, 30), 90, -90)) for number in range(12)]
_WALL = [Shot(wall.view) for wall in facade_views(columns=3, heights=5)]

PROOF_SETS = [
    ProofSet("nadir grid", [_of_one_heading(shot) for shot in _GRID], Deviations(place_m=0.1)),
    ProofSet("opposite strips", _without_gps(_GRID)),
    ProofSet("orbit", _orbit()),
    ProofSet("facade", _WALL, Deviations(place_m=0.1), STANDING, in_suite=False),  # test_facade.py has a larger one
    ProofSet(
        "mixed cameras",
        _every(2, _survey(), lambda shot: replace(shot, zoom=1.5, size=(400, 300))),
        Deviations(place_m=0.1),
    ),
    ProofSet("strong barrel distortion", _survey(k1=-0.25, gps_noise_m=None)),
    ProofSet("a tenth blurred", _every(8, _survey(), _out_of_focus), Deviations(place_m=0.1)),
    ProofSet("no GPS", _survey(gps_noise_m=None), in_suite=False),  # two others have none
    # From higher up: what 16 such positions leave open is a shift, a turn and a scale by two metres.
    ProofSet("GPS with 5 m noise", _HIGH, Deviations(place_m=3.0)),
    ProofSet("RTK", _survey(gps_noise_m=0.03, rtk=True), Deviations(place_m=0.1)),
    ProofSet(
        "ground control",
        _survey(gps_noise_m=5.0),
        Deviations(place_m=0.15, check_m=0.1),
        control=True,
        in_suite=False,  # test_control_run.py has it
    ),
    ProofSet("one straight line", _LINE, Deviations(place_m=0.1)),
    ProofSet("two disconnected places", _without_gps([*_GRID[:8], *_moved(_GRID[:5], "b", "elsewhere")])),
    ProofSet("two places with the same middle", _without_gps([*_GRID, *_moved(_GRID[:8], "b", "same middle")])),
    ProofSet(
        "portrait and landscape",
        _every(
            4,
            _every(2, _survey(), lambda shot: replace(shot, quarter_turns=1)),
            lambda shot: replace(shot, quarter_turns=3, orientation=6),
        ),
        Deviations(place_m=0.1),
    ),
]
