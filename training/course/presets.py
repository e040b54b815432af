"""The course's networks. Each is data for the parameter counter and, built, a network that can be trained."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from training.course.stack import (
    BatchNormalisation,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling,
    LayerSpec,
    Network,
    Pooling,
    Relu,
    Stack,
    build,
)


@dataclass(frozen=True)
class Preset:
    """A network of the course.

    Attributes:
        title: its name in lists.
        note: one or two sentences on what it shows.
        stack: its layers.
    """

    title: str
    note: str
    stack: Stack

    def build(self) -> Network:
        """The network with fresh weights, ready to train."""
        return build(self.stack)


def _stack(height: int, width: int, channels: int, *layers: LayerSpec) -> Stack:
    return Stack(height=height, width=width, channels=channels, layers=layers)


def _all_convolutional() -> tuple[LayerSpec, ...]:
    """Springenberg et al., "Striving for simplicity" (2015), All-CNN-C: strides instead of pooling."""
    windows = ((96, 3, 1), (96, 3, 1), (96, 3, 2), (192, 3, 1), (192, 3, 1), (192, 3, 2), (192, 3, 1))
    body = [
        layer
        for filters, kernel, stride in (*windows, (192, 1, 1), (10, 1, 1))
        for layer in (Convolution(filters=filters, kernel=kernel, stride=stride, padding="same"), Relu())
    ]
    # The last convolution gives the ten scores: without ReLU, or half of them could never be negative.
    return (*body[:-1], GlobalAveragePooling())


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "softmax-regression": Preset(
            "Softmax regression on raw pixels",
            "No hidden layer: each class has one weight a pixel, a template that the picture is compared with.",
            _stack(28, 28, 1, Flatten(), Dense(units=10)),
        ),
        "dense-digits": Preset(
            "Dense network, one hidden layer",
            "Every pixel is connected to every hidden unit; where a pixel lies in the picture makes no difference to it.",
            _stack(28, 28, 1, Flatten(), Dense(units=128), Relu(), Dense(units=10)),
        ),
        "one-convolution-digits": Preset(
            "One convolution of 64 filters, digits",
            "Its 64 filters have 640 parameters; the dense layer behind them has 432,650.",
            _stack(28, 28, 1, Convolution(filters=64), Relu(), Flatten(), Dense(units=10)),
        ),
        "one-convolution": Preset(
            "One convolution, CIFAR-10",
            "Nearly all parameters sit in the dense layer behind flatten, not in the convolution.",
            _stack(
                32,
                32,
                3,
                Convolution(filters=64),
                Relu(),
                Flatten(),
                Dense(units=32),
                Relu(),
                Dense(units=10),
            ),
        ),
        "one-convolution-pool": Preset(
            "One convolution with max-pooling, CIFAR-10",
            "A 2×2 pooling, which has no parameters itself, takes away three quarters of the dense layer's.",
            _stack(
                32,
                32,
                3,
                Convolution(filters=64),
                Relu(),
                Pooling(),
                Flatten(),
                Dense(units=32),
                Relu(),
                Dense(units=10),
            ),
        ),
        "two-convolutions": Preset(
            "Two padded convolutions with pooling, CIFAR-10",
            "“Same” padding keeps the size, so only the poolings halve it: 32, 16, 8.",
            _stack(
                32,
                32,
                3,
                Convolution(filters=64, padding="same"),
                Relu(),
                Pooling(),
                Convolution(filters=64, padding="same"),
                Relu(),
                Pooling(),
                Flatten(),
                Dense(units=128),
                Relu(),
                Dense(units=10),
            ),
        ),
        "letters": Preset(
            "Letters, 128×128 grey",
            "A stride of 2 and one pooling leave 32×32×16; the dense layers still hold 99.99 %.",
            _stack(
                128,
                128,
                1,
                Convolution(filters=16, stride=2, padding="same"),
                Relu(),
                Pooling(),
                Flatten(),
                Dense(units=512),
                Relu(),
                Dense(units=26),
            ),
        ),
        "mnist": Preset(
            "Digits (MNIST), three convolutions",
            "Each pooling of an odd size drops a row and a column: 26 → 13 → 11 → 5 → 3.",
            _stack(
                28,
                28,
                1,
                Convolution(filters=64),
                Relu(),
                Pooling(),
                Convolution(filters=64),
                Relu(),
                Pooling(),
                Convolution(filters=64),
                Relu(),
                Flatten(),
                Dropout(share=0.5),
                Dense(units=10),
            ),
        ),
        "all-convolutional": Preset(
            "All-Convolutional net, CIFAR-10",
            "Nine convolutions, no dense layer: strides shrink the maps, their means are the scores.",
            _stack(32, 32, 3, *_all_convolutional()),
        ),
        "batch-normalised": Preset(
            "Two convolutions, batch-normalised",
            "Batch normalisation stands before ReLU and adds a learned scale and shift a channel.",
            _stack(
                32,
                32,
                3,
                Convolution(filters=64, padding="same"),
                BatchNormalisation(),
                Relu(),
                Pooling(),
                Convolution(filters=64, padding="same"),
                BatchNormalisation(),
                Relu(),
                Pooling(),
                Flatten(),
                Dense(units=128),
                Relu(),
                Dense(units=10),
            ),
        ),
        "pyramid": Preset(
            "From 30×30 to 2×2×128",
            "Three convolutions and two poolings: the maps get smaller and more, 28×28×32 to 2×2×128.",
            _stack(
                30,
                30,
                1,
                Convolution(filters=32),
                Relu(),
                Pooling(),
                Convolution(filters=64),
                Relu(),
                Pooling(),
                Convolution(filters=128, kernel=3),
                Relu(),
                Pooling(),
            ),
        ),
        "photo-dense": Preset(
            "A dense layer on a photo, 626×417 RGB",
            "783,126 inputs × 5 units are 3,915,630 weights; the 5 biases, one a unit, make it 3,915,635.",
            _stack(417, 626, 3, Flatten(), Dense(units=5)),
        ),
        "photo-convolution": Preset(
            "Five filters on the same photo",
            "A filter is shared by all places of the photo: 5 × (3 · 3 · 3) weights and 5 biases are 140.",
            _stack(417, 626, 3, Convolution(filters=5)),
        ),
    }
)
"""By key."""
