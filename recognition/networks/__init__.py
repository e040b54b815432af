"""The pretrained CNNs: what there is, what is on this machine, and one interface to all of them."""

from recognition.networks.base import Architecture, Calibration, Crops, Embeddings, Network, NetworkSpec, Weights
from recognition.networks.registry import (
    BACKBONES,
    BUILT_IN,
    NETWORKS,
    architecture,
    available_networks,
    is_available,
    load_network,
    network_spec,
)

__all__ = [
    "BACKBONES",
    "BUILT_IN",
    "NETWORKS",
    "Architecture",
    "Calibration",
    "Crops",
    "Embeddings",
    "Network",
    "NetworkSpec",
    "Weights",
    "architecture",
    "available_networks",
    "is_available",
    "load_network",
    "network_spec",
]
