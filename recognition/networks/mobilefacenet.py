"""MobileFaceNet (Chen et al. 2018), a small face network: MobileNetV2's blocks (Sandler et al. 2018), then one global
depthwise convolution in place of an average, which lets every position of the face count differently.

The modules are named as in the published weights, so that these are read as they are.
"""

from typing import cast

import numpy as np
from torch import Tensor, nn

from recognition.alignment import window_of
from recognition.calibration import Calibration
from recognition.networks.base import Architecture, Measured, NetworkSpec, Pretrained, Weights
from recognition.networks.registry import register

MEAN = (123.675, 116.28, 103.53)
SCALE = (58.395, 57.12, 57.375)
"""Mean and standard deviation of ImageNet's pixels, 0 to 255, which its author took for faces too."""

INPUT_SIZE = 112

TEMPLATE = np.array([[38.29, 51.70], [73.53, 51.50], [56.03, 71.74], [41.55, 92.37], [70.73, 92.20]], dtype=np.float32)
"""Where its training faces had the five landmarks: ArcFace's template (Deng et al. 2019)."""

# (expansion, channels, blocks, stride of the first), from the input side.
_STAGES = ((2, 64, 5, 2), (4, 128, 1, 2), (2, 128, 6, 1), (4, 128, 1, 2), (2, 128, 2, 1))


def _conv_bn_relu(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU6(inplace=True),
    )


class _DepthwiseSeparable(nn.Module):
    """A convolution of each channel by itself, then one across channels."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)
        self.pointwise = nn.Conv2d(channels, channels, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.bn2 = nn.BatchNorm2d(channels)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        x = self.relu(self.bn1(self.depthwise(x)))
        return cast(Tensor, self.relu(self.bn2(self.pointwise(x))))


class _InvertedResidual(nn.Module):
    """Widen, convolve each channel by itself, narrow; plus the shortcut where nothing changes its shape."""

    def __init__(self, inputs: int, outputs: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = inputs * expansion
        self.shortcut = stride == 1 and inputs == outputs
        self.conv = nn.Sequential(
            _conv_bn_relu(inputs, inner, 1),
            _conv_bn_relu(inner, inner, 3, stride, groups=inner),
            nn.Conv2d(inner, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs),
        )

    def forward(self, x: Tensor) -> Tensor:
        changed = cast(Tensor, self.conv(x))
        return x + changed if self.shortcut else changed


class _GlobalDepthwise(nn.Module):
    """One kernel a channel, as large as the map: (N, C, 7, 7) to (N, C, 1, 1)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 7, groups=channels, bias=False)
        self.bn = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        return cast(Tensor, self.bn(self.depthwise(x)))


class MobileFaceNet(nn.Module):
    """The whole network: (N, 3, 112, 112) preprocessed float32 to (N, 128) float32, not normalised."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = _conv_bn_relu(3, 64, 3, stride=2)
        self.dw_conv = _DepthwiseSeparable(64)
        blocks: list[nn.Module] = []
        channels = 64
        for expansion, outputs, count, stride in _STAGES:
            for number in range(count):
                blocks.append(_InvertedResidual(channels, outputs, stride if number == 0 else 1, expansion))
                channels = outputs
        self.features = nn.Sequential(*blocks)
        self.conv2 = _conv_bn_relu(channels, 512, 1)
        self.gdconv = _GlobalDepthwise(512)
        self.conv3 = nn.Conv2d(512, 128, 1)
        self.bn = nn.BatchNorm2d(128)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv2(self.features(self.dw_conv(self.conv1(x))))
        return cast(Tensor, self.bn(self.conv3(self.gdconv(x)))).flatten(1)


SPEC = NetworkSpec(
    key="mobilefacenet",
    title="MobileFaceNet",
    description="51 convolutions, 1.0 million parameters. 4 MB download.",
    dimension=128,
    licence="Apache-2.0 (foamliu/MobileFaceNet); trained on MS-Celeb-1M, a data set for research",
    calibration=Calibration(
        threshold=0.381,
        slope=30.6,
        spread=0.0532,
        source="python -m training evaluate identification, 40 people and 400 strangers of LFW",
    ),
    weights=Weights(
        "https://raw.githubusercontent.com/foamliu/MobileFaceNet/a6cc9032a659b615f477833e1a70b5e7931bcccc/weights/mobilefacenet.pt",
        "mobilefacenet.pt",
        sha256="90a00ba1d8b0b688af3deb731ed53dca582e6106805d1bc3cfdef55f570493f4",
        size=4_135_271,
    ),
    measured=Measured(
        clear=0.991,
        hard=0.927,
        false_matches={
            "Asian men": 916.0,
            "Asian women": 512.0,
            "Black men": 96.0,
            "Black women": 189.0,
            "Indian men": 300.0,
            "Indian women": 672.0,
            "White men": 85.0,
            "White women": 121.0,
            "Others men": 350.0,
            "Others women": 735.0,
        },
    ),
)

ARCHITECTURE = Architecture(MobileFaceNet, INPUT_SIZE, MEAN, SCALE, window_of(TEMPLATE, INPUT_SIZE), embeds_by_onnx=True)

register(Pretrained(SPEC, ARCHITECTURE))
