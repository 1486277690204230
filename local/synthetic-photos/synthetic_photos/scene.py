"""The scene: terrain with a painted ground, and box-shaped houses with painted walls and roofs."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .paint import Texture, facade, ground_colours
from .terrain import Terrain

Floats = NDArray[np.floating[Any]]

GROUND_SPAN_M = 200.0
TEXEL_M = 0.08
HOUSES = 26
HOUSE_AREA_M = 46.0  # houses stand within +- this of the middle
SUN = np.array([0.42, 0.30, 0.86]) / np.linalg.norm([0.42, 0.30, 0.86])
AMBIENT_LIGHT = 0.45


@dataclass(frozen=True)
class Box:
    """A house: `centre` and `half` float64[3] in metres, turned by `yaw` about z.

    `faces`: textures of the sides -x, +x, -y, +y and of the roof, lit by the sun.
    """

    centre: Floats
    half: Floats
    yaw: float
    faces: tuple[Texture, ...]

    def to_local(self, vectors: Floats) -> Floats:
        """Turns float[..., 3] world directions into the box's own axes."""
        c, s = np.cos(self.yaw), np.sin(self.yaw)
        x, y = vectors[..., 0], vectors[..., 1]
        return np.stack([c * x + s * y, c * y - s * x, vectors[..., 2]], axis=-1)

    def corners(self) -> Floats:
        """The eight corners, float64[8, 3], world metres."""
        signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
        c, s = np.cos(self.yaw), np.sin(self.yaw)
        turn = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
        corners: Floats = self.centre + (signs * self.half) @ turn.T
        return corners


@dataclass(frozen=True)
class Scene:
    """`ground` covers a square of GROUND_SPAN_M around the origin, row 0 at the south."""

    terrain: Terrain
    ground: Texture
    boxes: tuple[Box, ...]

    def with_box(self, box: Box) -> "Scene":
        """The same scene with one box more."""
        return replace(self, boxes=(*self.boxes, box))


def build_scene(seed: int) -> Scene:
    """The village of `seed`. Takes about a second."""
    terrain = Terrain.random(seed)
    boxes = _place_houses(terrain, np.random.default_rng([seed, 3]))
    size = round(GROUND_SPAN_M / TEXEL_M)
    colours = ground_colours(size, np.random.default_rng([seed, 4]))
    colours *= _ground_light(terrain, boxes, size)[..., None]
    return Scene(terrain, Texture.from_colours(colours, TEXEL_M), tuple(boxes))


def _place_houses(terrain: Terrain, random: np.random.Generator) -> list[Box]:
    """Houses of many sizes at random places that do not touch; sheds and cars come out of the same rule."""
    boxes: list[Box] = []
    while len(boxes) < HOUSES:
        x, y = random.uniform(-HOUSE_AREA_M, HOUSE_AREA_M, 2)
        size = random.choice([1.0, 0.6, 0.3])
        half = np.array([random.uniform(3, 7), random.uniform(3, 5), random.uniform(1.8, 3.5)]) * size
        if any(np.hypot(*(b.centre[:2] - [x, y])) < np.hypot(*b.half[:2]) + np.hypot(*half[:2]) + 1 for b in boxes):
            continue
        ground = terrain.height_and_slope(np.array([x]), np.array([y]))[0][0]
        buried = 1.0  # metres below the ground, so that no slope leaves a gap under a wall
        half[2] += buried / 2
        yaw = random.uniform(0, np.pi)
        centre = np.array([x, y, ground + half[2] - buried])
        boxes.append(Box(centre, half, yaw, _paint_faces(half, yaw, random)))
    return boxes


def _paint_faces(half: Floats, yaw: float, random: np.random.Generator) -> tuple[Texture, ...]:
    wall = random.uniform(150, 235) * random.choice([[1.0, 0.97, 0.9], [1.0, 0.9, 0.7], [0.85, 0.9, 1.0]])
    roof = random.uniform(110, 190) * random.choice([[1.0, 0.55, 0.42], [0.8, 0.85, 0.95], [0.8, 0.65, 0.55]])
    faces = []
    for axis, sign in ((0, -1), (0, 1), (1, -1), (1, 1)):
        normal_angle = yaw + (np.pi / 2 if axis == 1 else 0.0) + (np.pi if sign < 0 else 0.0)
        light = max(0.0, float(SUN[0] * np.cos(normal_angle) + SUN[1] * np.sin(normal_angle)))
        colours = facade(2 * half[1 - axis], 2 * half[2], TEXEL_M, wall, random, windows=True)
        faces.append(Texture.from_colours(colours * (AMBIENT_LIGHT + (1 - AMBIENT_LIGHT) * light), TEXEL_M))
    colours = facade(2 * half[0], 2 * half[1], TEXEL_M, roof, random, windows=False)
    faces.append(Texture.from_colours(colours * (AMBIENT_LIGHT + (1 - AMBIENT_LIGHT) * SUN[2]), TEXEL_M))
    return tuple(faces)


def _ground_light(terrain: Terrain, boxes: list[Box], size: int) -> Floats:
    """Lambert shading with the houses' shadows, float32[size, size], for the ground's texels."""
    axis = ((np.arange(size, dtype=np.float32) + 0.5) / size - 0.5) * np.float32(GROUND_SPAN_M)
    coarse = axis[::8]  # the shortest wave is 19 m: every 0.64 m is plenty for the slopes
    x, y = np.meshgrid(coarse, coarse)
    _, slope_x, slope_y = terrain.height_and_slope(x, y)
    cosine = (SUN[2] - SUN[0] * slope_x - SUN[1] * slope_y) / np.sqrt(1 + slope_x**2 + slope_y**2)
    sunlight = np.repeat(np.repeat(cosine.astype(np.float32), 8, axis=0), 8, axis=1)[:size, :size]
    for box in boxes:
        reach = np.hypot(*box.half[:2]) + 2 * box.half[2] * np.hypot(*SUN[:2]) / SUN[2] + 2
        near = [np.abs(axis - box.centre[i]) < reach for i in (0, 1)]
        columns, rows = (slice(int(n.argmax()), int(n.argmax() + n.sum())) for n in near)
        x, y = np.meshgrid(axis[columns], axis[rows])
        z = terrain.height_and_slope(x, y)[0]
        origin = box.to_local(np.stack([x, y, z], axis=-1) - box.centre)
        toward = box.to_local(SUN)
        with np.errstate(divide="ignore"):
            a, b = (-box.half - origin) / toward, (box.half - origin) / toward
        enter, leave = np.minimum(a, b).max(axis=-1), np.maximum(a, b).min(axis=-1)
        sunlight[rows, columns][(leave > 0) & (enter < leave)] = 0
    return AMBIENT_LIGHT + (1 - AMBIENT_LIGHT) * sunlight
