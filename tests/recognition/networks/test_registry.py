"""Registering a network is all it takes to make it known."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from recognition.alignment import CROP_SIZE
from recognition.errors import NetworkError
from recognition.networks import (
    BACKBONES,
    BUILT_IN,
    NETWORKS,
    Architecture,
    Network,
    Pretrained,
    Weights,
    available_networks,
    load_network,
    network_spec,
    pretrained,
    register,
    registry,
)

KEY = "tiny"


def tiny() -> nn.Module:
    torch.manual_seed(3)
    return nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pretrained]:
    """A network of a module of its own, forgotten after the test."""
    known = {name: dict(getattr(registry, name)) for name in ("_PRETRAINED", "_BACKBONES", "_NETWORKS")}
    network = Pretrained(
        replace(BUILT_IN, key=KEY, title="Tiny", dimension=8),
        Architecture(tiny, 32, (0.0, 0.0, 0.0), (255.0, 255.0, 255.0)),
        load_packaged=tiny,
    )
    register(network)
    yield network
    for name, before in known.items():
        getattr(registry, name).clear()
        getattr(registry, name).update(before)


def test_a_registered_network_is_known_everywhere(registered: Pretrained, tmp_path: Path) -> None:
    assert pretrained(KEY) is registered
    assert NETWORKS[KEY] is BACKBONES[KEY] is network_spec(KEY, tmp_path) is registered.spec
    assert registered.spec in available_networks(tmp_path)
    network = load_network(KEY, tmp_path, torch.device("cpu"))
    assert network.embed(np.zeros((2, CROP_SIZE, CROP_SIZE, 3), np.uint8)).shape == (2, 8)


def test_a_key_is_registered_once(registered: Pretrained) -> None:
    with pytest.raises(ValueError, match="taken"):
        register(registered)
    with pytest.raises(ValueError, match="taken"):
        register(replace(registered, spec=replace(registered.spec, key="model:0123456789ab")))


def test_a_network_has_weights_to_download_or_comes_in_a_package(registered: Pretrained) -> None:
    with pytest.raises(ValueError, match="either weights to download"):
        replace(registered, load_packaged=None)
    with pytest.raises(ValueError, match="either weights to download"):
        replace(registered, spec=replace(registered.spec, weights=Weights("", "w.pt")))


def test_what_knows_no_faces_is_not_offered_for_recognising_people() -> None:
    assert set(NETWORKS) < set(BACKBONES)
    assert all(BACKBONES[key].knows_faces == (key in NETWORKS) for key in BACKBONES)
    assert "resnet50" not in NETWORKS


def test_a_new_head_alone_does_not_make_a_network_know_faces() -> None:
    assert all(("head" in spec.scopes) == spec.knows_faces for spec in BACKBONES.values())


def test_an_unknown_key_names_those_that_are_known(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match=f"'alexnet'. Known: .*{BUILT_IN.key}, "):
        load_network("alexnet", tmp_path, torch.device("cpu"))


@pytest.mark.parametrize("key", [key for key in BACKBONES if key != "xception"])  # timm is not a dependency
def test_every_network_gives_embeddings_as_long_as_it_says(key: str) -> None:
    known = pretrained(key)
    network = Network(known.spec, known.architecture.build(), known.architecture, torch.device("cpu"))
    assert network.embed(np.zeros((1, CROP_SIZE, CROP_SIZE, 3), np.uint8)).shape == (1, known.spec.dimension)
