"""Rate and distortion: how much of the harmonics is given up for a size, and how far pictures may differ for it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from spaceport_common.opening_view import Pose
from spaceport_common.sog.decoder import decode
from spaceport_common.sog.encoder import Encoded, SceneEncoder
from spaceport_common.sog.gaussians import SH_COEFFICIENTS, Float32s, Gaussians
from spaceport_common.sog.importance import seen_weights
from spaceport_common.sog.palette import SH3_PLY_BYTES, palette_size

from .drawing.draw import View, draw, opening_view
from .verification.pictures import psnr

MIN_PSNR_DB = 40.0  # of what is decoded, drawn, against the model: nobody sees the difference
WIDTH, HEIGHT = 480, 300
EXTENT_PERCENT = (5, 95)  # of the positions along each axis: floaters do not move the view away
RADII_AWAY = 1.8
SMALLEST_PALETTE = 16  # entries; fewer are not worth their labels
ATTEMPTS = 3  # encodings of one number of bands until its palette has the wanted size
TIGHTER = 0.95
NEARLY_ALL = 0.95  # of a palette: some of its entries may have found no Gaussian
ROWS = 65_536


@dataclass(frozen=True)
class Choice:
    """encoded: the file, with `bands` of harmonics. ratio: of 248 bytes a Gaussian to the file.

    The sentences are None where none is due.
    """

    encoded: Encoded
    bands: int
    ratio: float
    given_up: str | None
    below_target: str | None


def chosen_encoding(encoder: SceneEncoder, target_ratio: float, views: list[View] | None = None) -> Choice:
    """Of the bands and palettes with which the file reaches the ratio those that serve best; of 0 all that there is.

    Of each number of bands the largest palette that fits is tried, and the one is taken whose harmonics differ least by
    what is seen of them. Where pictures from `views` (else from four sides) then differ by less than MIN_PSNR_DB, the
    palette grows until they do not: the file is larger than asked, and `below_target` says so.
    """
    return _Choosing(encoder, target_ratio, views).choice()


def fidelity(model: Gaussians, decoded: Gaussians, views: list[View] | None = None) -> float:
    """The smallest PSNR, dB, of pictures of both from `views`, else from the four sides of `overviews`."""
    chosen = views or overview_pictures(model)
    return min(psnr(draw(model, view).rgb, draw(decoded, view).rgb) for view in chosen)


def overview_pictures(model: Gaussians) -> list[View]:
    """`overviews`, in small pictures."""
    return [opening_view(pose, WIDTH, HEIGHT) for pose in overviews(model)]


def overviews(model: Gaussians) -> list[Pose]:
    """Four views from above, from south, east, north and west: what a model without cameras is looked at from."""
    low, high = np.percentile(model.positions.astype(np.float64), EXTENT_PERCENT, axis=0)
    target, radius = (low + high) / 2, max(float(np.linalg.norm(high - low)) / 2, 1e-9)
    sides = ((0, -1), (1, 0), (0, 1), (-1, 0))
    away = RADII_AWAY * radius / np.sqrt(2)
    return [Pose(target + away * np.array([x, -1, z], np.float64), target) for x, z in sides]


class _Choosing:
    """One search."""

    def __init__(self, encoder: SceneEncoder, target_ratio: float, views: list[View] | None) -> None:
        self._encoder, self._target, self._model = encoder, target_ratio, encoder.model
        self._views = views or overview_pictures(encoder.model)

    def choice(self) -> Choice:
        """What is delivered."""
        most = self._model.sh_bands
        if not self._target or not most:
            return self._stated(most, self._encoder.encoded(most), None)
        bands, best = min(self._reaching(), key=lambda candidate: self._distortion(candidate[1]))
        asked, stop = best.palette_entries, None
        while (seen := self._fidelity(best)) < MIN_PSNR_DB:
            stop = f"with less, pictures would differ, at {seen:.1f} dB"
            bands, asked = most, max(2 * asked, SMALLEST_PALETTE)
            best = self._encoder.encoded(most, asked)
            if asked >= self._customary(most):
                break
        return self._stated(bands, best, stop)

    def _reaching(self) -> list[tuple[int, Encoded]]:
        """What reaches the ratio: without harmonics, which is the smallest file there is, and by number of bands."""
        found = [(0, self._encoder.encoded(0))]
        for bands in range(self._model.sh_bands, 0, -1):
            fitting = self._fitting(bands, len(found[0][1].data))
            if fitting:
                found.append((bands, fitting))
                if fitting.palette_entries >= NEARLY_ALL * self._customary(bands):
                    break  # fewer bands can only be worse
        return found

    def _fitting(self, bands: int, without: int) -> Encoded | None:
        """The encoding whose palette has as many entries as the ratio leaves room for, about; None without room."""
        count, values = len(self._model), 3 * SH_COEFFICIENTS[bands]
        room = SH3_PLY_BYTES * count / self._target - without
        wanted = self._customary(bands)
        while wanted >= SMALLEST_PALETTE and wanted * values + count * np.log2(wanted) / 8 > room:
            wanted = int(wanted * TIGHTER)
        for _ in range(ATTEMPTS):
            if wanted < SMALLEST_PALETTE:
                return None
            encoded = self._encoder.encoded(bands, wanted)
            taken = len(encoded.data) - without
            if taken <= room:
                return encoded
            wanted = int(wanted * TIGHTER * room / taken)
        return None

    def _customary(self, bands: int) -> int:
        return palette_size(len(self._model), 3 * SH_COEFFICIENTS[bands])

    def _distortion(self, encoded: Encoded) -> float:
        """Sum of squared errors of harmonics, by what is seen of them."""
        found = decode(encoded.data).gaussians
        kept = SH_COEFFICIENTS[found.sh_bands]
        total = 0.0
        for start in range(0, len(self._model), ROWS):
            rows = slice(start, start + ROWS)
            error = self._model.sh[rows].reshape(-1, 3, SH_COEFFICIENTS[self._model.sh_bands]).copy()
            error[:, :, :kept] -= found.sh[rows].reshape(len(error), 3, kept)
            total += float(np.square(error).sum(axis=(1, 2)) @ self._weights[rows].astype(np.float64))
        return total

    def _fidelity(self, encoded: Encoded) -> float:
        found = decode(encoded.data).gaussians
        pairs = zip(self._pictures, self._views, strict=True)
        return min(psnr(wanted, draw(found, view).rgb) for wanted, view in pairs)

    @cached_property
    def _pictures(self) -> list[Float32s]:
        return [draw(self._model, view).rgb for view in self._views]

    @cached_property
    def _weights(self) -> Float32s:
        return seen_weights(self._model)

    def _stated(self, bands: int, encoded: Encoded, stop: str | None) -> Choice:
        ratio = SH3_PLY_BYTES * len(self._model) / len(encoded.data)
        most, given_up, below = self._model.sh_bands, [], None
        if bands < most:
            given_up.append(f"{most - bands} of {most} bands of harmonics")
        if bands and encoded.palette_entries < self._customary(bands) / 2:
            given_up.append(f"all but {encoded.palette_entries} of {self._customary(bands)} entries of their palette")
        if self._target and ratio < self._target:
            reason = stop or f"the rest takes {len(encoded.data) / len(self._model):.1f} bytes a Gaussian"
            below = f"the ratio is {ratio:.2f} and not {self._target:g}: {reason}"
        words = f"{' and '.join(given_up)} were given up for the ratio" if given_up else None
        return Choice(encoded, bands, ratio, words, below)
