"""The networks the app knows, by key."""

from pathlib import Path

import torch

from recognition.errors import NetworkError
from recognition.networks import dlib_resnet, facenet
from recognition.networks.base import Calibration, Network, NetworkSpec, Weights, weights_path

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
        threshold=0.942, slope=265.0, offset=-249.6, source="python -m benchmarks.open_set, 40 people and 400 strangers of LFW"
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
            weights=Weights(
                url=f"{_RELEASE}/20180408-102900-casia-webface.pt", file_name="20180408-102900-casia-webface.pt"
            ),
        ),
    )
}


def network_spec(key: str) -> NetworkSpec:
    """The network with this key.

    Raises:
        NetworkError: there is none.
    """
    try:
        return NETWORKS[key]
    except KeyError:
        raise NetworkError(f"There is no network called {key!r}. Known: {', '.join(NETWORKS)}.") from None


def is_available(spec: NetworkSpec, storage: Path) -> bool:
    """Whether the network's weights are on this machine."""
    return spec.weights is None or weights_path(storage, spec.weights).is_file()


def load_network(key: str, storage: Path, device: torch.device) -> Network:
    """Load a network onto a device. Never downloads.

    Raises:
        WeightsMissingError: its weights are not in the storage folder.
        WeightsCorruptError: they are not what they should be.
    """
    spec = network_spec(key)
    if spec.weights is None:
        return Network(
            spec,
            dlib_resnet.load_dlib_resnet(),
            input_size=dlib_resnet.INPUT_SIZE,
            mean=dlib_resnet.MEAN,
            scale=dlib_resnet.SCALE,
            device=device,
        )
    return Network(
        spec,
        facenet.load_facenet(weights_path(storage, spec.weights), spec.weights),
        input_size=facenet.INPUT_SIZE,
        mean=facenet.MEAN,
        scale=facenet.SCALE,
        device=device,
    )
