"""Pictures of the kernel against numpy alone, and against the trainer's, which is checked by finite differences."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from compression_testing.models import random_model
from spaceport_common.kernel.build import NoCompilerError
from spaceport_common.opening_view import Pose
from spaceport_common.sog.gaussians import SH_COEFFICIENTS, Gaussians
from spaceport_compression.drawing.draw import Picture, View, draw, draw_depth, nearest_drawn, opening_view
from spaceport_gaussian_splatting import gaussians as trained
from spaceport_gaussian_splatting.camera import Camera
from spaceport_gaussian_splatting.lens import Lens
from spaceport_gaussian_splatting.rasterizers.torch_tiles import TorchRasterizer

POSE = Pose(np.array([3.0, -14.0, -25.0]), np.array([0.5, 1.0, 0.0]))


def model(bands: int, count: int = 1500) -> Gaussians:
    """Noise with centres inside the picture: the trainer leaves out what lies beside it, however large."""
    noise = random_model(count, bands, seed=2)
    return replace(noise, positions=noise.positions * np.float32(0.3), scales=noise.scales + 2, sh=noise.sh * 0.3)


def trainers_picture(gaussians: Gaussians, view: View) -> np.ndarray:
    lens = Lens(view.fx, view.fy, view.width / 2, view.height / 2)
    translation = -view.rotation @ view.position
    near = nearest_drawn(gaussians, view)
    camera = Camera(view.name, view.width, view.height, lens, view.rotation, translation, near)
    count, bands = len(gaussians), gaussians.sh_bands
    rest = gaussians.sh.reshape(count, 3, SH_COEFFICIENTS[bands]).transpose(0, 2, 1)
    columns = (gaussians.positions, gaussians.scales, gaussians.rotations, gaussians.opacities, gaussians.colors, rest)
    tensors = trained.Gaussians(*(torch.from_numpy(np.ascontiguousarray(column)) for column in columns))
    image, _ = TorchRasterizer(torch.device("cpu")).render(tensors, camera, view.width, view.height, bands)
    return image.clamp(0, 1).numpy()


@pytest.mark.parametrize("bands", range(4))
def test_a_view_is_drawn_as_the_trainer_draws_it(bands: int) -> None:
    view = opening_view(POSE, 160, 100)
    picture = draw(model(bands), view)
    assert picture.rgb.std() > 0.1
    np.testing.assert_allclose(picture.rgb, trainers_picture(model(bands), view), atol=2e-3)


def test_without_a_compiler_the_picture_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    view = opening_view(POSE, 90, 50)
    expected: Picture = draw(model(1), view)

    def no_kernel() -> None:
        raise NoCompilerError

    monkeypatch.setattr("spaceport_compression.drawing.draw.load", no_kernel)
    picture = draw(model(1), view)
    np.testing.assert_allclose(picture.rgb, expected.rgb, atol=1e-4)
    np.testing.assert_allclose(picture.opacity, expected.opacity, atol=1e-4)


def test_opacity_is_what_a_background_does_not_show_through() -> None:
    one = model(0, 1)
    opaque = replace(
        one,
        positions=np.zeros((1, 3), np.float32),
        scales=np.full((1, 3), 2, np.float32),
        opacities=np.full(1, 20, np.float32),
    )
    opacity = draw(opaque, opening_view(Pose(np.array([0.0, 0, -20]), np.zeros(3)), 64, 64)).opacity
    assert opacity[32, 32] == pytest.approx(0.99, abs=0.01)
    assert opacity[0, 0] < 0.1


def test_the_opening_view_is_upright_with_its_target_in_the_middle() -> None:
    view = opening_view(POSE, 640, 400)
    np.testing.assert_allclose(view.rotation @ view.rotation.T, np.eye(3), atol=1e-12)
    assert np.linalg.det(view.rotation) == pytest.approx(1)
    assert view.rotation[0, 1] == 0  # level: its right has no height
    assert view.rotation[1, 1] > 0  # its down is the frame's
    ahead = view.rotation @ (POSE.target - POSE.position)
    np.testing.assert_allclose(ahead[:2], 0, atol=1e-12)
    assert view.width / 2 / view.fx == pytest.approx(np.tan(np.radians(30)))


def test_nothing_is_drawn_nearer_than_the_viewers_clipping_plane() -> None:
    big = model(0)
    tiny = replace(big, positions=big.positions * np.float32(1e-12), scales=big.scales + np.float32(np.log(1e-12)))
    near = opening_view(Pose(POSE.position * 1e-12, POSE.target * 1e-12), 64, 40)
    assert (draw(big, opening_view(POSE, 64, 40)).opacity > 0.5).mean() > 0.2
    assert draw(tiny, near).opacity.max() == 0


def test_the_median_depth_is_that_of_the_gaussian_behind_which_half_the_light_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ahead = Pose(np.zeros(3), np.array([0.0, 0.0, 1.0]))
    one = random_model(1, 0)
    layers = one.reordered(np.zeros(3, np.intp))
    layers = replace(
        layers,
        positions=np.array([[0, 0, 4], [0, 0, 2], [0, 0, 8]], np.float32),
        scales=np.full((3, 3), 0, np.float32),
        opacities=np.array([0.2, -0.2, 9], np.float32),  # 0.55, 0.45 and 1: two of them leave 0.25
    )
    view = opening_view(ahead, 40, 30)
    found = draw_depth(layers, view)
    assert found.depth[15, 20] == pytest.approx(4)
    assert np.isnan(draw_depth(replace(layers, opacities=np.full(3, -4, np.float32)), view).depth).all()

    def no_kernel() -> None:
        raise NoCompilerError

    noise, view = model(0), opening_view(POSE, 90, 50)
    expected = draw_depth(noise, view).depth
    monkeypatch.setattr("spaceport_compression.drawing.draw.load", no_kernel)
    depth = draw_depth(noise, view).depth
    assert (np.isnan(depth) == np.isnan(expected)).mean() > 0.999
    assert (np.abs(depth - expected) < 1e-3).sum() > 0.999 * np.isfinite(expected).sum() > 0
