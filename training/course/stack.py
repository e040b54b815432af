"""A stack of layers as plain data, built into a real network; its sizes and counts are read from torch.

Counting runs on torch's `meta` device, which knows shapes but holds no numbers, so that a stack of billions
of parameters can be counted on a laptop.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from torch import Tensor, nn

from recognition.inspection.errors import FitError, InspectionError
from recognition.inspection.sliding_window import Sliding

MAX_BUILT_PARAMETERS = 100_000_000
"""Larger stacks are counted but not built: 100 million parameters are 400 MB."""


class _Spec(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Convolution(_Spec):
    """Filters that slide over the picture."""

    kind: Literal["convolution"] = "convolution"
    filters: int = Field(32, ge=1, le=4096, title="Filters")
    kernel: int = Field(3, ge=1, le=31, title="Kernel", description="Side of the window, in cells")
    stride: int = Field(1, ge=1, le=16, title="Stride", description="Step of the window, in cells")
    padding: Literal["none", "same", "full"] = Field("none", title="Padding")

    @property
    def title(self) -> str:
        extras = [f"stride {self.stride}"] if self.stride > 1 else []
        extras += [self.padding] if self.padding != "none" else []
        return ", ".join([f"Convolution {self.filters}, {self.kernel}×{self.kernel}", *extras])


class Pooling(_Spec):
    """The largest or the mean value of each window."""

    kind: Literal["pooling"] = "pooling"
    size: int = Field(2, ge=1, le=31, title="Size", description="Side of the window, in cells")
    stride: int | None = Field(None, ge=1, le=31, title="Stride", description="Step, in cells; the size by default")
    how: Literal["max", "average"] = Field("max", title="What")

    @property
    def title(self) -> str:
        extra = f", stride {self.stride}" if self.stride not in (None, self.size) else ""
        return f"{self.how.capitalize()}-pooling {self.size}×{self.size}{extra}"


class Relu(_Spec):
    """max(0, x)."""

    kind: Literal["relu"] = "relu"

    @property
    def title(self) -> str:
        return "ReLU"


class Activation(_Spec):
    """Another function in ReLU's place, applied to each value."""

    kind: Literal["activation"] = "activation"
    function: Literal["sigmoid", "tanh", "leaky ReLU", "ELU", "GELU"] = Field("tanh", title="Function")

    @property
    def title(self) -> str:
        return self.function[0].upper() + self.function[1:]


class Flatten(_Spec):
    """All maps as one long row of numbers."""

    kind: Literal["flatten"] = "flatten"

    @property
    def title(self) -> str:
        return "Flatten"


class Dense(_Spec):
    """Every input connected to every unit."""

    kind: Literal["dense"] = "dense"
    units: int = Field(10, ge=1, le=100_000, title="Units")
    bias: bool = Field(True, title="Bias")

    @property
    def title(self) -> str:
        return f"Dense {self.units}" + ("" if self.bias else ", no bias")


class Dropout(_Spec):
    """Silences a random share of the values while training."""

    kind: Literal["dropout"] = "dropout"
    share: float = Field(0.5, ge=0.0, lt=1.0, title="Share", description="Part of the values silenced, 0 to 1")

    @property
    def title(self) -> str:
        return f"Dropout {self.share:g}"


class BatchNormalisation(_Spec):
    """Each channel brought to mean 0 and spread 1, then scaled and shifted by two learned numbers."""

    kind: Literal["batch normalisation"] = "batch normalisation"

    @property
    def title(self) -> str:
        return "Batch normalisation"


class GlobalAveragePooling(_Spec):
    """Each map becomes its mean."""

    kind: Literal["global average pooling"] = "global average pooling"

    @property
    def title(self) -> str:
        return "Global average pooling"


LayerSpec = Annotated[
    Convolution | Pooling | Relu | Activation | Flatten | Dense | Dropout | BatchNormalisation | GlobalAveragePooling,
    Field(discriminator="kind"),
]


class Stack(_Spec):
    """A network as data: the input's size and its layers, first to last."""

    height: int = Field(32, ge=1, le=4096, title="Height", description="Of the input, in pixels")
    width: int = Field(32, ge=1, le=4096, title="Width", description="Of the input, in pixels")
    channels: int = Field(3, ge=1, le=512, title="Channels", description="1 for grey, 3 for RGB")
    layers: tuple[LayerSpec, ...] = Field((), max_length=60)

    def write(self) -> str:
        """The stack as short JSON for `read`: only what differs from the defaults, and each layer's kind."""
        data = self.model_dump(exclude_defaults=True)
        data["layers"] = [{"kind": layer.kind} | layer.model_dump(exclude_defaults=True) for layer in self.layers]
        return json.dumps(data, separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> "Stack":
        """A stack from what `write` gave, perhaps by way of a shared address.

        Raises:
            InspectionError: not such a stack.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            where = " → ".join(str(part) for part in first["loc"])
            raise InspectionError(f"This is not a stack of layers: {where}: {first['msg']}.") from error


class GlobalAverage(nn.Module):
    """(N, C, H, W) to (N, C): the mean of each map."""

    def forward(self, x: Tensor) -> Tensor:
        return x.mean((2, 3))


class Network(nn.Sequential):
    """A built stack: an ordinary, trainable network that remembers what it was built from.

    Takes (N, C, H, W) float32, gives what its last layer gives.
    """

    def __init__(self, stack: Stack, layers: list[nn.Module]) -> None:
        super().__init__(*layers)
        self.stack = stack


@dataclass(frozen=True)
class Row:
    """One line of a model summary.

    Attributes:
        title: the layer in words.
        spec: the layer as data; None for the input.
        shape: output, (C, H, W) or (D,).
        parameters: weights and biases.
        weights, biases: the two parts; for batch normalisation the scales and the shifts.
        warning: a sentence where the window leaves pixels out, else None.
    """

    title: str
    spec: LayerSpec | None
    shape: tuple[int, ...]
    weights: int = 0
    biases: int = 0
    warning: str | None = None

    @property
    def parameters(self) -> int:
        return self.weights + self.biases

    @property
    def output(self) -> str:
        """Height × width × channels, as the course writes it; or the number of values."""
        if len(self.shape) == 3:
            return f"{self.shape[1]}×{self.shape[2]}×{self.shape[0]}"
        return f"{self.shape[0]:,}"


@dataclass(frozen=True)
class Table:
    """A model summary: the input and every layer."""

    rows: tuple[Row, ...]

    @property
    def parameters(self) -> int:
        return sum(row.parameters for row in self.rows)


def describe(stack: Stack) -> Table:
    """Sizes and parameter counts of every layer, from torch.

    Raises:
        FitError: a layer that can't follow the one before; the message says which.
    """
    rows = [Row("Input", None, (stack.channels, stack.height, stack.width))]
    with torch.device("meta"):
        for spec, module, output, warning in _layers(stack):
            counts = {name: parameter.numel() for name, parameter in module.named_parameters()}
            biases = counts.get("bias", 0)
            rows.append(Row(spec.title, spec, tuple(output.shape[1:]), sum(counts.values()) - biases, biases, warning))
    return Table(tuple(rows))


def build(stack: Stack) -> Network:
    """The real network, freshly initialised by torch.

    Raises:
        FitError: a layer that can't follow the one before.
        InspectionError: more than `MAX_BUILT_PARAMETERS`.
    """
    table = describe(stack)
    if table.parameters > MAX_BUILT_PARAMETERS:
        raise InspectionError(f"This network has {table.parameters:,} parameters; we build at most {MAX_BUILT_PARAMETERS:,}.")
    shapes = [row.shape for row in table.rows]
    pairs = zip(stack.layers, shapes, strict=False)
    return Network(stack, [_module(spec, shape) for spec, shape in pairs])


def _layers(stack: Stack) -> Iterator[tuple[LayerSpec, nn.Module, Tensor, str | None]]:
    """Build and run layer by layer, on the current default device."""
    # Two pictures: batch normalisation after a dense layer can't train on one.
    x = torch.zeros(2, stack.channels, stack.height, stack.width)
    for number, spec in enumerate(stack.layers, start=1):
        shape = tuple(x.shape[1:])
        try:
            warning = _fit(spec, shape)
            module = _module(spec, shape)
            x = module(x)
        except FitError as error:
            raise FitError(f"Layer {number}, {spec.title}: {error}") from error
        yield spec, module, x, warning


def _fit(spec: LayerSpec, shape: tuple[int, ...]) -> str | None:
    """Whether the layer's window fits.

    Raises:
        FitError: it does not, or the layer needs maps and gets a row of numbers, or the other way round.
    """
    if isinstance(spec, (Convolution, Pooling, GlobalAveragePooling)) and len(shape) != 3:
        raise FitError("it needs maps with height and width, but a flatten or dense layer before it left none.")
    if isinstance(spec, Dense) and len(shape) != 1:
        raise FitError("a dense layer takes one row of numbers. Put flatten or global average pooling before it.")
    if isinstance(spec, Convolution):
        window = Sliding(spec.kernel, spec.stride, spec.padding)
    elif isinstance(spec, Pooling):
        window = Sliding(spec.size, spec.stride or spec.size)
    else:
        return None
    # A list, so that both sides are checked to fit; only lost pixels are worth a warning in a table.
    warnings = [window.warning(side) if window.lost(side) else None for side in shape[1:]]
    return next((warning for warning in warnings if warning), None)


def _module(spec: LayerSpec, shape: tuple[int, ...]) -> nn.Module:
    """The torch module of one layer, for an input (C, H, W) or (D,)."""
    match spec:
        case Convolution():
            return _convolution(spec, shape[0])
        case Pooling(how="max"):
            return nn.MaxPool2d(spec.size, spec.stride)
        case Pooling():
            return nn.AvgPool2d(spec.size, spec.stride)
        case Relu():
            return nn.ReLU()
        case Activation():
            return _FUNCTIONS[spec.function]()
        case Flatten():
            return nn.Flatten()
        case Dense():
            return nn.Linear(shape[0], spec.units, bias=spec.bias)
        case Dropout():
            return nn.Dropout(spec.share)
        case BatchNormalisation():
            return nn.BatchNorm2d(shape[0]) if len(shape) == 3 else nn.BatchNorm1d(shape[0])
        case GlobalAveragePooling():
            return GlobalAverage()


_FUNCTIONS: dict[str, type[nn.Module]] = {
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "leaky ReLU": nn.LeakyReLU,
    "ELU": nn.ELU,
    "GELU": nn.GELU,
}


class PaddedConvolution(nn.Conv2d):
    """A convolution with one more zero after than before: "same" for even kernels, at any stride."""

    def __init__(self, channels: int, filters: int, window: Sliding) -> None:
        super().__init__(channels, filters, window.kernel, window.stride)
        self._ends = window.ends

    def forward(self, input: Tensor) -> Tensor:
        return super().forward(nn.functional.pad(input, self._ends * 2))


def _convolution(spec: Convolution, channels: int) -> nn.Module:
    window = Sliding(spec.kernel, spec.stride, spec.padding)
    before, after = window.ends
    if before != after:
        return PaddedConvolution(channels, spec.filters, window)
    return nn.Conv2d(channels, spec.filters, spec.kernel, spec.stride, before)
