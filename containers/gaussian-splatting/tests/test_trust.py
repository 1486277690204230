import pytest
import torch
from spaceport_gaussian_splatting.photos import Photo
from spaceport_gaussian_splatting.rasterizers.torch_tiles import TorchRasterizer
from spaceport_gaussian_splatting.settings import TrainingSettings
from spaceport_gaussian_splatting.trainer import Trainer
from spaceport_gaussian_splatting.trust import trust_in
from spaceport_gaussian_splatting.tuning import TrustTuning, Tuning
from splatting_testing.synthetic_scene import HEIGHT, SETTINGS, WIDTH, camera_at, random_gaussians


@pytest.fixture(scope="module")
def row() -> list[Photo]:
    """Five grey photos beside each other, each 2 from the next, of ground at depth 10."""
    grey = torch.full((HEIGHT, WIDTH, 3), 128, dtype=torch.uint8)
    return [Photo(camera_at(2.0 * place, 0), grey) for place in range(5)]


def test_a_place_is_trusted_by_the_photos_that_see_it(row: list[Photo]) -> None:
    # A photo shows 5 to either side at depth 10: of the places below 1, 2, 3, 4 and 5 photos, and one behind all none.
    points = torch.tensor([[-4.5, 0, 10], [-2.5, 0, 10], [-0.5, 0, 10], [1.5, 0, 10], [4.0, 0, 10], [4.0, 0, -10]])
    views = [int(sum(photo.sees(points.double().numpy())[k] for photo in row)) for k in range(6)]
    assert views == [1, 2, 3, 4, 5, 0]
    expected = torch.tensor([0, 1 / 3, 2 / 3, 1, 1, 0])
    torch.testing.assert_close(trust_in(points, row, TrustTuning(views=4)), expected)


def test_two_photos_are_enough_where_there_are_no_more_and_one_is_where_it_is_alone(row: list[Photo]) -> None:
    points = torch.tensor([[0.0, 0, 10], [-4.5, 0, 10]])
    assert trust_in(points, row[:2], TrustTuning()).tolist() == [1, 0]
    assert trust_in(points, row[:1], TrustTuning()).tolist() == [1, 1]
    broken = torch.tensor([[float("nan"), 0, 10]])
    assert trust_in(broken, row, TrustTuning()).tolist() == [0]


def test_a_resumed_training_trusts_what_the_interrupted_one_did(row: list[Photo]) -> None:
    settings = TrainingSettings.model_validate(SETTINGS)
    rasterizer = TorchRasterizer(torch.device("cpu"))
    before, after = (
        Trainer(settings, Tuning(), row, random_gaussians(20, 1, seed), rasterizer, lambda iteration, state: None)
        for seed in (1, 2)
    )
    state = before.state()
    assert len(set(state["trust"].tolist())) > 1
    assert not torch.equal(after.state()["trust"], state["trust"])
    after.restore(state)
    assert torch.equal(after.state()["trust"], state["trust"])
    # A checkpoint from before has none: its Gaussians say it.
    after.restore({name: value for name, value in state.items() if name != "trust"})
    assert torch.equal(after.state()["trust"], state["trust"])
