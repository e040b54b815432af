"""Networks whose architecture differs from their parent's: described by data, built from it, refused where it is wrong."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError
from torch import nn

from recognition.errors import WeightsCorruptError
from recognition.networks import BACKBONES, BUILT_IN, Network, architecture
from recognition.networks.variants import Channels, Pruned, SameAsParent, Variant, output_dimension, resized

BLOCK = "blocks.13"  # the last one: 256 channels in, 256 out

INSIDE_A_BLOCK = Pruned(
    layers={
        f"{BLOCK}.conv1": Channels(inputs=256, outputs=100),
        f"{BLOCK}.affine1": Channels(inputs=100, outputs=100),
        f"{BLOCK}.conv2": Channels(inputs=100, outputs=256),
    }
)


def without_weak_channels(network: Network, kept: int) -> nn.Module:
    """The built-in network without the channels of its last block's middle that weigh least."""
    module = INSIDE_A_BLOCK.apply(network.architecture).build()
    state = {name: value.clone() for name, value in network.module.state_dict().items()}
    strength = state[f"{BLOCK}.conv2.weight"].abs().sum((0, 2, 3)) * state[f"{BLOCK}.affine1.gamma"].abs()
    rows = strength.argsort(descending=True)[:kept]
    for name in ("conv1.weight", "conv1.bias", "affine1.gamma", "affine1.beta"):
        state[f"{BLOCK}.{name}"] = state[f"{BLOCK}.{name}"][rows]
    state[f"{BLOCK}.conv2.weight"] = state[f"{BLOCK}.conv2.weight"][:, rows]
    module.load_state_dict(state)
    return module


def test_a_pruned_network_is_smaller_and_still_knows_faces(
    network: Network, collins_crop: NDArray[np.uint8], hopper_crop: NDArray[np.uint8]
) -> None:
    built = INSIDE_A_BLOCK.apply(network.architecture)
    pruned = Network(network.spec, without_weak_channels(network, 100), built, network.device)
    sizes = [sum(parameter.numel() for parameter in one.module.parameters()) for one in (pruned, network)]
    assert sizes[0] == sizes[1] - 156 * (256 * 9 + 1) - 156 * 2 - 156 * 256 * 9
    crops = np.stack([collins_crop, hopper_crop])
    same = (pruned.embed(crops) * network.embed(crops)).sum(axis=1)
    assert (same > BUILT_IN.calibration.threshold).all()
    assert output_dimension(built) == BUILT_IN.dimension


def test_a_pruned_network_can_be_trained_from_random_numbers(network: Network) -> None:
    built = INSIDE_A_BLOCK.apply(network.architecture)
    assert built.build_from_scratch is not None
    scratch = built.build_from_scratch()
    assert any(isinstance(module, nn.BatchNorm2d) and module.num_features == 100 for module in scratch.modules())
    finished = built.finish(scratch.eval())
    assert finished.state_dict().keys() == built.build().state_dict().keys()
    picture = torch.rand(1, 3, 150, 150)
    assert torch.allclose(finished(picture), scratch(picture), atol=1e-4)


def test_the_parents_own_architecture_is_the_parents_own(network: Network) -> None:
    assert SameAsParent().apply(network.architecture) is network.architecture


@pytest.mark.parametrize("variant", [SameAsParent(), INSIDE_A_BLOCK])
def test_a_description_is_data(variant: Variant) -> None:
    adapter: TypeAdapter[Variant] = TypeAdapter(Variant)
    assert adapter.validate_json(adapter.dump_json(variant)) == variant


@pytest.mark.parametrize(
    "description",
    [
        {"kind": "exported"},
        {"kind": "pruned"},
        {"kind": "pruned", "layers": {}},
        {"kind": "pruned", "layers": {"dense": {"inputs": 0, "outputs": 1}}},
        {"kind": "parent", "layers": {}},
        {},
    ],
)
def test_what_is_no_description_is_refused(description: object) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Variant).validate_python(description)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ({"blocks.99.conv1": (1, 1)}, r"no layer blocks\.99\.conv1"),
        ({"stem.relu": (1, 1)}, r"no layer stem\.relu"),
        ({"stem.affine": (3, 3)}, "don't fit together"),
        ({"dense": (256, 10**9)}, "larger than"),
        ({"dense": (10**18, 10**18)}, "don't fit together|larger than"),
        ({"": (1, 1)}, "no layer"),
    ],
)
def test_a_description_that_can_t_be_built_is_refused_before_memory_is_taken(
    network: Network, layers: dict[str, tuple[int, int]], message: str
) -> None:
    pruned = Pruned(layers={name: Channels(inputs=a, outputs=b) for name, (a, b) in layers.items()})
    with pytest.raises(WeightsCorruptError, match=message):
        pruned.apply(network.architecture)


def test_shorter_embeddings_are_found_without_computing_any(network: Network) -> None:
    pruned = Pruned(layers={"dense": Channels(inputs=256, outputs=64)})
    assert output_dimension(pruned.apply(network.architecture)) == 64


@pytest.mark.parametrize("key", [key for key in BACKBONES if key != "xception"])  # timm is not a dependency
def test_the_dimension_of_every_network_is_the_one_it_registers(key: str) -> None:
    assert output_dimension(architecture(key)) == BACKBONES[key].dimension


def test_what_gives_no_vector_is_refused(network: Network) -> None:
    maps = replace(network.architecture, build=lambda: nn.Conv2d(3, 4, 3))
    with pytest.raises(WeightsCorruptError, match="one vector a picture"):
        output_dimension(maps)


def test_a_resized_layer_keeps_everything_but_its_channels() -> None:
    depthwise = resized(nn.Conv2d(8, 8, 3, 2, 1, groups=8, bias=False), 5, 5)
    assert isinstance(depthwise, nn.Conv2d)
    assert (depthwise.groups, depthwise.stride, depthwise.padding, depthwise.bias) == (5, (2, 2), (1, 1), None)
    norm = resized(nn.BatchNorm2d(8, eps=1e-3), 5, 5)
    assert isinstance(norm, nn.BatchNorm2d)
    assert (norm.num_features, norm.eps) == (5, 1e-3)
    slopes = resized(nn.PReLU(8), 5, 5)
    assert isinstance(slopes, nn.PReLU)
    assert slopes.num_parameters == 5
    with pytest.raises(ValueError, match="as many channels as it takes"):
        resized(nn.BatchNorm2d(8), 5, 4)
