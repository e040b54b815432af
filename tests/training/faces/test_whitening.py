"""The last dense layer, solved anew."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import nn

from recognition.networks import Network
from training.faces.augmentation import Augmentation
from training.faces.corruptions import corrupt
from training.faces.dataset import FaceSet
from training.faces.training_set import TrainingSet
from training.faces.whitening import final_dense, projection, whitened

AUGMENTATION = Augmentation()
FLOOR = 2.0


def test_the_direction_that_moves_counts_less() -> None:
    moves = np.zeros((50, 4), np.float32)
    moves[:, 0] = np.tile([1, -1], 25)
    assert np.allclose(projection(moves, FLOOR), np.diag([1 / np.sqrt(4 + FLOOR), *3 * [FLOOR**-0.5]]))


@given(arrays(np.float32, (9, 5), elements=st.floats(-2, 2, width=32)))
def test_no_direction_grows_and_none_is_lost(moves: np.ndarray) -> None:
    matrix = projection(moves, FLOOR)
    assert np.allclose(matrix, matrix.T)
    lengths = np.linalg.eigvalsh(matrix)
    assert lengths.max() <= FLOOR**-0.5 + 1e-6
    assert lengths.min() >= (FLOOR + 5) ** -0.5 - 1e-6


def test_only_the_last_layer_changes_and_the_same_seed_gives_the_same(network: Network, training_set: TrainingSet) -> None:
    torch.manual_seed(3)
    expected = torch.rand(2)
    torch.manual_seed(3)
    first, second = (whitened(network, training_set, AUGMENTATION, faces=32, floor=FLOOR, seed=1) for _ in range(2))
    assert torch.equal(torch.rand(2), expected)
    changed = [name for name, value in first.state_dict().items() if not torch.equal(value, network.module.state_dict()[name])]
    assert changed == ["dense.weight"]
    assert torch.equal(first.state_dict()["dense.weight"], second.state_dict()["dense.weight"])


def test_faces_made_worse_come_nearer_to_their_own_person(network: Network, training_set: TrainingSet, faces: FaceSet) -> None:
    """Measured as in open-set identification: how far a bad photo is above the nearest other person, in the spread of those."""

    def distance(network: Network) -> float:
        templates = network.embed(faces.crops[::5], mirrored=True)
        scores = network.embed(corrupt(faces.crops, seed=5)) @ templates.T
        own = np.eye(len(templates), dtype=bool)[faces.labels]
        others = np.where(own, -1.0, scores).max(axis=1)
        return float((scores[own] - others).mean() / others.std())

    better = network.with_module(whitened(network, training_set, AUGMENTATION, faces=256, floor=FLOOR, seed=0))
    assert distance(better) > 1.05 * distance(network)


def test_a_bias_turns_with_the_weights(network: Network, training_set: TrainingSet) -> None:
    module = network.architecture.build()
    module.load_state_dict(network.module.state_dict())
    module.dense = nn.Linear(256, 128)
    before = module.dense
    after = final_dense(whitened(network.with_module(module), training_set, AUGMENTATION, faces=8, floor=FLOOR, seed=0))
    assert after is not None
    turn = after.weight @ torch.linalg.pinv(before.weight)
    assert torch.allclose(after.bias, turn @ before.bias, atol=1e-3)


def test_a_convolution_over_one_place_is_a_dense_layer_and_takes_up_its_batch_norm(
    network: Network, training_set: TrainingSet, faces: FaceSet
) -> None:
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Conv2d(3, 8, 5, stride=5), nn.AdaptiveAvgPool2d(1), nn.Conv2d(8, 128, 1), nn.BatchNorm2d(128), nn.Flatten()
    )
    module.train()(network.preprocess(faces.crops))  # statistics that are not those of the start
    other = network.with_module(module)
    turned = whitened(other, training_set, AUGMENTATION, faces=8, floor=FLOOR, seed=0)
    with torch.no_grad():
        before, after = (one(network.preprocess(faces.crops)) for one in (other.module, turned))
    # One symmetric matrix takes every embedding to its new place.
    matrix = torch.linalg.lstsq(before.double(), after.double(), driver="gelsd").solution
    assert torch.allclose(before.double() @ matrix, after.double(), atol=1e-3)
    assert not torch.allclose(before, after, atol=1e-2)


def test_a_last_layer_that_is_not_dense_is_left_alone() -> None:
    assert final_dense(nn.Sequential(nn.Linear(2, 4), nn.ReLU())) is None


def test_a_network_without_a_last_dense_layer_is_refused(network: Network, training_set: TrainingSet) -> None:
    other = network.with_module(nn.Sequential(nn.Conv2d(3, 128, 3), nn.AdaptiveAvgPool2d(1)))
    with pytest.raises(ValueError, match="dense layer"):
        whitened(other, training_set, AUGMENTATION, faces=8, floor=FLOOR, seed=0)
