"""How activations are made: worked out cell by cell, and compared with what the networks really gave."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
import torchvision
from facenet_pytorch import InceptionResnetV1
from torch import Tensor, nn

from recognition.inspection.arithmetic import Working, working_of
from recognition.inspection.errors import FitError, InspectionError
from recognition.inspection.layers import Summary, summarise
from recognition.inspection.views import summary_of
from recognition.networks import Network
from recognition.pictures import Picture


def some_cells(working: Working) -> Iterator[tuple[int, int]]:
    """Corners, edges and the middle."""
    height, width = working.outputs.shape
    for row in {0, height // 2, height - 1}:
        for column in {0, width // 3, width - 1}:
            yield row, column


def check_every_layer(network: nn.Module, batch: Tensor, summary: Summary) -> dict[str, str]:
    """Work out cells of every layer; the operation of each."""
    operations: dict[str, str] = {}
    for layer in summary.layers:
        channel = layer.shape[0] * 2 // 3
        working = working_of(network, batch, layer.name, channel)
        operations[layer.name] = working.operation
        for row, column in some_cells(working):
            worked = working.at(row, column)
            assert worked.total == pytest.approx(worked.value, rel=1e-3, abs=2e-4), (layer.name, row, column)
            if working.ways:
                cell = float(sum(way[row, column] for way in working.ways))
                assert cell == pytest.approx(worked.patch.item(), rel=1e-4, abs=1e-5)
    return operations


def test_every_activation_of_the_face_network_is_worked_out(network: Network, collins_crop: Picture) -> None:
    summary = summary_of(network)
    with network.exclusive() as module:
        operations = check_every_layer(module, network.preprocess(collins_crop[None]), summary)
    assert operations["stem.conv"] == operations["stem.affine"] == operations["dense"] == operations["pool"] == "sum"
    assert operations["stem.pool"] == "max" and operations["stem.relu"] == "function"


@pytest.mark.parametrize(
    "make",
    [
        # Depthwise convolutions, shortcuts that add in place, branches that are joined, training mode before and after.
        lambda: torchvision.models.mobilenet_v2(weights=None),
        lambda: torchvision.models.resnet18(weights=None),
        lambda: InceptionResnetV1(pretrained=None, classify=False, num_classes=None),
    ],
    ids=["mobilenet", "resnet", "inception-resnet"],
)
def test_every_activation_of_other_networks_is_worked_out(make: Callable[[], nn.Module]) -> None:
    torch.manual_seed(3)
    network = make()
    batch = torch.randn(1, 3, 96, 96)
    summary = summarise(network, batch)
    few = Summary(summary.input_shape, summary.field_size, summary.layers[::7], 0, 0)
    assert network.training
    check_every_layer(network, batch, few)
    assert network.training and not any(module._forward_hooks for module in network.modules())


def test_the_first_convolution_is_a_window_of_the_face_times_its_kernel(network: Network, collins_crop: Picture) -> None:
    with network.exclusive() as module:
        batch = network.preprocess(collins_crop[None])
        working = working_of(module, batch, "stem.conv", 5)
        weight = module.get_parameter("stem.conv.weight")[5].detach().numpy()
    worked = working.at(3, 4)
    assert (worked.top, worked.left) == (6, 8)
    np.testing.assert_array_equal(worked.patch, batch[0, :, 6:13, 8:15].numpy())
    np.testing.assert_allclose(worked.products, worked.patch * weight, rtol=1e-6)
    assert worked.total == pytest.approx(worked.sums.sum() + working.bias)


def test_what_each_channel_adds_is_what_its_products_sum_to(network: Network, collins_crop: Picture) -> None:
    with network.exclusive() as module:
        working = working_of(module, network.preprocess(collins_crop[None]), "blocks.3.conv1", 40)
    added = working.contributions()
    assert added.shape == (32, *working.outputs.shape)
    np.testing.assert_allclose(added.sum(0) + working.bias, working.outputs, atol=1e-4)
    np.testing.assert_allclose(added[:, 5, 6], working.at(5, 6).sums, rtol=1e-4, atol=1e-5)


def test_a_residual_block_adds_what_went_through_it_and_what_went_past(network: Network, collins_crop: Picture) -> None:
    with network.exclusive() as module:
        batch = network.preprocess(collins_crop[None])
        working = working_of(module, batch, "blocks.0.relu2", 7)
        through = working_of(module, batch, "blocks.0.affine2", 7).outputs
        past = working_of(module, batch, "blocks.0.shortcut", 7).outputs
    np.testing.assert_array_equal(working.ways[0], through)
    np.testing.assert_array_equal(working.ways[1], past)


def test_padding_is_zero_for_sums_and_nothing_for_the_largest() -> None:
    network = nn.Sequential(nn.Conv2d(1, 1, 3, padding="same"), nn.MaxPool2d(3, 2, padding=1, ceil_mode=True))
    batch = torch.full((1, 1, 6, 6), -5.0)
    worked = working_of(network, batch, "0", 0).at(0, 0)
    assert (worked.top, worked.left) == (-1, -1) and worked.patch[0, 0].tolist() == [0, 0, 0]
    working = working_of(network, batch, "1", 0)
    for row, column in some_cells(working):
        assert working.at(row, column).total == working.at(row, column).value


def test_what_cannot_be_worked_out_says_so(branches: nn.Module, batch: Tensor) -> None:
    with pytest.raises(InspectionError, match="can't be shown"):
        working_of(nn.Sequential(nn.Softmax(dim=1)), batch, "0", 0)
    with pytest.raises(InspectionError, match="can't be shown"):
        working_of(nn.Sequential(nn.Conv2d(3, 2, 3, padding=1, padding_mode="reflect")), batch, "0", 0)
    with pytest.raises(InspectionError, match="no layer called"):
        working_of(branches, batch, "nothing", 0)
    with pytest.raises(InspectionError, match="does not use it"):
        working_of(branches, batch, "unused", 0)
    with pytest.raises(FitError, match="no channel 4"):
        working_of(branches, batch, "stem", 4)
    with pytest.raises(FitError, match="no cell"):
        working_of(branches, batch, "stem", 0).at(16, 0)


def test_a_layer_used_twice_is_worked_out_at_its_last_use(branches: nn.Module, batch: Tensor) -> None:
    working = working_of(branches, batch, "relu", 2)
    assert len(working.ways) == 2
    assert working.inputs.min() < 0 and working.outputs.min() == 0
