"""What is given up of a model's harmonics for a size, and where that ends."""

import numpy as np
import pytest
from compression_testing.models import random_model, visible_model
from spaceport_common.sog.decoder import decode
from spaceport_common.sog.encoder import Encoded, SceneEncoder, encode
from spaceport_common.sog.gaussians import Gaussians
from spaceport_compression import rate
from spaceport_compression.rate import Choice, chosen_encoding, fidelity


def faint(count: int, bands: int) -> Gaussians:
    """A model that looks nearly the same without its harmonics."""
    model = visible_model(count, bands)
    return Gaussians(**{**vars(model), "sh": model.sh * np.float32(0.02)})


def chosen(model: Gaussians, ratio: float) -> tuple[Choice, float]:
    """The choice, and what pictures of the file are worth, dB."""
    encoder = SceneEncoder(model, seed=0)
    choice = chosen_encoding(encoder, ratio)
    return choice, fidelity(encoder.model, decode(choice.encoded.data).gaussians)


def test_a_ratio_is_reached_by_a_smaller_palette_with_bands_kept() -> None:
    choice, quality = chosen(faint(3000, 3), 12)
    assert choice.ratio >= 12
    assert choice.bands > 0
    assert choice.below_target is None
    assert "entries of their palette were given up for the ratio" in (choice.given_up or "")
    assert quality >= rate.MIN_PSNR_DB


def test_a_ratio_that_takes_all_harmonics_takes_them() -> None:
    choice, _ = chosen(faint(1000, 1), 14)
    assert (choice.bands, choice.encoded.palette_entries) == (0, 0)
    assert choice.given_up == "1 of 1 bands of harmonics were given up for the ratio"


def test_pictures_that_would_differ_keep_the_file_larger_and_say_so() -> None:
    model = visible_model(3000, 2)
    choice, quality = chosen(model, 15)
    assert choice.ratio < 15
    assert (choice.below_target or "").startswith(
        f"the ratio is {choice.ratio:.2f} and not 15: with less, pictures would"
    )
    whole = encode(model, seed=0)
    assert quality >= rate.MIN_PSNR_DB or choice.encoded.data == whole.data


def test_a_ratio_that_nothing_reaches_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    choice, _ = chosen(random_model(500, 0), 100)
    assert "the rest takes" in (choice.below_target or "")
    assert choice.given_up is None


def test_where_the_whole_palette_fits_nothing_else_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []
    encoded = SceneEncoder.encoded

    def noted(self: SceneEncoder, bands: int, entries: int | None = None) -> Encoded:
        tried.append(bands)
        return encoded(self, bands, entries)

    monkeypatch.setattr(SceneEncoder, "encoded", noted)
    choice, _ = chosen(faint(1000, 2), 2)
    assert (tried, choice.bands, choice.given_up) == ([0, 2], 2, None)


def test_without_a_ratio_nothing_is_given_up() -> None:
    model = random_model(500, 2)
    choice, _ = chosen(model, 0)
    assert choice.encoded.data == encode(model, seed=0).data
    assert (choice.given_up, choice.below_target) == (None, None)


def test_equal_harmonics_whose_palette_cannot_grow_end_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "MIN_PSNR_DB", 200.0)
    model = faint(1000, 1)
    choice, _ = chosen(Gaussians(**{**vars(model), "sh": np.ones_like(model.sh)}), 15)
    assert choice.bands == 1
