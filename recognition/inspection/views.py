"""What the feature-maps page shows of one picture, as one picture each: the same for a still one and for live video."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from recognition.alignment import CROP_SIZE
from recognition.inspection import drawing
from recognition.inspection.attribution import Method, class_maps, similarity_maps
from recognition.inspection.feature_maps import Maps, by_strength, feature_maps
from recognition.inspection.inspectable import Inspectable
from recognition.inspection.layers import Summary, summarise
from recognition.inspection.people import Candidate
from recognition.networks import Network
from recognition.pictures import Picture

Order = Literal["number", "strength"]

PER_PAGE = 32
SIDE = 160
"""Of one picture in a row of views, in pixels."""

SHARP = 64
"""Pictures up to this side, in pixels, are enlarged with sharp pixels."""


def summary_of(network: Inspectable) -> Summary:
    """The network's layers; they don't depend on the picture."""
    blank = np.zeros((1, CROP_SIZE, CROP_SIZE, 3), np.uint8)
    with network.exclusive() as module:
        return summarise(module, network.preprocess(blank))


def as_seen(network: Inspectable, crop: Picture) -> Picture:
    """What the network looks at of a crop, (h, w, 3) uint8 RGB: the picture that its maps and fields lie on."""
    seen: Picture = network.cut(crop[None])[0]
    return seen


def maps_of(network: Inspectable, crop: Picture, layer: str) -> Maps:
    """(C, H, W) the channels of a layer for a picture, (H, W, 3) uint8 RGB, such as an aligned face.

    Raises:
        InspectionError: no such layer, or its output can't be drawn.
    """
    with network.exclusive() as module:
        return feature_maps(module, network.preprocess(crop[None]), layer)


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
