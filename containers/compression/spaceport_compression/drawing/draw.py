"""Draws a model as web viewers do, on the CPU: EWA splatting through a pinhole (Zwicker et al. 2001, eq. 31).

By the kernel that training draws with; without a compiler by numpy, which states the same rules.
"""

from dataclasses import dataclass

import numpy as np
from spaceport_common.kernel.build import NoCompilerError
from spaceport_common.kernel.library import Kernel, Plan, load
from spaceport_common.kernel.structures import ModelArrays
from spaceport_common.kernel.structures import View as KernelView
from spaceport_common.machine import usable_cpus
from spaceport_common.opening_view import PhotoCamera, Pose, focal_length
from spaceport_common.sog.gaussians import SH_COEFFICIENTS, Float32s, Gaussians
from spaceport_common.sog.quantizers import Float64s, sigmoid
from spaceport_common.spherical_harmonics import C0, harmonics

from .tiles import TilePlan

CHUNK = 65_536  # Gaussians that are projected at once: some 60 MB at three bands
DILATION_PX2 = 0.3
REACH_SIGMAS = 3.34  # exp(-s^2 / 2) = 1/255 at s = 3.33: farther out nothing is drawn
REACH_MARGIN = 1.5  # what lies beside the axis is wider than the quick estimate
# supersplat-viewer's clipping planes (viewer.js, applyCamera): nothing nearer is drawn.
SMALLEST_FAR = 1e-2
NEAR_SHARE = 1 / (1024 * 16)
LARGEST_NEAR = 1.0
NO_LIMIT = 1e9  # of the distance from the axis: viewers draw as far as the picture goes


@dataclass(frozen=True)
class View:
    """A pinhole camera with its axis through the picture's middle; x right, y down, z forward.

    rotation: float64[3, 3], world to camera; position: float64[3]; focal lengths and sizes in pixels.
    """

    name: str
    width: int
    height: int
    fx: float
    fy: float
    rotation: Float64s
    position: Float64s


@dataclass(frozen=True)
class Picture:
    """rgb: float32[H, W, 3] in 0..1, over black. opacity: float32[H, W], 0..1."""

    rgb: Float32s
    opacity: Float32s


def opening_view(pose: Pose, width: int, height: int) -> View:
    """What the viewer shows first, in a picture of that size."""
    focal = focal_length(width, height)
    return View("opening view", width, height, focal, focal, pose.rotation, pose.position)


def photo_view(camera: PhotoCamera, long_side: int) -> View:
    """A photo's camera without its lens's distortion, in a picture of that size."""
    scale = long_side / max(camera.width, camera.height)
    width, height = max(1, round(camera.width * scale)), max(1, round(camera.height * scale))
    fx, fy = camera.fx * width / camera.width, camera.fy * height / camera.height
    return View(camera.name, width, height, fx, fy, camera.rotation, camera.position)


@dataclass(frozen=True)
class DepthPicture:
    """A picture, and float32[H, W] of its median depths, NaN where more than half of the light passes."""

    picture: Picture
    depth: Float32s


@dataclass(frozen=True)
class Projected:
    """What may be seen, in pixels: xy[M, 2], conic[M, 3], opacity[M], color[M, 3], depth[M], all float32."""

    xy: Float32s
    conic: Float32s
    opacity: Float32s
    color: Float32s
    depth: Float32s

    def plan(self, width: int, height: int) -> TilePlan | Plan:
        """Sorted for drawing. Without the compiled kernel it takes many times as long."""
        columns = (self.xy, self.conic, self.opacity, self.color, self.depth, width, height)
        try:
            return load().plan(*columns, usable_cpus())
        except NoCompilerError:
            return TilePlan(*columns)


def draw(gaussians: Gaussians, view: View) -> Picture:
    """Draws the model with all its bands."""
    return drawn(_projected(gaussians, view).plan(view.width, view.height))


def draw_depth(gaussians: Gaussians, view: View) -> DepthPicture:
    """As draw, with depths along the viewing axis."""
    found = _projected(gaussians, view)
    plan = found.plan(view.width, view.height)
    return DepthPicture(drawn(plan), plan.median(found.depth))


def drawn(plan: TilePlan | Plan) -> Picture:
    """The picture over black, and how opaque it is."""
    rgb, white = (plan.forward(np.full(3, background, np.float32)) for background in (0, 1))
    return Picture(np.clip(rgb, 0, 1), 1 - np.clip((white - rgb)[:, :, 0], 0, 1))


def _projected(gaussians: Gaussians, view: View) -> Projected:
    near = nearest_drawn(gaussians, view)
    chunks = [slice(start, start + CHUNK) for start in range(0, len(gaussians), CHUNK)]
    try:
        kernel = load()
    except NoCompilerError:
        parts = [_project(gaussians, rows, view, near) for rows in chunks]
    else:
        eye = kernel_view(view, near)
        parts = [_project_by_kernel(kernel, gaussians, rows, eye) for rows in chunks]
    return Projected(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _project_by_kernel(kernel: Kernel, gaussians: Gaussians, rows: slice, eye: KernelView) -> tuple[Float32s, ...]:
    """As _project."""
    some = Gaussians(**{name: column[rows] for name, column in vars(gaussians).items()})
    seen = kernel.project(kernel_model(some), eye, gaussians.sh_bands, usable_cpus())
    return seen.xy, seen.conic, seen.opacity, seen.color, seen.depth


def kernel_model(gaussians: Gaussians) -> ModelArrays:
    """The model as the kernel takes it, with rotations of length 1."""
    rest = gaussians.sh.reshape(len(gaussians), 3, SH_COEFFICIENTS[gaussians.sh_bands]).transpose(0, 2, 1)
    rotations = gaussians.rotations / np.linalg.norm(gaussians.rotations.astype(np.float64), axis=1, keepdims=True)
    columns = (gaussians.positions, gaussians.scales, rotations, gaussians.opacities, gaussians.colors, rest)
    return ModelArrays.of(columns)


def kernel_view(view: View, near: float) -> KernelView:
    """The camera as the kernel takes it; nothing nearer than `near` is drawn."""
    return KernelView.of(
        rotation=view.rotation,
        translation=-view.rotation @ view.position,
        focal=(view.fx, view.fy),
        centre=(view.width / 2, view.height / 2),
        radial=(),
        rational=(),
        tangential=(0, 0),
        limits=(near, NO_LIMIT),
        fisheye=False,
        size=(view.width, view.height),
    )


def nearest_drawn(gaussians: Gaussians, view: View) -> float:
    """Depth below which the viewer draws nothing; it depends on the box of all positions."""
    axes = gaussians.positions.T  # each by itself: along the rows of three numpy takes ten times as long
    low, high = (np.array([limit(axis) for axis in axes], np.float64) for limit in (np.min, np.max))
    ahead = float(((low + high) / 2 - view.position) @ view.rotation[2])
    radius = float(np.linalg.norm(high - low)) / 2
    far = max(ahead + radius, SMALLEST_FAR)
    return min(LARGEST_NEAR, max(ahead - radius, far * NEAR_SHARE))


def _project(gaussians: Gaussians, rows: slice, view: View, near: float) -> tuple[Float32s, ...]:
    """What may be seen of some rows: xy[M, 2] pixels, conic[M, 3], opacity[M], color[M, 3], depth[M]."""
    local = (gaussians.positions[rows].astype(np.float64) - view.position) @ view.rotation.T
    scales = np.exp(gaussians.scales[rows].astype(np.float64))
    depth, size = local[:, 2], np.array([view.width, view.height])
    safe = np.where(depth > near, depth, 1.0)
    slope = local[:, :2] / safe[:, None]
    xy = slope * (view.fx, view.fy) + size / 2
    sigma = scales.max(axis=1) / safe * np.hypot(1, np.hypot(*slope.T)) * max(view.fx, view.fy)
    reach = (REACH_SIGMAS * (REACH_MARGIN * sigma + 1))[:, None]
    seen = (depth > near) & ((xy > -reach) & (xy < reach + size)).all(axis=1)
    xy, slope, depth = xy[seen], slope[seen], depth[seen]

    axes = rotation_matrices(gaussians.rotations[rows][seen]) * scales[seen][:, None, :]
    right, down, forward = view.rotation
    u, v = (
        np.einsum("ni,nij->nj", (row - slope[:, axis, None] * forward) * (focal / depth)[:, None], axes)
        for axis, (row, focal) in enumerate(((right, view.fx), (down, view.fy)))
    )
    uu, uv, vv = (u * u).sum(axis=1) + DILATION_PX2, (u * v).sum(axis=1), (v * v).sum(axis=1) + DILATION_PX2
    conic = np.stack([vv, -uv, uu], axis=1) / (uu * vv - uv * uv)[:, None]

    directions = gaussians.positions[rows][seen] - view.position
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    color = seen_colors(gaussians.colors[rows][seen], gaussians.sh[rows][seen], directions)
    values = (xy, conic, sigmoid(gaussians.opacities[rows][seen]), color, depth)
    return tuple(value.astype(np.float32) for value in values)


def seen_colors(constant: Float32s, sh: Float32s, directions: Float64s) -> Float64s:
    """float64[N, 3], 0 or more: colours of Gaussians along unit vectors, float64[N, 3], from the eye to each.

    constant: float32[N, 3], sh: float32[N, 3 * C], as in Gaussians.
    """
    color = C0 * constant.astype(np.float64) + 0.5
    if sh.shape[1]:
        x, y, z = directions.T
        bands = SH_COEFFICIENTS.index(sh.shape[1] // 3)
        coefficients = sh.reshape(len(sh), 3, SH_COEFFICIENTS[bands])
        color += np.einsum("nck,kn->nc", coefficients, np.stack(harmonics(x, y, z, bands)))
    result: Float64s = np.maximum(color, 0)
    return result


def rotation_matrices(rotations: Float32s) -> Float64s:
    """float64[N, 3, 3] of quaternions w x y z of any length."""
    w, x, y, z = (rotations / np.linalg.norm(rotations.astype(np.float64), axis=1, keepdims=True)).T
    columns = (
        (1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    )
    return np.moveaxis(np.array(columns), 2, 0)
