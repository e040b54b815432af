"""A network as a list of layers, measured on one input: what each layer is, gives, holds and can see."""

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace

import torchinfo
from torch import Tensor, nn

from recognition.inspection.hooks import evaluating
from recognition.inspection.receptive_field import Field, FieldTracker

_TITLES = {
    "Conv2d": "Convolution",
    "MaxPool2d": "Max-pooling",
    "AvgPool2d": "Average pooling",
    "AdaptiveAvgPool2d": "Global average pooling",
    "GlobalAverage": "Global average pooling",
    "Affine": "Scale and shift",
    "BatchNorm1d": "Batch normalisation",
    "BatchNorm2d": "Batch normalisation",
    "Linear": "Dense",
    "Identity": "Shortcut",
}
"""Words for the layer types that a class name does not explain."""


@dataclass(frozen=True)
class Layer:
    """One layer, as it ran.

    Attributes:
        number: its place among the layers that ran, from 1.
        name: as in `named_modules`, such as `blocks.3.conv1`.
        kind: name of its class in `torch.nn`, such as `Conv2d` for all kinds of it; its own class name where it is none
            of those.
        kernel, stride, padding: height and width, in cells; None for layers without a window. Padding may be
            a word.
        shape: output without the batch: (C, H, W) for maps, (D,) for vectors.
        parameters: weights and biases of this layer alone.
        multiply_adds: for one input, over all calls of the layer.
        field: what a cell of the output sees of the input; None where the output does not depend on it.
    """

    number: int
    name: str
    kind: str
    kernel: tuple[int, int] | None
    stride: tuple[int, int] | None
    padding: tuple[int, int] | str | None
    shape: tuple[int, ...]
    parameters: int
    multiply_adds: int
    field: Field | None

    @property
    def title(self) -> str:
        return _TITLES.get(self.kind, self.kind)

    @property
    def label(self) -> str:
        """What to call it: `Layer 7: ReLU, block 1`."""
        return f"Layer {self.number}: {self.title}" + (f", {self.part}" if self.part else "")

    @property
    def part(self) -> str:
        """The part of the network that it belongs to, in words: `stem`, `block 4`; empty in a plain chain."""
        return part_title(self.name.rpartition(".")[0])

    @property
    def is_map(self) -> bool:
        """Whether the output can be drawn: it has channels with more than one cell."""
        return len(self.shape) == 3 and self.shape[1] * self.shape[2] > 1

    @property
    def output(self) -> str:
        """The output's size as the course writes it, height × width × channels."""
        if len(self.shape) == 3:
            channels, height, width = self.shape
            return f"{height}×{width}×{channels}"
        return "×".join(map(str, self.shape))


@dataclass(frozen=True)
class Summary:
    """A network on one input.

    Attributes:
        input_shape: (C, H, W).
        field_size: height and width of the picture whose pixels the layers' fields count, see `FieldTracker`.
        layers: in the order they ran.
        parameters: of the whole network, those of unused layers included.
        trainable: those that training would change.
    """

    input_shape: tuple[int, ...]
    field_size: tuple[int, int]
    layers: tuple[Layer, ...]
    parameters: int
    trainable: int

    @property
    def multiply_adds(self) -> int:
        """For one input."""
        return sum(layer.multiply_adds for layer in self.layers)

    @property
    def parts(self) -> "tuple[Part, ...]":
        """The layers by the part of the network that they belong to, in order; of a plain chain, each layer is a part."""
        return tuple(Part(path, tuple(layers)) for path, layers in _parts(self.layers).items())


@dataclass(frozen=True)
class Part:
    """A part of a network: its stem, a block, or a single layer.

    Attributes:
        path: how the names of its layers begin, such as `blocks.3`.
        layers: in the order they ran, at least one.
    """

    path: str
    layers: tuple[Layer, ...]

    @property
    def title(self) -> str:
        """`Block 4`; of a single layer, what that is, short enough for a tile."""
        if len(self.layers) == 1:
            return self.layers[0].title.replace("Global average pooling", "Mean")
        title = part_title(self.path)
        return title[:1].upper() + title[1:]

    @property
    def last_map(self) -> Layer | None:
        """The last layer that can be drawn: what the part gives on."""
        return next((layer for layer in reversed(self.layers) if layer.is_map), None)


def part_title(path: str) -> str:
    """A module's name in words, its numbers from 1: `blocks.3` is `block 4`, `layer1.0` is `layer1, block 1`."""
    words: list[str] = []
    for word in path.split("."):
        if not word.isdecimal():
            words.append(word.replace("_", " "))
        elif words and words[-1].endswith("s"):
            words[-1] = f"{words[-1][:-1]} {int(word) + 1}"
        else:
            words.append(f"block {int(word) + 1}")
    return ", ".join(word for word in words if word)


def _parts(layers: Sequence[Layer], within: str = "") -> dict[str, list[Layer]]:
    """Finer parts stay together, unless one part is most of the network."""
    parts: dict[str, list[Layer]] = {}
    for layer in layers:
        first, _, rest = layer.name[len(within) :].partition(".")
        second = rest.partition(".")[0]
        parts.setdefault(within + (f"{first}.{second}" if second.isdigit() else first), []).append(layer)
    divided: dict[str, list[Layer]] = {}
    for path, inside in parts.items():
        divided |= _parts(inside, f"{path}.") if len(inside) > max(len(layers) / 2, 1) else {path: inside}
    return divided


def summarise(network: nn.Module, batch: Tensor) -> Summary:
    """Run the network once and describe every layer (module without children) that took part.

    torchinfo counts and keeps the order; fields, strides and paddings, which it doesn't know, are added here.

    Args:
        network: any network.
        batch: (N, C, H, W) preprocessed input; one picture is enough.

    Returns:
        The layers in the order they ran; a layer that runs several times stands at its last call.
    """
    names = {module: name for name, module in network.named_modules()}
    trainable = sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)
    tracker = FieldTracker(batch)
    fields: dict[nn.Module, Field | None] = {}

    def keep_field(module: nn.Module, _inputs: object, output: Tensor) -> None:
        fields[module] = tracker.field(output)

    with ExitStack() as stack:
        stack.enter_context(evaluating(network))
        for module in names:
            if not any(module.children()):
                stack.callback(module.register_forward_hook(keep_field).remove)
        stack.enter_context(tracker)
        counted = torchinfo.summary(network, input_data=batch, mode="eval", verbose=0)
    multiply_adds: Counter[nn.Module] = Counter()
    found: dict[str, Layer] = {}
    for info in counted.summary_list:
        module = info.module
        if module not in fields:
            continue
        multiply_adds[module] += info.macs // len(batch)
        name = names[module]
        found.pop(name, None)
        found[name] = Layer(
            number=0,
            name=name,
            kind=_kind(module),
            kernel=_pair(getattr(module, "kernel_size", None)),
            stride=_pair(getattr(module, "stride", None)),
            padding=_padding(getattr(module, "padding", None)),
            shape=tuple(info.output_size[1:]),
            parameters=info.num_params,
            multiply_adds=multiply_adds[module],
            field=fields[module],
        )
    return Summary(
        input_shape=tuple(batch.shape[1:]),
        field_size=tracker.size,
        layers=tuple(replace(layer, number=number) for number, layer in enumerate(found.values(), start=1)),
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        trainable=trainable,
    )


def _kind(module: nn.Module) -> str:
    known = [kind for kind in type(module).__mro__ if kind.__module__.startswith("torch.nn.") and kind is not nn.Module]
    return (known or [type(module)])[0].__name__


def _pair(value: object) -> tuple[int, int] | None:
    if isinstance(value, int):
        return (value, value)
    if isinstance(value, (tuple, list)) and len(value) == 2:
        return (int(value[0]), int(value[1]))
    return None


def _padding(value: object) -> tuple[int, int] | str | None:
    return value if isinstance(value, str) else _pair(value)
