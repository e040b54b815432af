"""The pretrained CNNs: what there is, what is on this machine, and one interface to all of them.

A network is added by a module that registers it, see `registry.register`, and its import here.
"""

from recognition.networks import dlib_resnet, facenet, familiar, imagenet, mobilefacenet  # noqa: F401  # each registers its own
from recognition.networks.base import (
    Architecture,
    Crops,
    Embeddings,
    Measured,
    Network,
    NetworkSpec,
    Pretrained,
    Scope,
    Weights,
)
from recognition.networks.familiar import SPEC as BUILT_IN
from recognition.networks.registry import (
    BACKBONES,
    NETWORKS,
    architecture,
    available_networks,
    is_available,
    load_network,
    network_spec,
    pretrained,
    register,
    tuned_architecture,
)

__all__ = [
    "BACKBONES",
    "BUILT_IN",
    "NETWORKS",
    "Architecture",
    "Crops",
    "Embeddings",
    "Measured",
    "Network",
    "NetworkSpec",
    "Pretrained",
    "Scope",
    "Weights",
    "architecture",
    "available_networks",
    "is_available",
    "load_network",
    "network_spec",
    "pretrained",
    "register",
    "tuned_architecture",
]
