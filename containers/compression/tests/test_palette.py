"""The SH palette against flat k-means, and its limits."""

import faiss
import numpy as np
import pytest
from compression_testing.models import random_model
from spaceport_common.sog.palette import Palette, build_palette, palette_size


def even(sh: np.ndarray) -> np.ndarray:
    """Weights of points of which none is seen more than another."""
    return np.ones(len(sh), np.float32)


def rms(palette: Palette, sh: np.ndarray) -> float:
    return float(np.sqrt(((palette.centroids[palette.labels] - sh) ** 2).mean()))


def test_the_palette_serves_better_than_two_rounds_of_flat_k_means() -> None:
    sh = random_model(6000, 3).sh
    flat = faiss.Kmeans(45, 2048, niter=2, seed=1, min_points_per_centroid=1, max_points_per_centroid=10**6)
    flat.train(sh)
    squared, _ = flat.index.search(sh, 1)
    palette = build_palette(sh, even(sh), 2048, seed=1)
    assert len(palette.centroids) <= 2048
    assert rms(palette, sh) < np.sqrt(squared.mean() / 45)


def test_more_entries_serve_better() -> None:
    sh = random_model(3000, 2).sh
    errors = [rms(build_palette(sh, even(sh), size, seed=1), sh) for size in (1, 64, 512, 2048)]
    assert errors == sorted(errors, reverse=True)
    assert errors[0] == pytest.approx(float(np.sqrt(((sh - sh.mean(axis=0)) ** 2).mean())), rel=1e-4)


def test_the_number_of_threads_does_not_change_the_palette(monkeypatch: pytest.MonkeyPatch) -> None:
    sh = random_model(4000, 1).sh
    palettes = []
    for cpus in (1, 4):
        monkeypatch.setattr("os.cpu_count", lambda cpus=cpus: cpus)
        palettes.append(build_palette(sh, even(sh), 1024, seed=5))
    assert np.array_equal(palettes[0].centroids, palettes[1].centroids)
    assert np.array_equal(palettes[0].labels, palettes[1].labels)


def test_a_crowded_cluster_is_divided_again_and_still_served_well(monkeypatch: pytest.MonkeyPatch) -> None:
    sh = np.concatenate([random_model(3000, 1).sh * 1e-3, random_model(50, 1, seed=9).sh * 100])
    whole = build_palette(sh, even(sh), 1500, seed=1)
    monkeypatch.setattr("spaceport_common.sog.palette.MAX_PAIRS", 4096)
    divided = build_palette(sh, even(sh), 1500, seed=1)
    assert len(divided.centroids) <= 1500
    assert rms(divided, sh) < 2 * rms(whole, sh)


@pytest.mark.parametrize("count", [1, 2, 100, 5000])
def test_equal_gaussians_share_one_exact_entry(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spaceport_common.sog.palette.MAX_PAIRS", 4096)
    sh = np.tile(random_model(1, 1).sh, (count, 1))
    palette = build_palette(sh, even(sh), min(count, 64), seed=0)
    np.testing.assert_allclose(palette.centroids[palette.labels], sh, rtol=1e-6)


def test_the_palette_follows_the_customary_size_where_the_archive_can_afford_it() -> None:
    assert palette_size(20_000, 9) == 16_384
    assert palette_size(1_000_000, 45) == 65_536
    assert palette_size(1024, 45) < 1024
    assert palette_size(1, 45) == 1


def test_every_label_names_an_entry_that_is_used() -> None:
    palette = build_palette(sh := random_model(2000, 1).sh, even(sh), 700, seed=2)
    assert np.array_equal(np.unique(palette.labels), np.arange(len(palette.centroids)))


def test_what_is_seen_more_is_served_better() -> None:
    sh, weights = random_model(4000, 2).sh, np.full(4000, 0.01, np.float32)
    weights[:400] = 1
    palettes = [build_palette(sh, given, 256, seed=1) for given in (even(sh), weights)]
    even_error, error = (np.square(p.centroids[p.labels] - sh)[:400].mean() for p in palettes)
    assert error < even_error / 2


def test_a_point_may_take_an_entry_of_a_neighbouring_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    sh = random_model(6000, 3).sh
    found = rms(build_palette(sh, even(sh), 1024, seed=1), sh)
    monkeypatch.setattr("spaceport_common.sog.palette.NEIGHBOURS", 0)
    assert found < rms(build_palette(sh, even(sh), 1024, seed=1), sh)
