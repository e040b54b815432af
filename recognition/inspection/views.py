"""What the feature-maps page shows of one picture, as one picture each: the same for a still one and for live video."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from recognition.alignment import CROP_SIZE
from recognition.inspection import drawing
from recognition.inspection.attribution import Method, class_maps, similarity_maps
from recognition.inspection.errors import FitError
from recognition.inspection.feature_maps import (
    Maps,
    Stage,
    after_pooling,
    after_relu,
    by_strength,
    depth_strip,
    draw_maps,
    feature_maps,
    page_of,
)
from recognition.inspection.inspectable import Inspectable
from recognition.inspection.layers import Layer, Summary, summarise
from recognition.inspection.people import Candidate
from recognition.networks import Network
from recognition.pictures import Picture

Show = Literal["grid", "channel", "depth", "why"]
Order = Literal["number", "strength"]

PER_PAGE = 32
COLUMNS = 8
SIDE = 160
"""Of one picture in a row of views, in pixels."""

SHARP = 64
"""Pictures up to this side, in pixels, are enlarged with sharp pixels."""


@dataclass(frozen=True)
class View:
    """What to show.

    Attributes:
        layer: name of the layer.
        show: all channels, one channel, the way from first to last layer, or why this name.
        order: channels by their number or the strongest first.
        page: which page of `PER_PAGE` channels, from 0.
        channel: which channel, for `channel`.
        method: for `why`.
    """

    layer: str
    show: Show = "grid"
    order: Order = "number"
    page: int = 0
    channel: int = 0
    method: Method = "layercam"


def summary_of(network: Inspectable) -> Summary:
    """The network's layers; they don't depend on the picture."""
    blank = np.zeros((1, CROP_SIZE, CROP_SIZE, 3), np.uint8)
    with network.exclusive() as module:
        return summarise(module, network.preprocess(blank))


def maps_of(network: Inspectable, crop: Picture, layer: str) -> Maps:
    """(C, H, W) the channels of a layer for a picture, (H, W, 3) uint8 RGB, such as an aligned face.

    Raises:
        InspectionError: no such layer, or its output can't be drawn.
    """
    with network.exclusive() as module:
        return feature_maps(module, network.preprocess(crop[None]), layer)


def stages_of(network: Inspectable, crop: Picture, layers: Sequence[Layer]) -> list[Stage]:
    """First layers to last on one picture.

    Raises:
        NotAnImageError: the network has no layer that can be drawn.
    """
    with network.exclusive() as module:
        return depth_strip(module, network.preprocess(crop[None]), layers)


def heats_of(network: Network, crop: Picture, people: Sequence[Candidate], layer: str, method: Method) -> NDArray[np.float32]:
    """(P, h, w) where the face resembles each person, 0 to 1.

    Raises:
        InspectionError: the layer has no maps.
    """
    templates = np.stack([person.template for person in people])
    with network.exclusive() as module:
        return similarity_maps(module, network.preprocess(crop[None]), templates, layer, method)


def class_heats_of(
    network: Inspectable, crop: Picture, classes: Sequence[int], layer: str, method: Method
) -> NDArray[np.float32]:
    """(K, h, w) what speaks for each class, 0 to 1; `network` gives a logit for each class.

    Raises:
        InspectionError: the layer has no maps.
    """
    with network.exclusive() as module:
        return class_maps(module, network.preprocess(crop[None]), classes, layer, method)


def ordered(maps: Maps, order: Order) -> NDArray[np.intp]:
    """Channel numbers in the order they are shown."""
    return by_strength(maps) if order == "strength" else np.arange(len(maps))


def draw_grid(maps: Maps, order: Order, page: int) -> Picture:
    """One page of channels, each with its number.

    Raises:
        FitError: there is no such page.
    """
    return draw_maps(maps, page_of(ordered(maps, order), page, PER_PAGE), columns=COLUMNS, numbered=True)


def channel_pictures(crop: Picture, maps: Maps, channel: int) -> dict[str, Picture]:
    """One channel over the picture, by itself, after ReLU and after pooling, by title.

    One scale of colours for all of them: what ReLU sets to zero is seen as zero.

    Raises:
        FitError: there is no such channel.
    """
    if not 0 <= channel < len(maps):
        raise FitError(f"This layer has the channels 0 to {len(maps) - 1}; there is no channel {channel}.")
    values = maps[channel : channel + 1]
    positive = after_relu(values)
    top = max(float(np.abs(values).max()), 1e-9)
    pictures = {
        "Over the picture": drawing.overlay(crop, np.abs(values[0]) / top, 0.8),
        "The channel": drawing.colourise(values[0], "signed", (-top, top)),
        "After ReLU": drawing.colourise(positive[0], "signed", (-top, top)),
    }
    if min(values.shape[1:]) >= 2:
        pictures["After 2×2 max-pooling"] = drawing.colourise(after_pooling(positive)[0], "signed", (-top, top))
    return pictures


def draw_stages(stages: Sequence[Stage]) -> Picture:
    """A column for each stage, its strongest channels below each other."""
    columns = [
        drawing.tile([drawing.enlarge(drawing.colourise(channel), SIDE) for channel in stage.maps], 1) for stage in stages
    ]
    return drawing.tile(columns, len(columns), gap=6)


def draw_row(pictures: Sequence[Picture]) -> Picture:
    """Pictures of any size beside each other."""
    return drawing.tile([drawing.enlarge(picture, SIDE) for picture in pictures], len(pictures), gap=6)


def large(picture: Picture, side: int) -> Picture:
    """A picture enlarged to be looked at: photos smoothly, small ones with their pixels to be seen as squares."""
    return drawing.enlarge(picture, side, smooth=min(picture.shape[:2]) > SHARP)


def draw_heats(crop: Picture, heats: NDArray[np.float32]) -> Picture:
    """The face, then what speaks for each person."""
    face = large(crop, 2 * SIDE)
    return drawing.tile([face, *(drawing.overlay(face, heat, 0.75) for heat in heats)], len(heats) + 1, gap=6)


def draw_difference(crop: Picture, one: drawing.Map, other: drawing.Map, side: int) -> Picture:
    """Where one heat map is above the other (red) and below it (blue), over the picture in grey; `side` in pixels."""
    face = large(crop, side)
    grey = face.mean(axis=2, keepdims=True)
    colours = drawing.enlarge(drawing.colourise(one - other, "signed"), side, smooth=True)
    return np.asarray(np.round(0.35 * grey + 0.65 * colours), dtype=np.uint8)


def embed_one(network: Network, crop: Picture) -> NDArray[np.float32]:
    """(D,) the unit embedding that faces are compared by."""
    vector: NDArray[np.float32] = network.embed(crop[None], mirrored=True)[0]
    return vector
