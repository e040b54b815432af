"""What the browser gets to be touched: real maps, bounded, and numbers that add up to the activation that is shown."""

import base64
import json
from typing import Any

import numpy as np
import pytest
import torch
import torchvision
from numpy.typing import NDArray
from torch import nn

from recognition.inspection.errors import InspectionError
from recognition.inspection.layers import summarise
from recognition.inspection.people import Answer
from recognition.inspection.touch import MAX_VALUES, TILE, Touched, as_rectangle, touchable
from recognition.inspection.views import maps_of, summary_of
from recognition.networks import Architecture, Network
from recognition.networks.dlib_resnet import SPEC
from recognition.pictures import Picture

ANSWER = Answer("Eileen Collins", (("Eileen Collins", 0.98),))


def numbers(sent: dict[str, Any]) -> NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(sent["floats"]), "<f4").reshape(sent["shape"])


def shown(network: Network, crop: Picture, touched: Touched) -> dict[str, Any]:
    """As the browser reads it."""
    answer: dict[str, Any] = json.loads(json.dumps(touchable(network, crop, summary_of(network), touched, ANSWER)))
    return answer


def total(working: dict[str, Any], row: int, column: int) -> float:
    """What the browser adds up for a cell: patch times kernel over all channels that were sent, the others' sum, the bias."""
    kernel, inputs = numbers(working["kernel"]).astype(float), numbers(working["inputs"]).astype(float)
    pads = [(0, 0), *((before, 20) for before in working["before"])]
    top, left = row * working["stride"][0], column * working["stride"][1]
    patch = np.pad(inputs, pads)[:, top : top + kernel.shape[1], left : left + kernel.shape[2]]
    rest = numbers(working["rest"])[row, column] if working["rest"] else 0.0
    return float((patch * kernel).sum() + rest + working["bias"])


@pytest.mark.parametrize("layer", ["stem.conv", "blocks.3.conv1", "blocks.11.affine2"])
def test_the_numbers_that_are_sent_add_up_to_the_activation(network: Network, collins_crop: Picture, layer: str) -> None:
    sent = shown(network, collins_crop, Touched(layer, 17))
    real = maps_of(network, collins_crop, layer)[17]
    np.testing.assert_array_equal(numbers(sent["map"]), real)
    for row, column in ((0, 0), (real.shape[0] - 1, real.shape[1] // 2)):
        assert total(sent["working"], row, column) == pytest.approx(float(real[row, column]), abs=2e-4)


def test_the_way_goes_from_the_picture_to_the_answer(network: Network, collins_crop: Picture) -> None:
    sent = shown(network, collins_crop, Touched("blocks.3.relu1"))
    titles = [part["title"] for part in sent["parts"]]
    assert titles == ["Stem", *(f"Block {number}" for number in range(1, 15)), "Mean", "Dense"]
    assert all(part["map"] and max(part["map"]["shape"]) <= TILE for part in sent["parts"])
    assert sent["part"] == 4 and [layer["title"] for layer in sent["layers"]][:3] == ["Convolution", "Scale and shift", "ReLU"]
    assert sent["answer"]["title"] == "Eileen Collins"
    assert sent["label"] == "Layer 28: ReLU, block 4"


def test_channels_come_in_pages_and_out_of_range_is_the_nearest(network: Network, collins_crop: Picture) -> None:
    sent = shown(network, collins_crop, Touched("blocks.13.relu2", 999))
    assert (sent["channel"], sent["page"], sent["pages"], len(sent["channels"])) == (255, 7, 8, 32)
    assert sent["neighbours"] == [192, 224]
    strongest = shown(network, collins_crop, Touched("stem.relu", order="strength"))
    strengths = np.abs(maps_of(network, collins_crop, "stem.relu")).mean((1, 2))
    assert strongest["channels"][0]["channel"] == int(strengths.argmax())


def test_a_vector_is_one_map_of_its_numbers(network: Network, collins_crop: Picture) -> None:
    sent = shown(network, collins_crop, Touched("dense", 5))
    assert sent["vector"] and sent["map"]["shape"] == [8, 16] and sent["channels"] == []
    assert total(sent["working"], 0, 0) == pytest.approx(float(numbers(sent["map"]).ravel()[5]), abs=1e-4)


@pytest.mark.parametrize(("length", "shape"), [(128, (8, 16)), (10, (2, 5)), (1, (1, 1)), (13, (3, 5)), (512, (16, 32))])
def test_vectors_are_drawn_nearly_square(length: int, shape: tuple[int, int]) -> None:
    drawn = as_rectangle(np.arange(1, length + 1, dtype=np.float32))
    assert drawn.shape == shape and drawn.ravel()[:length].tolist() == list(range(1, length + 1))


def test_of_large_layers_the_strongest_inputs_are_sent_and_the_rest_as_one_map(collins_crop: Picture) -> None:
    torch.manual_seed(0)
    module: nn.Module = torchvision.models.vgg11(weights=None).features
    large = Network(SPEC, module, Architecture(lambda: module, 224, (0.0,) * 3, (255.0,) * 3), torch.device("cpu"))
    summary = summarise(large.module, large.preprocess(collins_crop[None]))
    sent = json.loads(json.dumps(touchable(large, collins_crop, summary, Touched("3", 9), ANSWER)))
    working = sent["working"]
    assert len(working["channels"]) + working["others"] == 64 and working["others"] > 0
    assert np.prod(working["inputs"]["shape"]) <= MAX_VALUES
    assert len(json.dumps(sent)) < 2_000_000
    assert total(working, 50, 60) == pytest.approx(float(numbers(sent["map"])[50, 60]), abs=1e-4)


def test_a_layer_that_is_not_there_says_so(network: Network, collins_crop: Picture) -> None:
    with pytest.raises(InspectionError, match="no layer called"):
        shown(network, collins_crop, Touched("nonsense"))
