"""MobileFaceNet: with random weights anywhere, and with the published ones where they are."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from recognition.alignment import CROP_SIZE
from recognition.inspection.people import Candidate
from recognition.inspection.views import heats_of, maps_of, summary_of
from recognition.networks import Network, load_network, pretrained
from recognition.networks.mobilefacenet import SPEC, MobileFaceNet
from recognition.networks.onnx_network import run_by_onnx
from recognition.networks.weights import install_from_file

Crop = NDArray[np.uint8]

GOLDEN = (0.1320, -0.1629, 0.0882, -0.0567, -0.0379, -0.0832, -0.0011, 0.1181)
"""The first numbers of Eileen Collins' embedding, mirror image averaged."""


@pytest.fixture(scope="module")
def random_network() -> Network:
    torch.manual_seed(0)
    known = pretrained(SPEC.key)
    return Network(SPEC, known.architecture.build(), known.architecture, torch.device("cpu"))


def test_it_has_the_layers_of_the_paper() -> None:
    module = MobileFaceNet()
    assert sum(parameter.numel() for parameter in module.parameters()) == 999_936
    assert sum(isinstance(part, nn.Conv2d) for part in module.modules()) == 51
    assert module.gdconv.depthwise.weight.shape == (512, 1, 7, 7)
    names = module.state_dict().keys()
    assert {
        "conv1.0.weight",
        "dw_conv.pointwise.weight",
        "features.5.conv.3.running_var",
        "gdconv.bn.bias",
        "bn.weight",
    } <= names
    assert max(int(name.split(".")[1]) for name in names if name.startswith("features.")) == 14


def test_it_looks_at_more_of_a_head_than_the_built_in_network(random_network: Network, network: Network) -> None:
    crops = np.zeros((2, CROP_SIZE, CROP_SIZE, 3), np.uint8)
    assert random_network.cut(crops).shape == (2, 168, 168, 3)
    assert network.cut(crops).shape == (2, 150, 150, 3)
    assert random_network.preprocess(crops).shape == (2, 3, 112, 112)


def test_onnx_runtime_embeds_as_the_network_itself_does(random_network: Network, collins_crop: Crop, hopper_crop: Crop) -> None:
    crops = np.stack([collins_crop, hopper_crop, collins_crop])
    embeddings = random_network.embed(crops)
    with random_network.exclusive() as module, torch.inference_mode():
        assert type(module) is MobileFaceNet
        own = nn.functional.normalize(module(random_network.preprocess(crops)), dim=1).numpy()
    assert np.abs(embeddings - own).max() < 1e-5


def test_its_layers_can_be_looked_into(random_network: Network, collins_crop: Crop, hopper_crop: Crop) -> None:
    summary = summary_of(random_network)
    assert summary.input_shape == (3, 112, 112)
    last = next(layer for layer in reversed(summary.layers) if layer.kind == "ReLU6")
    assert maps_of(random_network, collins_crop, last.name).shape == (512, 7, 7)
    (template,) = random_network.embed(hopper_crop[None])
    heats = heats_of(random_network, collins_crop, [Candidate(1, "Grace", 0.5, template)], last.name, "layercam")
    assert heats.shape == (1, 7, 7)


def test_an_exported_one_is_run_as_it_is(random_network: Network, collins_crop: Crop) -> None:
    exported = random_network.with_module(run_by_onnx(random_network.module, random_network.input_size))
    assert np.allclose(exported.embed(collins_crop[None]), random_network.embed(collins_crop[None]), atol=1e-5)


def test_the_published_weights_give_their_embedding(
    shared: Path, tmp_path: Path, collins_crop: Crop, hopper_crop: Crop
) -> None:
    install_from_file(pretrained(SPEC.key), shared / "weights" / "mobilefacenet.pt", tmp_path)
    loaded = load_network(SPEC.key, tmp_path, torch.device("cpu"))
    one, mirrored, other = loaded.embed(np.stack([collins_crop, collins_crop[:, ::-1], hopper_crop]))
    assert np.allclose(loaded.embed(collins_crop[None], mirrored=True)[0, : len(GOLDEN)], GOLDEN, atol=2e-3)
    assert SPEC.calibration.accepts(float(one @ mirrored), 0.5) and not SPEC.calibration.accepts(float(one @ other), 0.5)
