"""The streamed scene: its order, its merging, and its files, read back by PlayCanvas's reader."""

import json
import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from compression_testing.models import copies, extreme_model, random_model, visible_model, write_cameras
from spaceport_common.opening_view import Pose, read_cameras
from spaceport_common.sog.gaussians import Gaussians
from spaceport_common.sog.quantizers import sigmoid
from spaceport_compression.drawing.draw import draw, opening_view, photo_view, rotation_matrices
from spaceport_compression.formats.ply import read_ply
from spaceport_compression.formats.splat_transform import decode_to_ply
from spaceport_compression.levels import refinement, streamed
from spaceport_compression.levels.levels import COARSEST, Levels, level_sizes
from spaceport_compression.levels.merging import merge_pairs, paired
from spaceport_compression.levels.refinement import Refinement
from spaceport_compression.levels.spatial_order import spatial_order
from spaceport_compression.levels.streamed import write_streamed
from spaceport_compression.levels.viewpoint import from_afar
from spaceport_compression.verification.pictures import psnr


@pytest.mark.parametrize("count", [1, 2, 3, 1000, 4096, 4097, 13_000])
def test_the_order_has_each_gaussian_once_and_neighbours_beside_each_other(count: int) -> None:
    positions = random_model(count, 0).positions
    order = spatial_order(positions)
    assert np.array_equal(np.sort(order), np.arange(count))
    if count >= 1000:
        steps = [np.median(np.linalg.norm(np.diff(p, axis=0), axis=1)) for p in (positions[order], positions)]
        assert steps[0] < steps[1] / 3


def covariances(model: Gaussians) -> np.ndarray:
    axes = rotation_matrices(model.rotations) * np.exp(model.scales.astype(np.float64))[:, None, :]
    return axes @ axes.transpose(0, 2, 1)


def test_two_equal_gaussians_become_one_that_covers_what_both_did() -> None:
    model = copies(random_model(1, 1), 2)
    merged = merge_pairs(replace(model, opacities=np.full(2, -3, np.float32)))
    for name in ("positions", "colors", "sh"):
        np.testing.assert_allclose(getattr(merged, name), getattr(model, name)[:1], rtol=1e-5)
    np.testing.assert_allclose(covariances(merged), covariances(model)[:1], rtol=1e-4, atol=1e-9)
    assert sigmoid(merged.opacities)[0] == pytest.approx(2 * sigmoid(np.full(1, -3, np.float32))[0], rel=1e-4)


def test_of_each_eight_those_are_paired_that_change_least() -> None:
    twins = random_model(4, 1).reordered(np.array([0, 1, 2, 3, 2, 0, 3, 1]))
    merged = merge_pairs(twins)
    wanted = random_model(4, 1).positions
    np.testing.assert_allclose(np.sort(merged.positions, axis=0), np.sort(wanted, axis=0), rtol=1e-5)


def test_means_and_covariances_are_those_of_the_mixture() -> None:
    model = replace(random_model(2001, 0), opacities=np.zeros(2001, np.float32))
    same_area = replace(model, scales=np.tile(np.array([-1, -2, -3], np.float32), (2001, 1)))
    merged = merge_pairs(same_area)
    same_area = paired(same_area)
    pairs = same_area.positions[:2000].astype(np.float64).reshape(-1, 2, 3)
    np.testing.assert_allclose(merged.positions[:1000], pairs.mean(axis=1), rtol=1e-4, atol=1e-5)
    half = (pairs[:, 0] - pairs[:, 1]) / 2
    wanted = covariances(same_area)[:2000].reshape(-1, 2, 3, 3).mean(axis=1) + half[:, :, None] * half[:, None, :]
    np.testing.assert_allclose(covariances(merged)[:1000], wanted, rtol=1e-3, atol=1e-3)
    assert np.array_equal(merged.positions[1000], model.positions[2000])


def test_the_strangest_gaussians_merge_into_finite_ones() -> None:
    merged = merge_pairs(extreme_model())
    assert all(np.isfinite(column).all() for column in vars(merged).values())


def test_a_coarser_level_looks_like_a_finer_one_from_far_away() -> None:
    model = visible_model(4000, 0)
    merged = merge_pairs(model.reordered(spatial_order(model.positions)))
    far = opening_view(Pose(np.array([0.0, -60.0, -60.0]), np.zeros(3)), 64, 40)
    assert psnr(draw(model, far).rgb, draw(merged, far).rgb) > 25


def test_opaque_ground_keeps_no_holes() -> None:
    side = np.linspace(-8, 8, 64, dtype=np.float32)
    x, z = (axis.ravel() for axis in np.meshgrid(side, side))
    flat = copies(random_model(1, 0), len(x))
    ground = replace(
        flat,
        positions=np.stack([x, np.zeros_like(x), z], axis=1),
        rotations=np.tile(np.array([1, 0, 0, 0], np.float32), (len(x), 1)),
        scales=np.tile(np.log(np.array([0.2, 0.01, 0.2], np.float32)), (len(x), 1)),
        opacities=np.full(len(x), 3, np.float32),
    )
    view = opening_view(Pose(np.array([0.0, -10.0, -0.1]), np.zeros(3)), 64, 40)
    level = ground.reordered(spatial_order(ground.positions))
    for _ in range(3):
        level = merge_pairs(level)
    assert draw(level, view).opacity.mean() > draw(ground, view).opacity.mean() - 0.06


def test_a_refined_level_looks_more_like_the_finest_and_the_number_of_threads_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_cameras(tmp_path / "cameras.json")
    cameras = read_cameras(tmp_path / "cameras.json")
    finest = visible_model(4000, 1)
    finest = finest.reordered(spatial_order(finest.positions))
    merged = merge_pairs(finest)
    levels = []
    for threads in (1, 3):
        monkeypatch.setattr(refinement, "usable_cpus", lambda threads=threads: threads)
        levels.append(Refinement(finest, cameras[:3]).refined(merged, 120))
    view = photo_view(cameras[3], 80)  # which no step has seen
    before, after = (psnr(draw(finest, view).rgb, draw(level, view).rgb) for level in (merged, levels[0]))
    assert after > before + 1
    assert np.array_equal(levels[0].positions, levels[1].positions)
    assert Refinement(finest, []).refined(merged) is merged


def test_a_photo_of_a_part_is_moved_back_until_the_scene_is_in_its_picture(tmp_path: Path) -> None:
    write_cameras(tmp_path / "cameras.json")
    camera = read_cameras(tmp_path / "cameras.json")[0]  # 12 units above, with a picture of 16 by 12 there
    side = np.linspace(-30, 30, 100, dtype=np.float32)
    x, z = (axis.ravel() for axis in np.meshgrid(side, side))
    ground = np.stack([x, np.zeros_like(x), z], axis=1)
    far = from_afar(camera, ground)
    assert far.camera.position == pytest.approx([-2, -12 * math.sqrt(3600 / (16 * 12)), -2], rel=0.03)
    assert far.share == pytest.approx(0.86, abs=0.03)  # a square in a picture of 4 by 3
    assert far.long_side(1000, 2) == round(math.sqrt(2000 * far.share * 4 / 3))
    assert from_afar(camera, ground - np.array([0, 100, 0], np.float32)).camera is camera  # nothing lies before it


def leaves(node: dict[str, Any]) -> list[dict[str, Any]]:
    return [leaf for child in node["children"] for leaf in leaves(child)] if "children" in node else [node]


def test_another_reader_finds_the_finest_level_and_every_leaf_has_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spaceport_compression.levels.levels.COARSEST", 4000)
    for name, value in {"LEAF_BLOCKS": 1, "FILE_GAUSSIANS": 6000, "PALETTE_ENTRIES": 200}.items():
        monkeypatch.setattr(streamed, name, value)
    model = visible_model(12_500, 1)
    folder = tmp_path / "scene"
    written = write_streamed(Levels(model, []), folder, seed=0)
    assert written.levels == [12_500, 6250, 3125]
    assert written.bytes == sum(path.stat().st_size for path in folder.rglob("*.*"))
    index = json.loads((folder / "lod-meta.json").read_text())
    assert index["counts"] == written.levels
    found = leaves(index["tree"])
    assert len(found) == 4
    for level, count in enumerate(written.levels):
        runs = [leaf["lods"][str(level)] for leaf in found]
        assert sum(run["count"] for run in runs) == count
        assert all(run["count"] > 0 for run in runs)
    files = [json.loads((folder / name).read_text()) for name in index["filenames"]]
    assert all(0 < file["shN"]["count"] <= 200 for file in files)
    sizes = [file["count"] for file in files]
    assert max(sizes) <= 6000
    decode_to_ply(folder / "lod-meta.json", tmp_path / "all.ply", sum(sizes))
    decoded = read_ply(tmp_path / "all.ply")
    assert len(decoded) == 12_500  # the finest level: another program takes each Gaussian once
    for axis in range(3):
        found_there, wanted = np.sort(decoded.positions[:, axis]), np.sort(model.positions[:, axis])
        np.testing.assert_allclose(found_there, wanted, atol=2e-3)
    low, high = np.array(index["tree"]["bound"]["min"]), np.array(index["tree"]["bound"]["max"])
    assert (decoded.positions > low - 0.01).all()
    assert (decoded.positions < high + 0.01).all()


@pytest.mark.parametrize("count", [1, COARSEST, COARSEST + 1, 1_000_000, 5_000_000])
def test_levels_end_where_a_phone_has_loaded_one(count: int) -> None:
    sizes = level_sizes(count)
    assert sizes[-1] <= COARSEST
    assert all(after == -(-before // 2) for before, after in pairwise(sizes))
