"""Makes a coarser level look like the finest: a few steps of gradient descent on pictures from where it is shown."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from spaceport_common.kernel.build import NoCompilerError
from spaceport_common.kernel.library import Kernel, Plan, load
from spaceport_common.kernel.structures import TENSORS, ModelArrays, ProjectedArrays
from spaceport_common.kernel.structures import View as KernelView
from spaceport_common.machine import usable_cpus
from spaceport_common.opening_view import PhotoCamera
from spaceport_common.sog.gaussians import Float32s, Gaussians

from ..drawing.draw import kernel_model, kernel_view, nearest_drawn, photo_view
from .viewpoint import Viewpoint, from_afar

STEPS, MOST_STEPS = 80, 240
SMALL = 131_072  # Gaussians of a level that takes more steps the smaller it is: all then cost alike
VIEWS = 24  # of photos evenly over all, or of fewer photos several each
DISPLACEMENT = 0.2  # of the distance to the scene, standard deviation: from elsewhere a level is looked at too
LARGEST = 131_072  # Gaussians of a level that is worth the time: finer ones differ little
PIXELS_A_GAUSSIAN = (1, 2)  # from where viewers take a level, and nearer
LARGEST_LONG_SIDE = 400  # pixels
# Adam (Kingma and Ba 2015), with rates by the names of TENSORS; that of means is a share of the median half axis.
DECAYS, EPSILON = (0.9, 0.99), 1e-15
RATES = {
    "means": 0.01,
    "log_scales": 0.01,
    "quaternions": 0.005,
    "opacity_logits": 0.025,
    "base_colors": 0.01,
    "rest_colors": 0.0025,
}
LAST_RATE = 0.1  # of the first, at the end
AT_ONCE = 65_536  # numbers of a tensor that are moved together: 256 kB of each array, which caches hold


class Refinement:
    """Knows the finest level and where photos were taken from."""

    def __init__(self, finest: Gaussians, cameras: list[PhotoCamera]) -> None:
        self._finest, random = finest, np.random.default_rng(0)
        self._viewpoints: list[tuple[Viewpoint, float]] = []
        for number in range(VIEWS if cameras else 0):
            camera = cameras[round(number * (len(cameras) - 1) / (VIEWS - 1))]
            viewpoint = from_afar(camera, finest.positions, random.normal(0, DISPLACEMENT, 3))
            self._viewpoints.append((viewpoint, PIXELS_A_GAUSSIAN[number % len(PIXELS_A_GAUSSIAN)]))

    def refined(self, level: Gaussians, steps: int | None = None) -> Gaussians:
        """The level with its Gaussians moved, turned, scaled and coloured so that it looks more like the finest.

        One view a step, in their order, again and again; the error is squared. `steps`: None is by the level's size.
        The result does not depend on the number of threads. A level stays as it is where it is large, where there are
        no cameras, or no compiled kernel.
        """
        if not self._viewpoints or not 0 < len(level) <= LARGEST:
            return level
        try:
            kernel = load()
        except NoCompilerError:
            return level
        targets = list(self._pictures(kernel, len(level)))
        descent = _Descent(_Look(kernel, level))
        steps = steps or int(np.clip(STEPS * SMALL / len(level), STEPS, MOST_STEPS))
        for step in range(steps):
            descent.step(*targets[step % len(targets)], LAST_RATE ** (step / steps))
        return _with_rows_of(level, descent.look.gaussians())

    def _pictures(self, kernel: Kernel, count: int) -> Iterator[tuple[KernelView, Float32s]]:
        """Of the finest level, as large as a level of `count` Gaussians needs them."""
        finest = _Look(kernel, self._finest)
        for viewpoint, pixels in self._viewpoints:
            view = photo_view(viewpoint.camera, min(viewpoint.long_side(count, pixels), LARGEST_LONG_SIDE))
            eye = kernel_view(view, nearest_drawn(self._finest, view))
            yield eye, finest.drawn(eye)[0]


class _Look:
    """A model as the kernel draws it."""

    def __init__(self, kernel: Kernel, model: Gaussians) -> None:
        self.kernel, self._bands = kernel, model.sh_bands
        self.model = ModelArrays.of([np.array(array) for array in kernel_model(model).arrays])  # of its own: it changes

    def drawn(self, eye: KernelView) -> tuple[Float32s, Plan, ProjectedArrays]:
        """float32[H, W, 3] over black, and what it was drawn from."""
        seen = self.kernel.project(self.model, eye, self._bands, usable_cpus())
        looks = (seen.xy, seen.conic, seen.opacity, seen.color, seen.depth)
        plan = self.kernel.plan(*looks, eye.width, eye.height, usable_cpus())
        return plan.forward(np.zeros(3, np.float32)), plan, seen

    def slopes(self, eye: KernelView, wanted: Float32s) -> tuple[Float32s, ...]:
        """Gradients of the squared error by the model's arrays, but for a factor."""
        image, plan, seen = self.drawn(eye)
        looks = plan.backward(image, image - wanted)
        return self.kernel.project_back(self.model, eye, self._bands, usable_cpus(), seen, looks).arrays

    def gaussians(self) -> Gaussians:
        positions, scales, rotations, opacities, colors, rest = self.model.arrays
        sh = np.ascontiguousarray(rest.transpose(0, 2, 1).reshape(len(positions), -1))
        return Gaussians(positions, rotations, scales, opacities, colors, sh)


@dataclass
class _Descent:
    """Adam's state."""

    look: _Look

    def __post_init__(self) -> None:
        arrays = self.look.model.arrays
        size = float(np.exp(np.median(arrays[TENSORS.index("log_scales")])))
        self._rates = [RATES[name] * (size if name == "means" else 1) for name in TENSORS]
        self._means, self._squares = ([np.zeros_like(array) for array in arrays] for _ in DECAYS)
        self._room = np.empty(AT_ONCE, np.float32)
        self._steps = 0

    def step(self, eye: KernelView, wanted: Float32s, rate: float) -> None:
        self._steps += 1
        columns = zip(self.look.model.arrays, self.look.slopes(eye, wanted), self._means, self._squares, strict=True)
        for index, column in enumerate(columns):
            numbers = [array.reshape(-1) for array in column]
            for start in range(0, len(numbers[0]), AT_ONCE):
                part = [array[start : start + AT_ONCE] for array in numbers]
                self._move(rate * self._rates[index], *part)

    def _move(self, rate: float, values: Float32s, slope: Float32s, mean: Float32s, square: Float32s) -> None:
        """In place, without an array of its own: numpy spends most of the time on fresh memory otherwise."""
        room = self._room[: len(values)]
        np.subtract(slope, mean, out=room)
        room *= np.float32(1 - DECAYS[0])
        mean += room
        np.multiply(slope, slope, out=room)
        room -= square
        room *= np.float32(1 - DECAYS[1])
        square += room
        first, second = (1 - decay**self._steps for decay in DECAYS)
        np.multiply(square, np.float32(1 / second), out=room)
        np.sqrt(room, out=room)
        room += np.float32(EPSILON)
        np.divide(mean, room, out=room)
        room *= np.float32(rate / first)
        values -= room


def _with_rows_of(level: Gaussians, found: Gaussians) -> Gaussians:
    """What was found; of rows that are no longer finite, or turned by nothing, what was there."""
    good = np.linalg.norm(found.rotations, axis=1) > np.finfo(np.float32).eps
    for column in vars(found).values():
        good &= np.isfinite(column).reshape(len(good), -1).all(axis=1)
    columns = {}
    for name, column in vars(found).items():
        kept = good.reshape(-1, *(1,) * (column.ndim - 1))
        columns[name] = np.where(kept, column, getattr(level, name)).astype(np.float32)
    return Gaussians(**columns)
