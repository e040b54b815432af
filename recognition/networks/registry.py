"""The networks the app knows, by key: pretrained on faces, pretrained on ImageNet, and tuned here."""

from pathlib import Path

import torch
from torch import nn

from recognition.errors import NetworkError
from recognition.networks import dlib_resnet, facenet, imagenet, tuned
from recognition.networks.base import Architecture, Calibration, Network, NetworkSpec, Weights, weights_path

_RELEASE = "https://github.com/timesler/facenet-pytorch/releases/download/v2.2.9"

# No weights of FaceNet could be had while this was written, so its threshold is the literature's, not measured: a
# cosine of 0.40 is the squared distance 1.2, inside the 1.1 to 1.24 that David Sandberg's FaceNet uses on LFW.
_FACENET_CALIBRATION = Calibration(
    threshold=0.5, slope=20.0, offset=-10.0, source="from the literature, not measured by this project"
)

BUILT_IN = NetworkSpec(
    key="dlib",
    title="dlib face ResNet",
    description="29 convolutions, 5.6 million parameters. Built in, works offline.",
    dimension=128,
    licence="public domain (CC0), Davis King",
    calibration=Calibration(
        threshold=0.942,
        slope=265.0,
        offset=-249.6,
        source="python -m training evaluate identification, 40 people and 400 strangers of LFW",
    ),
)

NETWORKS: dict[str, NetworkSpec] = {
    spec.key: spec
    for spec in (
        BUILT_IN,
        NetworkSpec(
            key="facenet-vggface2",
            title="FaceNet, VGGFace2",
            description="Inception-ResNet-v1 trained on 3.3 million faces. 107 MB download.",
            dimension=512,
            licence="code MIT; weights trained on VGGFace2, research use",
            calibration=_FACENET_CALIBRATION,
            weights=Weights(
                url=f"{_RELEASE}/20180402-114759-vggface2.pt",
                file_name="20180402-114759-vggface2.pt",
                sha256="281cebca8662831adb987a874bdcb36e73f5b1c6dc5ee5878f305e985625d99b",
                size=111_898_327,
            ),
        ),
        NetworkSpec(
            key="facenet-casia",
            title="FaceNet, CASIA-WebFace",
            description="Inception-ResNet-v1 trained on 0.5 million faces. 111 MB download.",
            dimension=512,
            licence="code MIT; weights trained on CASIA-WebFace, research use",
            calibration=_FACENET_CALIBRATION,
            weights=Weights(url=f"{_RELEASE}/20180408-102900-casia-webface.pt", file_name="20180408-102900-casia-webface.pt"),
        ),
    )
}
"""Pretrained on faces: they recognise people straight away."""

BACKBONES: dict[str, NetworkSpec] = NETWORKS | imagenet.SPECS
"""Everything that can be fine-tuned."""

_ARCHITECTURES: dict[str, Architecture] = {
    BUILT_IN.key: dlib_resnet.ARCHITECTURE,
    "facenet-vggface2": facenet.ARCHITECTURE,
    "facenet-casia": facenet.ARCHITECTURE,
    **imagenet.ARCHITECTURES,
}


def network_spec(key: str, storage: Path) -> NetworkSpec:
    """The network with this key, pretrained or tuned.

    Raises:
        NetworkError: there is none.
    """
    if tuned.is_key(key):
        return tuned.read_manifest(storage, key).spec()
    try:
        return BACKBONES[key]
    except KeyError:
        raise NetworkError(f"There is no network called {key!r}. Known: {', '.join(BACKBONES)}.") from None


def available_networks(storage: Path) -> list[NetworkSpec]:
    """Networks that can name people now: pretrained on faces and on this machine, and those tuned here."""
    pretrained = [spec for spec in NETWORKS.values() if is_available(spec, storage)]
    return pretrained + [manifest.spec() for manifest in tuned.list_manifests(storage)]


def is_available(spec: NetworkSpec, storage: Path) -> bool:
    """Whether the network's weights are on this machine."""
    return spec.weights is None or weights_path(storage, spec.weights).is_file()


def architecture(key: str) -> Architecture:
    """How to build a pretrained network."""
    return _ARCHITECTURES[key]


def load_network(key: str, storage: Path, device: torch.device) -> Network:
    """Load a network onto a device. Never downloads.

    Raises:
        WeightsMissingError: its weights are not in the storage folder.
        WeightsCorruptError: they are not what they should be.
    """
    spec = network_spec(key, storage)
    root = key if spec.parent is None else spec.parent
    return Network(spec, _pretrained(spec, root, storage), architecture(root), device)


def _pretrained(spec: NetworkSpec, root: str, storage: Path) -> nn.Module:
    if spec.parent is not None:
        return tuned.load(storage, spec.key, architecture(root))
    if spec.weights is None:
        return dlib_resnet.load_dlib_resnet()
    path = weights_path(storage, spec.weights)
    if root in imagenet.SPECS:
        return imagenet.load(root, path, spec.weights)
    network: nn.Module = facenet.load_facenet(path, spec.weights)
    return network
