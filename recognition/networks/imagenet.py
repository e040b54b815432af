"""Networks pretrained on ImageNet: they know a thousand kinds of things, but no faces until they are fine-tuned.

Built by torchvision, and Xception by timm where it is installed. Their classifier is left out; what remains gives one
number a channel by global average pooling. Weights are torchvision's, fetched on request.
"""

from collections.abc import Callable

import torchvision
from torch import nn

from recognition.calibration import Calibration
from recognition.errors import NetworkError
from recognition.networks.base import Architecture, NetworkSpec, Pretrained, Weights
from recognition.networks.registry import register

_MEAN = (123.675, 116.28, 103.53)
_SCALE = (58.395, 57.12, 57.375)
"""Mean and standard deviation of ImageNet's pixels, 0 to 255 (torchvision's presets)."""

_HALF = (127.5, 127.5, 127.5)

# Not for recognising people as they are, so only a placeholder: training calibrates what comes out of it.
_UNCALIBRATED = Calibration(threshold=0.9, slope=20.0, spread=0.05, source="not calibrated: fine-tune it first")


def _vgg(build: Callable[..., nn.Module]) -> nn.Module:
    network = build(weights=None)
    # The published dense layers want 224 pixels and are most of the 500 MB; pooling does without them.
    network.avgpool = nn.AdaptiveAvgPool2d(1)
    network.classifier = nn.Sequential()
    return network


def _resnet50() -> nn.Module:
    network: nn.Module = torchvision.models.resnet50(weights=None)
    network.fc = nn.Identity()  # the embedding is what goes in
    return network


def _inception_v3() -> nn.Module:
    network: nn.Module = torchvision.models.inception_v3(weights=None, aux_logits=False, init_weights=False)
    network.fc = nn.Identity()
    network.dropout = nn.Identity()
    return network


def _xception() -> nn.Module:
    try:
        import timm
    except ImportError as error:
        raise NetworkError("Xception needs timm: pip install -r requirements-timm.txt") from error
    network: nn.Module = timm.create_model("legacy_xception", pretrained=False, num_classes=0)
    return network


def _torchvision(file_name: str, *unused: str) -> Weights:
    # torchvision's file names end in the first digits of the file's SHA-256.
    digits = file_name.removesuffix(".pth")[-8:]
    return Weights(f"https://download.pytorch.org/models/{file_name}", file_name, sha256=digits, unused=unused)


def _register(
    key: str, title: str, parameters: str, dimension: int, weights: Weights, build: Callable[[], nn.Module], *, size: int
) -> None:
    mean, scale = (_MEAN, _SCALE) if size == 224 else (_HALF, _HALF)
    spec = NetworkSpec(
        key=key,
        title=title,
        description=f"{parameters} million parameters, trained on ImageNet's thousand kinds of things, not on faces.",
        dimension=dimension,
        licence="code BSD-3-Clause; weights trained on ImageNet, research use",
        calibration=_UNCALIBRATED,
        weights=weights,
        knows_faces=False,
        # With a new head alone it would stay a network that knows no faces.
        scopes=("last", "all", "scratch"),
    )
    register(Pretrained(spec, Architecture(build, size, mean, scale)))


_register(
    "vgg16",
    "VGG-16",
    "15",
    512,
    _torchvision("vgg16-397923af.pth", "classifier."),
    lambda: _vgg(torchvision.models.vgg16),
    size=224,
)
_register(
    "vgg19",
    "VGG-19",
    "20",
    512,
    _torchvision("vgg19-dcbb9e9d.pth", "classifier."),
    lambda: _vgg(torchvision.models.vgg19),
    size=224,
)
_register(
    "inception-v3",
    "Inception V3",
    "22",
    2048,
    _torchvision("inception_v3_google-0cc3c7bd.pth", "fc.", "AuxLogits."),
    _inception_v3,
    size=299,
)
_register("resnet50", "ResNet-50", "24", 2048, _torchvision("resnet50-11ad3fa6.pth", "fc."), _resnet50, size=224)
_register(
    "xception",
    "Xception",
    "21",
    2048,
    Weights(
        "https://github.com/rwightman/pytorch-image-models/releases/download/v0.1-cadene/xception-43020ad28.pth",
        "xception-43020ad28.pth",
        sha256="43020ad28",
        unused=("fc.", "last_linear."),
    ),
    _xception,
    size=299,
)
