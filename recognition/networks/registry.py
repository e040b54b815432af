"""The networks the app knows, by key. Each is registered by the module that knows it; those tuned here are in the storage."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import torch

from recognition.errors import NetworkError
from recognition.networks import tuned
from recognition.networks.base import Architecture, Network, NetworkSpec, Pretrained
from recognition.networks.tuned import Manifest
from recognition.networks.weights import load_pretrained, weights_path

_PRETRAINED: dict[str, Pretrained] = {}
_BACKBONES: dict[str, NetworkSpec] = {}
_NETWORKS: dict[str, NetworkSpec] = {}

BACKBONES: Mapping[str, NetworkSpec] = MappingProxyType(_BACKBONES)
"""Everything that can be fine-tuned, in the order of registration."""

NETWORKS: Mapping[str, NetworkSpec] = MappingProxyType(_NETWORKS)
"""Pretrained on faces: they recognise people straight away."""


def register(network: Pretrained) -> None:
    """Make a pretrained network known.

    Raises:
        ValueError: its key is taken, or is one of those of tuned networks.
    """
    key = network.spec.key
    if key in _PRETRAINED or tuned.is_key(key):
        raise ValueError(f"the key {key!r} is taken")
    _PRETRAINED[key] = network
    _BACKBONES[key] = network.spec
    if network.spec.knows_faces:
        _NETWORKS[key] = network.spec


def pretrained(key: str) -> Pretrained:
    """The pretrained network with this key.

    Raises:
        NetworkError: there is none.
    """
    try:
        return _PRETRAINED[key]
    except KeyError:
        raise NetworkError(f"There is no network called {key!r}. Known: {', '.join(_PRETRAINED)}.") from None


def network_spec(key: str, storage: Path) -> NetworkSpec:
    """The network with this key, pretrained or tuned.

    Raises:
        NetworkError: there is none.
    """
    return tuned.read_manifest(storage, key).spec() if tuned.is_key(key) else pretrained(key).spec


def available_networks(storage: Path) -> list[NetworkSpec]:
    """Networks that can name people now: pretrained on faces and on this machine, and those tuned here."""
    here = [spec for spec in NETWORKS.values() if is_available(spec, storage)]
    return here + [manifest.spec() for manifest in tuned.list_manifests(storage)]


def is_available(spec: NetworkSpec, storage: Path) -> bool:
    """Whether the network's weights are on this machine, as long as they should be."""
    if spec.weights is None:
        return True
    path = weights_path(storage, spec.weights)
    return path.is_file() and spec.weights.size in (None, path.stat().st_size)


def architecture(key: str) -> Architecture:
    """How to build a pretrained network.

    Raises:
        NetworkError: there is none with this key.
    """
    return pretrained(key).architecture


def tuned_architecture(manifest: Manifest) -> Architecture:
    """How to build a tuned network.

    Raises:
        NetworkError: its parent is not known here.
        WeightsCorruptError: what its manifest says of its layers can't be built.
    """
    return manifest.architecture.apply(architecture(manifest.parent))


def load_network(key: str, storage: Path, device: torch.device) -> Network:
    """Load a network onto a device. Never downloads.

    Raises:
        NetworkError: there is none with this key.
        WeightsMissingError: its weights are not in the storage folder.
        WeightsCorruptError: they are not what they should be.
    """
    if tuned.is_key(key):
        manifest = tuned.read_manifest(storage, key)
        built = tuned_architecture(manifest)
        return Network(manifest.spec(), tuned.load(storage, manifest, built), built, device)
    network = pretrained(key)
    return Network(network.spec, load_pretrained(network, storage), network.architecture, device)
