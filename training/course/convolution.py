"""Convolution and pooling on pictures and small number grids, whole or one window at a time.

"Convolution" is meant as in networks: cross-correlation, S(i, j) = Σₘ Σₙ I(i+m, j+n) K(m, n), summed over
channels, plus a bias. The computing is torch's own, in float64, so that what is shown is what a network does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from recognition.inspection.errors import FitError, InspectionError
from recognition.inspection.sliding_window import Sliding
from recognition.pictures import Picture

Grid = NDArray[np.float64]
"""(H, W) or (H, W, C) float64: a small matrix of numbers, a picture or a feature map."""

Pooling = Literal["max", "average", "min"]

MAX_KERNEL = 15
"""Largest side of a kernel that a person edits; larger ones are slow in the page and say nothing more."""


class KernelError(InspectionError):
    """A kernel or number grid that is not a rectangle of finite numbers."""


def _kernel(*rows: Sequence[float], scale: float = 1.0) -> Grid:
    values = np.array(rows, dtype=np.float64) * scale
    values.setflags(write=False)
    return values


KERNELS: Mapping[str, Grid] = MappingProxyType(
    {
        "Identity": _kernel([0, 0, 0], [0, 1, 0], [0, 0, 0]),
        "Edge (diagonal)": _kernel([1, 0, -1], [0, 0, 0], [-1, 0, 1]),
        "Laplacian": _kernel([0, 1, 0], [1, -4, 1], [0, 1, 0]),
        "Edge (all directions)": _kernel([-1, -1, -1], [-1, 8, -1], [-1, -1, -1]),
        "Vertical edge": _kernel([1, 0, -1], [1, 0, -1], [1, 0, -1]),
        "Sobel x": _kernel([1, 0, -1], [2, 0, -2], [1, 0, -1]),
        "Sobel y": _kernel([1, 2, 1], [0, 0, 0], [-1, -2, -1]),
        "Sharpen": _kernel([0, -1, 0], [-1, 5, -1], [0, -1, 0]),
        "Box blur": _kernel([1, 1, 1], [1, 1, 1], [1, 1, 1], scale=1 / 9),
        "Gaussian blur": _kernel([1, 2, 1], [2, 4, 2], [1, 2, 1], scale=1 / 16),
        "Box blur 5×5": _kernel(*([1] * 5,) * 5, scale=1 / 25),
        "Gaussian blur 5×5": _kernel(
            [1, 4, 6, 4, 1],
            [4, 16, 24, 16, 4],
            [6, 24, 36, 24, 6],
            [4, 16, 24, 16, 4],
            [1, 4, 6, 4, 1],
            scale=1 / 256,
        ),
        "Cross": _kernel([1, 0, 1], [0, 1, 0], [1, 0, 1]),
    }
)
"""The course's kernels by name. Sobel has the course's sign: bright on the left gives a positive answer."""


def parse_grid(rows: Any, what: str = "kernel") -> Grid:
    """Rows of numbers, as a person typed them, as a grid.

    Args:
        rows: anything numpy can read as rows; texts that are numbers count as numbers.
        what: how to call it in the error message.

    Raises:
        KernelError: letters, empty cells, NaN, infinity, or rows of different length.
    """
    try:
        values = np.array([[float(cell) for cell in row] for row in rows], dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise KernelError(f"Every cell of the {what} must be a number, and all rows equally long.") from error
    if values.ndim != 2 or values.size == 0:
        raise KernelError(f"The {what} must have rows and columns.")
    if not np.isfinite(values).all():
        raise KernelError(f"A cell of the {what} is empty, infinite or NaN. Type a number there.")
    return values


def parse_kernel(rows: Any) -> Grid:
    """A square kernel, as a person typed it; see `parse_grid`.

    Raises:
        KernelError: not numbers, not square, or larger than `MAX_KERNEL`.
    """
    kernel = parse_grid(rows)
    if kernel.shape[0] != kernel.shape[1]:
        raise KernelError(f"The kernel must be square, not {kernel.shape[0]}×{kernel.shape[1]}.")
    if len(kernel) > MAX_KERNEL:
        raise KernelError(f"The kernel may be at most {MAX_KERNEL} cells wide, not {len(kernel)}.")
    return kernel


def resized_kernel(kernel: Grid, side: int) -> Grid:
    """The same kernel with a border of zeros added or cut, so that it is `side` × `side`, for odd sides."""
    grow = (side - len(kernel)) // 2
    return np.pad(kernel, grow) if grow >= 0 else kernel[-grow:grow, -grow:grow]


def random_kernel(side: int, seed: int) -> Grid:
    """A kernel as an untrained network starts with: uniform within ±1/f, torch's range for one channel."""
    return np.random.default_rng(seed).uniform(-1 / side, 1 / side, (side, side))


def convolve(grid: Grid, kernel: Grid, window: Sliding | None = None, bias: float = 0.0) -> Grid:
    """Slide the kernel over the grid.

    Args:
        grid: (H, W) or (H, W, C).
        kernel: (f, f), or (f, f, C) with one slice per channel; channels add up.
        window: stride, padding and dilation; plain by default. Its kernel size must be the kernel's.
        bias: added to every sum.

    Returns:
        (H', W') float64.

    Raises:
        FitError: the kernel does not fit the grid or its channels.
    """
    window = _window_for(kernel, window)
    depth_grid, depth_kernel = _with_channels(grid, kernel)
    padded = functional.pad(_as_batch(depth_grid), window.ends * 2)
    for side in grid.shape[:2]:
        window.positions(side)
    weights = torch.tensor(depth_kernel, dtype=torch.float64).permute(2, 0, 1)[None]
    offset = torch.tensor([bias], dtype=torch.float64)
    result = functional.conv2d(padded, weights, offset, stride=window.stride, dilation=window.dilation)
    return _as_grid(result)


@dataclass(frozen=True)
class Step:
    """One position of the sliding window.

    Attributes:
        top, left: first cell of the window in the grid; negative inside the padding.
        patch: (f, f, C) what the window covers, zeros for padding.
        products: (f, f, C) patch times kernel, cell by cell.
        sums: (C,) the sum of the products of each channel.
        bias: added once.
        total: the output cell, sums plus bias.
    """

    top: int
    left: int
    patch: Grid
    products: Grid
    sums: NDArray[np.float64]
    bias: float

    @property
    def total(self) -> float:
        return float(self.sums.sum() + self.bias)


def step(grid: Grid, kernel: Grid, row: int, column: int, window: Sliding | None = None, bias: float = 0.0) -> Step:
    """What happens at the output cell (row, column); arguments as for `convolve`.

    Raises:
        FitError: the kernel does not fit, or there is no such output cell.
    """
    window = _window_for(kernel, window)
    depth_grid, depth_kernel = _with_channels(grid, kernel)
    rows, columns = (window.positions(side) for side in grid.shape[:2])
    if not (0 <= row < rows and 0 <= column < columns):
        raise FitError(f"The output has {rows}×{columns} cells; there is no cell ({row}, {column}).")
    padded = np.pad(depth_grid, (window.ends, window.ends, (0, 0)))
    top, left = row * window.stride, column * window.stride
    reach = slice(0, window.reach, window.dilation)
    patch = padded[top:, left:][reach, reach]
    products = patch * depth_kernel
    return Step(top - window.ends[0], left - window.ends[0], patch, products, products.sum((0, 1)), bias)


def measured(height: int, width: int, channels: int, filters: int, window: Sliding) -> tuple[tuple[int, int, int], int]:
    """What torch's own layer gives, to check the formulas by.

    Returns:
        Output height, width and channels; number of parameters.

    Raises:
        FitError: the window does not fit.
    """
    for side in (height, width):
        window.positions(side)
    # On torch's meta device there are shapes but no numbers: any size is free.
    with torch.device("meta"):
        layer = torch.nn.Conv2d(channels, filters, window.kernel, window.stride, dilation=window.dilation)
        padded = functional.pad(torch.zeros(1, channels, height, width), window.ends * 2)
        shape = layer(padded).shape
    return (shape[2], shape[3], shape[1]), sum(parameter.numel() for parameter in layer.parameters())


def relu(grid: Grid) -> Grid:
    """max(0, x), cell by cell."""
    return np.maximum(grid, 0.0)


def pool(grid: Grid, size: int, stride: int | None = None, kind: Pooling = "max") -> Grid:
    """Pooling of each channel on its own.

    Args:
        grid: (H, W) or (H, W, C).
        size: side of the window, in cells.
        stride: step, in cells; the size by default, so that windows don't overlap.
        kind: what each window answers.

    Returns:
        (H', W') or (H', W', C) float64.

    Raises:
        FitError: the window does not fit.
    """
    window = Sliding(size, size if stride is None else stride)
    for side in grid.shape[:2]:
        window.positions(side)
    batch = _as_batch(grid if grid.ndim == 3 else grid[:, :, None])
    if kind == "average":
        result = functional.avg_pool2d(batch, size, window.stride)
    elif kind == "max":
        result = functional.max_pool2d(batch, size, window.stride)
    else:
        # torch has no min-pooling: the smallest value is minus the largest negated one.
        result = -functional.max_pool2d(-batch, size, window.stride)
    values: Grid = result[0].permute(1, 2, 0).numpy()
    return values if grid.ndim == 3 else values[:, :, 0]


def unit_grid(picture: Picture) -> Grid:
    """(H, W, 3) uint8 RGB as floats from 0 to 1, as a network gets it."""
    return picture.astype(np.float64) / 255.0


def grey(picture: Picture) -> Grid:
    """(H, W, 3) uint8 RGB as (H, W) brightness from 0 to 1 (ITU-R BT.601 weights)."""
    brightness: Grid = unit_grid(picture) @ np.array([0.299, 0.587, 0.114])
    return brightness


def filter_picture(picture: Picture, kernel: Grid, window: Sliding | None = None, *, colour: bool = False) -> Grid:
    """A picture through one kernel, scaled to 0 to 1 before.

    Args:
        picture: (H, W, 3) uint8 RGB.
        kernel: (f, f).
        window: as for `convolve`; "same" padding by default.
        colour: filter R, G and B each on its own, as photo programs do, instead of the brightness.

    Returns:
        (H', W') float64, or (H', W', 3) with colour. Not limited to 0 to 1.
    """
    window = window or Sliding(len(kernel), padding="same")
    if not colour:
        return convolve(grey(picture), kernel, window)
    values = unit_grid(picture)
    return np.stack([convolve(values[:, :, channel], kernel, window) for channel in range(3)], axis=2)


def translate(picture: Picture, right: int, down: int) -> Picture:
    """The picture moved by some pixels; the uncovered border repeats the edge, so that no new line appears.

    Raises:
        FitError: moved by more than its own size.
    """
    height, width = picture.shape[:2]
    if abs(right) >= width or abs(down) >= height:
        raise FitError(f"A picture of {width}×{height} can't be moved by {right} and {down} pixels.")
    rows = np.clip(np.arange(height) - down, 0, height - 1)
    columns = np.clip(np.arange(width) - right, 0, width - 1)
    return picture[rows[:, None], columns]


@dataclass(frozen=True)
class Moved:
    """A map before and after its picture was moved.

    Attributes:
        name: which map.
        before, after: (H, W) float64.
        likeness: cosine of the two, -1 to 1; 1 when the move changed nothing.
    """

    name: str
    before: Grid
    after: Grid
    likeness: float


def moved_maps(picture: Picture, kernel: Grid, right: int, down: int, poolings: int = 3) -> tuple[Moved, ...]:
    """The translation demo: a picture and itself moved, through kernel, ReLU and several 2×2 max-poolings.

    Args:
        picture: (H, W, 3) uint8 RGB.
        kernel: (f, f).
        right, down: the move, in pixels.
        poolings: how many 2×2 poolings to show, fewer where the map gets too small.

    Returns:
        The map after ReLU, then after each pooling.
    """
    # Without padding: the edge between picture and zeros does not move, and would make any two maps alike.
    window = Sliding(len(kernel))
    before = relu(filter_picture(picture, kernel, window))
    after = relu(filter_picture(translate(picture, right, down), kernel, window))
    stages = [_moved("after ReLU", before, after)]
    for number in range(1, poolings + 1):
        if min(before.shape) < 4:
            break
        before, after = pool(before, 2), pool(after, 2)
        stages.append(_moved(f"after {number} pooling" + ("s" if number > 1 else ""), before, after))
    return tuple(stages)


def _moved(name: str, before: Grid, after: Grid) -> Moved:
    norm = float(np.linalg.norm(before) * np.linalg.norm(after))
    # Two empty maps are alike: nothing was there and nothing is.
    return Moved(name, before, after, float((before * after).sum() / norm) if norm > 0 else 1.0)


def _window_for(kernel: Grid, window: Sliding | None) -> Sliding:
    if window is None:
        return Sliding(len(kernel))
    if window.kernel != len(kernel):
        raise FitError(f"The window is {window.kernel} wide, its kernel {len(kernel)}.")
    return window


def _with_channels(grid: Grid, kernel: Grid) -> tuple[Grid, Grid]:
    depth_grid = grid if grid.ndim == 3 else grid[:, :, None]
    depth_kernel = kernel if kernel.ndim == 3 else kernel[:, :, None]
    if depth_grid.shape[2] != depth_kernel.shape[2]:
        raise FitError(
            f"The grid has {depth_grid.shape[2]} channels, the kernel {depth_kernel.shape[2]}: "
            "a kernel needs one slice per channel."
        )
    return depth_grid, depth_kernel


def _as_batch(grid: Grid) -> Tensor:
    return torch.tensor(grid, dtype=torch.float64).permute(2, 0, 1)[None]


def _as_grid(result: Tensor) -> Grid:
    values: Grid = result[0, 0].numpy()
    return values


def parameter_count(filters: int, kernel: int, channels: int) -> int:
    """What a convolution has to learn: filters · (kernel · kernel · channels in), and one bias a filter."""
    return filters * kernel * kernel * channels + filters
