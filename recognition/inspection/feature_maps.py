"""The activations of a layer, its kernels, and what changes in them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from recognition.inspection import drawing
from recognition.inspection.errors import FitError, InspectionError, NotAnImageError
from recognition.inspection.hooks import module_named, outputs_of
from recognition.inspection.layers import Layer, Summary
from recognition.pictures import Picture

Maps = NDArray[np.float32]
"""(C, H, W) float32: the channels of one layer for one picture."""


def feature_maps(network: nn.Module, batch: Tensor, name: str) -> Maps:
    """The channels of one layer for the first picture of the batch.

    Raises:
        InspectionError: there is no such layer.
        NotAnImageError: its output can't be drawn: a vector, or maps of a single cell.
    """
    return as_maps(outputs_of(network, batch, [name])[name], name)


def as_maps(output: Tensor, name: str) -> Maps:
    """(N, C, H, W) as the maps of the first picture.

    Raises:
        NotAnImageError: another shape, or 1×1.
    """
    if output.ndim != 4:
        raise NotAnImageError(
            f"Layer {name} gives {' × '.join(map(str, output.shape[1:]))} numbers without height and width: "
            "dense and flatten layers have no feature maps. Choose a convolution, ReLU or pooling layer."
        )
    if output.shape[2:] == (1, 1):
        raise NotAnImageError(
            f"Each of the {output.shape[1]} channels of layer {name} is a single number (1×1): "
            "nothing is left to draw. Choose an earlier layer."
        )
    maps: Maps = output[0].float().cpu().numpy()
    return maps


def strengths(maps: Maps) -> NDArray[np.float32]:
    """(C,) mean magnitude of each channel: how strongly it reacts to this picture."""
    result: NDArray[np.float32] = np.abs(maps).mean((1, 2))
    return result


def by_strength(maps: Maps) -> NDArray[np.intp]:
    """(C,) channel numbers, strongest first."""
    return np.argsort(-strengths(maps), kind="stable")


def page_of(channels: NDArray[np.intp], page: int, size: int) -> NDArray[np.intp]:
    """The channels of one page, pages from 0: how layers of 2,048 channels stay readable.

    Raises:
        FitError: there is no such page.
    """
    pages = pages_of(len(channels), size)
    if not 0 <= page < pages:
        raise FitError(f"There are {pages} pages of {size} channels; there is no page {page + 1}.")
    return channels[page * size : (page + 1) * size]


def pages_of(channels: int, size: int) -> int:
    """How many pages of `size` channels there are."""
    if size < 1:
        raise FitError("A page shows at least 1 channel.")
    return max(1, -(-channels // size))


def draw_maps(
    maps: Maps,
    channels: Iterable[int],
    *,
    columns: int = 8,
    side: int = 74,
    palette: drawing.Palette = "viridis",
    shared: bool = False,
    numbered: bool = False,
) -> Picture:
    """Channels as a grid of pictures.

    Args:
        maps: (C, H, W).
        channels: which ones, in drawing order.
        columns: pictures in a row.
        side: longer side of one picture, in pixels.
        palette: the colours.
        shared: one colour scale for all, so that strong channels outshine weak ones; else each has its own.
        numbered: write each channel's number into its corner.

    Returns:
        One RGB picture.
    """
    numbers = list(channels)
    chosen = maps[numbers]
    limits = None
    if shared and chosen.size:
        top = float(np.abs(chosen).max())
        limits = (-top, top) if palette == "signed" else (float(chosen.min()), float(chosen.max()))
    cells = [drawing.enlarge(drawing.colourise(channel, palette, limits), side) for channel in chosen]
    if numbered:
        cells = [drawing.with_number(cell, int(number)) for cell, number in zip(cells, numbers, strict=True)]
    return drawing.tile(cells, columns)


def after_relu(maps: Maps) -> Maps:
    """max(0, x)."""
    return np.maximum(maps, np.float32(0))


def after_pooling(maps: Maps, size: int = 2) -> Maps:
    """Max-pooling of `size` × `size`.

    Raises:
        FitError: the maps are smaller than the window.
    """
    if min(maps.shape[1:]) < size:
        raise FitError(f"Maps of {maps.shape[1]}×{maps.shape[2]} are too small for {size}×{size} pooling.")
    pooled: Maps = nn.functional.max_pool2d(torch.from_numpy(maps)[None], size)[0].numpy()
    return pooled


@dataclass(frozen=True)
class Seen:
    """What one activation sees.

    Attributes:
        value: the activation.
        box: x1, y1, x2, y2 (one past the last) on the picture, in its pixels.
        field: uncut height and width of the receptive field, in pixels of a picture of the summary's `field_size`.
    """

    value: float
    box: tuple[int, int, int, int]
    field: tuple[int, int]


def seen_by(layer: Layer, maps: Maps, channel: int, row: int, column: int, shown: Picture, field_size: tuple[int, int]) -> Seen:
    """The pixels of a picture that one activation depends on.

    Args:
        layer: from the network's summary.
        maps: (C, H, W), the layer's maps.
        channel, row, column: the activation.
        shown: (H, W, 3) uint8 RGB, what the network took, perhaps at another size.
        field_size: from the network's summary.

    Raises:
        FitError: there is no such activation.
        InspectionError: the layer's output does not depend on the picture.
    """
    channels, height, width = maps.shape
    if not (0 <= channel < channels and 0 <= row < height and 0 <= column < width):
        raise FitError(f"The layer has {height}×{width}×{channels} activations; ({row}, {column}, {channel}) is outside.")
    if layer.field is None:
        raise InspectionError(f"The output of layer {layer.name} does not depend on the picture.")
    x1, y1, x2, y2 = layer.field.box(row, column, *field_size)
    down, across = shown.shape[0] / field_size[0], shown.shape[1] / field_size[1]
    box = (int(x1 * across), int(y1 * down), int(np.ceil(x2 * across)), int(np.ceil(y2 * down)))
    return Seen(float(maps[channel, row, column]), box, layer.field.size)


def kernel_pictures(network: nn.Module, name: str, *, limit: int = 64, input_channel: int | None = None) -> list[Picture]:
    """The learned kernels of a convolution, small and sharp.

    Args:
        network: any network.
        name: a convolution.
        limit: how many filters at most.
        input_channel: which slice of each kernel to show, in blue and red; without it, three-channel kernels
            come in colour (middle grey is zero) and deeper ones as their mean over the input channels.

    Returns:
        One (f, f, 3) uint8 RGB picture a filter.

    Raises:
        NotAnImageError: the layer has no kernels, or kernels of a single cell.
        FitError: there is no such input channel.
    """
    module = module_named(network, name)
    if not isinstance(module, nn.Conv2d):
        raise NotAnImageError(f"Layer {name} is no convolution and has no kernels to show.")
    weights: Maps = module.weight.detach()[:limit].float().cpu().numpy()
    if weights.shape[2:] == (1, 1):
        raise NotAnImageError(f"The kernels of layer {name} are 1×1: they mix channels and have no shape to show.")
    if input_channel is None and weights.shape[1] == 3:
        return _in_colour(weights)
    if input_channel is None:
        slices = weights.mean(1)
    elif 0 <= input_channel < weights.shape[1]:
        slices = weights[:, input_channel]
    else:
        raise FitError(f"Layer {name} has {weights.shape[1]} input channels; there is no channel {input_channel}.")
    return [drawing.colourise(kernel, "signed") for kernel in slices]


def looks_at_pixels(layer: Layer, summary: Summary) -> bool:
    """Whether it is a dense layer that takes the pixels themselves: then its weights are pictures too."""
    before = summary.layers[: summary.layers.index(layer)]
    return layer.kind == "Linear" and all(other.kind in ("Flatten", "Dropout", "Identity") for other in before)


def template_pictures(network: nn.Module, name: str, input_shape: tuple[int, int, int], *, limit: int = 64) -> list[Picture]:
    """The weights of a dense layer on raw pixels, a picture for each unit: what it takes for or against.

    Args:
        network: any network.
        name: a dense layer whose input is the picture's pixels, see `looks_at_pixels`.
        input_shape: height, width and channels of the picture.
        limit: how many units at most.

    Returns:
        One (height, width, 3) uint8 RGB picture a unit: of grey pictures red for, blue against, white for neither; of
        colour pictures in colour, middle grey for neither.

    Raises:
        NotAnImageError: the layer is not dense, or takes something else than the pixels.
    """
    module = module_named(network, name)
    height, width, channels = input_shape
    if not isinstance(module, nn.Linear) or module.in_features != height * width * channels:
        raise NotAnImageError(f"The weights of layer {name} don't belong to pixels: they can't be drawn as pictures.")
    weights: Maps = module.weight.detach()[:limit].float().cpu().numpy().reshape(-1, channels, height, width)
    if channels == 3:
        return _in_colour(weights)
    return [drawing.colourise(unit.mean(0), "signed") for unit in weights]


def _in_colour(weights: Maps) -> list[Picture]:
    """(N, 3, H, W) as N colour pictures, zero as middle grey, each with its own scale."""
    tops = np.abs(weights).max((1, 2, 3), keepdims=True)
    scaled = weights / np.where(tops > 0, tops, 1) / 2
    return [drawing.as_picture(one.transpose(1, 2, 0), centre=0.5) for one in scaled]


@dataclass(frozen=True)
class Changed:
    """How far two versions of a layer differ on the same picture.

    Attributes:
        channels: (C,) channel numbers, the most changed first.
        amounts: (C,) change of each channel by its number: mean |after − before| over mean magnitude, 0 is
            unchanged.
    """

    channels: NDArray[np.intp]
    amounts: NDArray[np.float32]


def changed(before: Maps, after: Maps) -> Changed:
    """Compare the same layer of an untuned and a tuned network.

    Raises:
        FitError: the layers differ in shape.
    """
    if before.shape != after.shape:
        raise FitError(f"The layers differ: {before.shape} before, {after.shape} after.")
    scale = (np.abs(before) + np.abs(after)).mean((1, 2)) / 2
    amounts = np.abs(after - before).mean((1, 2)) / np.maximum(scale, np.float32(1e-12))
    return Changed(np.argsort(-amounts, kind="stable"), amounts.astype(np.float32))


@dataclass(frozen=True)
class Stage:
    """One step of the way from edges to the answer: a layer and its strongest channels' maps, (k, H, W)."""

    layer: Layer
    maps: Maps


def depth_strip(network: nn.Module, batch: Tensor, layers: Iterable[Layer], *, stages: int = 6, top: int = 3) -> list[Stage]:
    """First layers against last layers on one picture: evenly spaced drawable layers with their strongest
    channels.

    Args:
        network: the network that was summarised.
        batch: (1, C, H, W) preprocessed input.
        layers: its layers, in order.
        stages: how many layers.
        top: how many channels of each.
    """
    drawable = [layer for layer in layers if layer.is_map]
    # ReLU outputs are what the next layer gets; without any, take what there is.
    drawable = [layer for layer in drawable if layer.kind in ("ReLU", "ReLU6", "PReLU")] or drawable
    if not drawable:
        raise NotAnImageError("No layer of this network gives maps that can be drawn.")
    numbers = np.unique(np.linspace(0, len(drawable) - 1, stages).round().astype(int))
    chosen = [drawable[number] for number in numbers]
    outputs = outputs_of(network, batch, [layer.name for layer in chosen])
    strip = []
    for layer in chosen:
        maps = as_maps(outputs[layer.name], layer.name)
        strip.append(Stage(layer, maps[by_strength(maps)[:top]]))
    return strip
