"""What is looked into: a network and the picture that it answers to, and the layer and channel of it in the address."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import streamlit as st

from pages.components.keyed import choose_key
from pages.components.panels import bound, inputs
from recognition.inspection.errors import NotAnImageError
from recognition.inspection.inspectable import Inspectable
from recognition.inspection.layers import Layer, Summary
from recognition.inspection.touch import Touched
from recognition.inspection.views import Order, as_seen
from recognition.pictures import Picture

ORDERS: dict[str, Order] = {"Number": "number", "Strength": "strength"}

LookedAt = TypeVar("LookedAt", bound=Inspectable, covariant=True)

Panel = Callable[[], None]


@dataclass(frozen=True, eq=False)
class Subject(Generic[LookedAt]):
    """A network with its layers."""

    network: LookedAt
    summary: Summary

    def seen(self, shown: "Shown") -> Picture:
        """What the network looks at of the picture: what its maps belong over."""
        return as_seen(self.network, shown.crop)

    @property
    def has_maps(self) -> bool:
        """Whether any layer has maps."""
        return any(layer.is_map for layer in self.summary.layers)

    def needs_maps(self) -> None:
        """For panels that show maps.

        Raises:
            NotAnImageError: the network has none at all.
        """
        if not self.has_maps:
            raise NotAnImageError(
                "This network has no feature maps: its dense layers take all pixels as one row of numbers, without height "
                "and width. What they have learned is under Kernels."
            )


@dataclass(frozen=True, eq=False)
class Shown:
    """The picture that is looked at, (H, W, 3) uint8 RGB; of a face crop a network looks at a part, `Subject.seen`."""

    crop: Picture


def choose_layer(summary: Summary) -> Layer:
    """The input for the layer; the panels share what is chosen."""
    layers = {layer.name: layer for layer in summary.layers}
    # A convolution, if there is one: its sums are what there is to be seen.
    first = next((layer for layer in summary.layers if layer.parameters), summary.layers[0])
    titles = {name: layer.label for name, layer in layers.items()}
    return layers[choose_key("Layer", titles, first.name, "layer", width=330)]


def choose_touched(summary: Summary) -> Touched:
    """The inputs for what is looked at closely; the channel is chosen by its tile and stands in the address."""
    with inputs():
        layer = choose_layer(summary)
        order = ORDERS[st.segmented_control("Channels by", list(ORDERS), default="Number", required=True, **bound("order"))]
    return Touched(layer.name, whole_number("channel"), order)


def whole_number(key: str) -> int | None:
    """A number from 0 in the address; None where there is none."""
    text = st.query_params.get(key, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else None


def choose_source(sources: Sequence[str]) -> str:
    """The input for where the picture comes from."""
    if st.session_state.get("source") not in sources:
        # Chosen for a network that looks at other pictures.
        st.session_state.pop("source", None)
    return str(st.segmented_control("Picture", sources, default=sources[0], required=True, **bound("source")))
