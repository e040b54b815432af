"""The pretrained CNNs: what there is, what is on this machine, and one interface to all of them."""

from recognition.networks.base import Calibration, Crops, Embeddings, Network, NetworkSpec, Weights
from recognition.networks.registry import BUILT_IN, NETWORKS, is_available, load_network, network_spec

__all__ = [
    "BUILT_IN",
    "NETWORKS",
    "Calibration",
    "Crops",
    "Embeddings",
    "Network",
    "NetworkSpec",
    "Weights",
    "is_available",
    "load_network",
    "network_spec",
]
