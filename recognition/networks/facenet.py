"""FaceNet: facenet-pytorch's InceptionResnetV1 (Schroff et al. 2015; Szegedy et al. 2016), weights fetched on request."""

from facenet_pytorch import InceptionResnetV1

from recognition.calibration import Calibration
from recognition.networks.base import Architecture, NetworkSpec, Pretrained, Weights
from recognition.networks.registry import register

MEAN = (127.5, 127.5, 127.5)
SCALE = (128.0, 128.0, 128.0)
INPUT_SIZE = 160

_RELEASE = "https://github.com/timesler/facenet-pytorch/releases/download/v2.2.9"

_CLASSIFIER = ("logits.",)

ARCHITECTURE = Architecture(lambda: InceptionResnetV1(pretrained=None, classify=False), INPUT_SIZE, MEAN, SCALE)

# A guess, for these weights could not be had here. See docs/decisions.md, "FaceNet's threshold".
_CALIBRATION = Calibration(threshold=0.5, slope=20.0, spread=0.07, source="a guess, not measured by this project")

register(
    Pretrained(
        NetworkSpec(
            key="facenet-vggface2",
            title="FaceNet, VGGFace2",
            description="Inception-ResNet-v1 trained on 3.3 million faces. 107 MB download.",
            dimension=512,
            licence="code MIT; weights trained on VGGFace2, research use",
            calibration=_CALIBRATION,
            weights=Weights(
                f"{_RELEASE}/20180402-114759-vggface2.pt",
                "20180402-114759-vggface2.pt",
                sha256="281cebca8662831adb987a874bdcb36e73f5b1c6dc5ee5878f305e985625d99b",
                size=111_898_327,
                unused=_CLASSIFIER,
            ),
        ),
        ARCHITECTURE,
    )
)

register(
    Pretrained(
        NetworkSpec(
            key="facenet-casia",
            title="FaceNet, CASIA-WebFace",
            description="Inception-ResNet-v1 trained on 0.5 million faces. 111 MB download.",
            dimension=512,
            licence="code MIT; weights trained on CASIA-WebFace, research use",
            calibration=_CALIBRATION,
            weights=Weights(
                f"{_RELEASE}/20180408-102900-casia-webface.pt", "20180408-102900-casia-webface.pt", unused=_CLASSIFIER
            ),
        ),
        ARCHITECTURE,
    )
)
