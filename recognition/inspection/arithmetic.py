"""How one activation was made: the numbers that its layer looked at, what it did with them, and what came out.

Three operations are enough for the layers of convolutional networks. A convolution, an average pooling, a scale and shift and
a dense layer are sums of products; max-pooling takes the largest; ReLU and its like change one number by itself.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from recognition.inspection.errors import FitError, InspectionError
from recognition.inspection.hooks import Call, call_of, evaluating
from recognition.inspection.sliding_window import Sliding

Operation = Literal["sum", "max", "function"]

Values = NDArray[np.float64]

Pair = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Worked:
    """How one activation was made.

    Attributes:
        top, left: the window's first cell in the layer's input; negative inside the padding.
        patch: (S, f, f) what the window covers in each input channel, zeros for padding; of a `max`, -inf for padding.
        products: (S, f, f) patch times kernel, cell by cell; of other operations than `sum`, the patch.
        total: what comes out: the sum of all products and the bias, the largest cell, or the function's value.
        value: what the network itself gave, in float32.
    """

    top: int
    left: int
    patch: Values
    products: Values
    total: float
    value: float

    @property
    def sums(self) -> Values:
        """(S,) the sum of the products of each input channel."""
        result: Values = self.products.sum((1, 2))
        return result


@dataclass(frozen=True, eq=False)
class Working:
    """How one channel of a layer is made from the layer's input.

    Attributes:
        operation: what is done with the cells under the window.
        channels: (S,) numbers of the input channels that the window looks at.
        inputs: (S, H, W) float32, those channels; a vector's numbers are channels of one cell.
        kernel: (S, f, f) what the cells are multiplied with; ones where the operation is no sum.
        bias: added once.
        stride, before, dilation: of the window, in cells, down and across; `before` are zeros above and to the left.
        ways: where the input is itself a sum, its two summands, (H, W) each: through the block, and past it (shortcut).
        outputs: (H', W') float32, what the layer gave.
    """

    operation: Operation
    channels: NDArray[np.intp]
    inputs: NDArray[np.float32]
    kernel: Values
    bias: float
    stride: Pair
    before: Pair
    dilation: Pair
    ways: tuple[NDArray[np.float32], ...]
    outputs: NDArray[np.float32]

    def at(self, row: int, column: int) -> Worked:
        """How the output cell (row, column) was made.

        Raises:
            FitError: there is no such cell.
        """
        height, width = self.outputs.shape
        if not (0 <= row < height and 0 <= column < width):
            raise FitError(f"The output has {height}×{width} cells; there is no cell ({row}, {column}).")
        value = float(self.outputs[row, column])
        top, left = row * self.stride[0] - self.before[0], column * self.stride[1] - self.before[1]
        patch = self._patch(top, left)
        if self.operation == "sum":
            products = patch * self.kernel
            return Worked(top, left, patch, products, float(products.sum() + self.bias), value)
        # A function's layer works cell by cell, so there is nothing to add up: what it gave is its value.
        return Worked(top, left, patch, patch, float(patch.max()) if self.operation == "max" else value, value)

    def contributions(self) -> NDArray[np.float32]:
        """(S, H', W') what each input channel adds to each cell of the output; only of sums."""
        count, _, _ = self.inputs.shape
        height, width = self.outputs.shape
        reach = [self.dilation[axis] * (self.kernel.shape[axis + 1] - 1) + 1 for axis in (0, 1)]
        ends = [
            (cells - 1) * self.stride[axis] + reach[axis] - self.before[axis] - self.inputs.shape[axis + 1]
            for axis, cells in enumerate((height, width))
        ]
        # A negative end cuts off what no window reaches.
        padded = nn.functional.pad(torch.from_numpy(self.inputs)[None], (self.before[1], ends[1], self.before[0], ends[0]))
        weights = torch.from_numpy(self.kernel.astype(np.float32))[:, None]
        result = nn.functional.conv2d(padded, weights, stride=self.stride, dilation=self.dilation, groups=count)
        added: NDArray[np.float32] = result[0].numpy()
        return added

    def _patch(self, top: int, left: int) -> Values:
        _, height, width = self.inputs.shape
        rows = top + self.dilation[0] * np.arange(self.kernel.shape[1])
        columns = left + self.dilation[1] * np.arange(self.kernel.shape[2])
        inside = ((rows >= 0) & (rows < height))[:, None] & ((columns >= 0) & (columns < width))
        covered = self.inputs[:, rows.clip(0, height - 1)[:, None], columns.clip(0, width - 1)].astype(np.float64)
        return np.where(inside, covered, -np.inf if self.operation == "max" else 0.0)


def working_of(network: nn.Module, batch: Tensor, layer: str, channel: int) -> Working:
    """How one channel of a layer was made from the layer's input, for the first picture of the batch.

    Args:
        network: any network.
        batch: (N, C, H, W) preprocessed input.
        layer: its name.
        channel: of the layer's output.

    Raises:
        InspectionError: there is no such layer, or it does what can't be told as a window on its input.
        FitError: there is no such channel.
    """
    return working_in(call_of(network, batch, layer), channel)


def working_in(call: Call, channel: int) -> Working:
    """The same for a call of the layer that has been seen.

    Raises:
        InspectionError, FitError: as `working_of`.
    """
    given, gave = as_channels(call.given), as_channels(call.gave)
    if not 0 <= channel < len(gave):
        raise FitError(f"The layer has the channels 0 to {len(gave) - 1}; there is no channel {channel}.")
    rule = _rule(call.module, channel, given, gave)
    if rule is None:
        raise InspectionError("What this layer does with its input can't be shown as a window and a sum.")
    return Working(
        operation=rule.operation,
        channels=rule.channels,
        inputs=given[rule.channels],
        kernel=rule.kernel,
        bias=rule.bias,
        stride=rule.stride,
        before=rule.before,
        dilation=rule.dilation,
        ways=tuple(as_channels(way)[channel] for way in call.ways),
        outputs=gave[channel],
    )


_CELL_BY_CELL = (
    nn.ReLU,
    nn.ReLU6,
    nn.LeakyReLU,
    nn.PReLU,
    nn.ELU,
    nn.GELU,
    nn.SiLU,
    nn.Hardswish,
    nn.Sigmoid,
    nn.Tanh,
    nn.Identity,
    nn.Dropout,
    nn.Dropout2d,
)
"""Layers that make one number of one number, when the network is not being trained."""


@dataclass(frozen=True, eq=False)
class _Rule:
    """What a layer does for one of its channels; as in `Working`."""

    operation: Operation
    channels: NDArray[np.intp]
    kernel: Values
    bias: float = 0.0
    stride: Pair = (1, 1)
    before: Pair = (0, 0)
    dilation: Pair = (1, 1)


def _rule(module: nn.Module, channel: int, given: NDArray[np.float32], gave: NDArray[np.float32]) -> _Rule | None:
    """None for a layer that is none of what we know."""
    own = np.array([channel])
    if isinstance(module, nn.Conv2d):
        return _convolution(module, channel)
    if isinstance(module, nn.Linear) and given.shape[1:] == (1, 1):
        weights = _numbers(module.weight[channel])[:, None, None]
        return _Rule("sum", np.arange(len(weights)), weights, 0.0 if module.bias is None else module.bias[channel].item())
    if isinstance(module, nn.MaxPool2d | nn.AvgPool2d):
        return _pooling(module, own)
    if len(given) != len(gave):
        return None
    if gave.shape[1:] == (1, 1) and given.shape[1:] != (1, 1):
        # Global pooling, whatever it is called: checked, because a layer may do something else with the whole map.
        whole = np.full((1, *given.shape[1:]), 1 / given[0].size)
        mean = bool(np.allclose(given.mean((1, 2)), gave[:, 0, 0], rtol=1e-3, atol=1e-5))
        return _Rule("sum", own, whole) if mean else None
    if given.shape != gave.shape:
        return None
    if isinstance(module, _CELL_BY_CELL):
        return _Rule("function", own, np.ones((1, 1, 1)))
    line = _scale_and_shift(module, len(given), channel)
    return None if line is None else _Rule("sum", own, np.full((1, 1, 1), line[0]), line[1])


def _convolution(module: nn.Conv2d, channel: int) -> _Rule | None:
    if module.padding_mode != "zeros":
        return None
    group = channel // (module.out_channels // module.groups)
    per_group = module.in_channels // module.groups
    stride, dilation = _pair(module.stride), _pair(module.dilation)
    if isinstance(module.padding, str):
        before = tuple(
            Sliding(cells, padding="same" if module.padding == "same" else "none", dilation=apart).ends[0]
            for cells, apart in zip(_pair(module.kernel_size), dilation, strict=True)
        )
    else:
        before = _pair(module.padding)
    return _Rule(
        "sum",
        np.arange(group * per_group, (group + 1) * per_group),
        _numbers(module.weight[channel]),
        0.0 if module.bias is None else module.bias[channel].item(),
        stride,
        _pair(before),
        dilation,
    )


def _pooling(module: nn.MaxPool2d | nn.AvgPool2d, own: NDArray[np.intp]) -> _Rule | None:
    size, before = _pair(module.kernel_size), _pair(module.padding)
    stride = _pair(module.stride or module.kernel_size)
    if isinstance(module, nn.MaxPool2d):
        return _Rule("max", own, np.ones((1, *size)), stride=stride, before=before, dilation=_pair(module.dilation))
    if before != (0, 0) or module.ceil_mode or module.divisor_override:
        # Windows at the edge may be divided by another number than the others.
        return None
    return _Rule("sum", own, np.full((1, *size), 1 / (size[0] * size[1])), stride=stride)


def _scale_and_shift(module: nn.Module, channels: int, channel: int) -> tuple[float, float] | None:
    """The two numbers of a layer that multiplies and shifts whole channels; None for any other.

    Asked, not known: a frozen batch normalisation has many names.
    """
    own = next(module.parameters(recurse=False), None)
    if own is None:
        return None
    # Four numbers a channel: enough to see whether it is a line.
    asked = torch.tensor([0.0, 1.0, -1.0, 2.0], device=own.device)[:, None].repeat(1, channels)
    batch = asked if isinstance(module, nn.BatchNorm1d) else asked[:, :, None, None]
    try:
        with evaluating(module), torch.inference_mode():
            zero, one, minus, two = module(batch).reshape(4, -1)[:, channel].double().tolist()
    except (RuntimeError, IndexError):
        return None
    scale = (two - minus) / 3
    tolerance = 1e-4 * max(abs(scale), abs(zero), 1e-6)
    return (scale, zero) if abs(one - zero - scale) < tolerance and abs(zero - minus - scale) < tolerance else None


def as_channels(output: Tensor) -> NDArray[np.float32]:
    """(N, C, H, W) or (N, D) as (C, H, W) of the first picture; a vector's numbers are channels of one cell.

    Raises:
        InspectionError: another shape.
    """
    if output.ndim not in (2, 4):
        raise InspectionError(f"This layer works on {output.ndim - 1} dimensions, which can't be drawn.")
    first: NDArray[np.float32] = output[0].float().cpu().numpy()
    return first if first.ndim == 3 else first[:, None, None]


def _numbers(values: Tensor) -> Values:
    result: Values = values.detach().double().cpu().numpy()
    return result


def _pair(value: object) -> Pair:
    if isinstance(value, tuple | list):
        return (int(value[0]), int(value[-1]))
    assert isinstance(value, int)
    return (value, value)
