"""What is looked into: a network's layer and channels, and the picture that they answer to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import streamlit as st

from pages.components.keyed import choose_key
from pages.components.panels import bound, inputs
from recognition.inspection.errors import NotAnImageError
from recognition.inspection.feature_maps import pages_of
from recognition.inspection.inspectable import Inspectable
from recognition.inspection.layers import Layer, Summary
from recognition.inspection.views import PER_PAGE, Order
from recognition.pictures import Picture

ORDERS: dict[str, Order] = {"Number": "number", "Strength": "strength"}

Looked = TypeVar("Looked", bound=Inspectable)
LookedAt = TypeVar("LookedAt", bound=Inspectable, covariant=True)

Panel = Callable[[], None]


@dataclass(frozen=True, eq=False)
class Subject(Generic[LookedAt]):
    """A network with its layers, and the layer and channels that are looked at."""

    network: LookedAt
    summary: Summary
    layer: Layer
    order: Order
    page: int
    channel: int

    def seen(self, shown: "Shown") -> Picture:
        """What the network looks at of the picture: what its maps belong over."""
        return self.network.cut(shown.crop[None])[0]

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


def choose_subject(network: Looked, summary: Summary) -> Subject[Looked]:
    """The inputs for layer and channels."""
    with inputs():
        layer = _choose_layer(summary)
        order = ORDERS[st.segmented_control("Channels by", list(ORDERS), default="Number", required=True, **bound("order"))]
        page, channel = _choose_channels(layer)
    return Subject(network, summary, layer, order, page, channel)


def _choose_layer(summary: Summary) -> Layer:
    layers = {layer.name: layer for layer in summary.layers}
    drawable = [layer for layer in summary.layers if layer.is_map]
    learned = [layer for layer in summary.layers if layer.parameters]
    first = next((layer for layer in drawable if layer.kind == "ReLU"), (drawable or learned or summary.layers)[0])
    titles = {name: layer.label for name, layer in layers.items()}
    return layers[choose_key("Layer", titles, first.name, "layer", width=300)]


def _choose_channels(layer: Layer) -> tuple[int, int]:
    """The page of the grid, from 0, and the one channel that is looked at closely."""
    channels = layer.shape[0] if layer.is_map else 1
    pages = pages_of(channels, PER_PAGE)
    _clamp("page", 1, pages)
    _clamp("channel", 0, channels - 1)
    page = st.number_input(f"Page, 1 to {pages}", 1, pages, 1, width=135, disabled=pages == 1, **bound("page"))
    channel = st.number_input(
        f"Channel, 0 to {channels - 1}", 0, max(channels - 1, 1), 0, width=135, disabled=channels == 1, **bound("channel")
    )
    return int(page) - 1, min(int(channel), channels - 1)


def _clamp(key: str, low: int, high: int) -> None:
    """A number chosen for a larger layer is brought into this one."""
    value = st.session_state.get(key)
    if isinstance(value, int) and not low <= value <= high:
        st.session_state[key] = max(low, min(value, high))


def choose_source(sources: Sequence[str]) -> str:
    """The input for where the picture comes from."""
    if st.session_state.get("source") not in sources:
        # Chosen for a network that looks at other pictures.
        st.session_state.pop("source", None)
    return str(st.segmented_control("Picture", sources, default=sources[0], required=True, **bound("source")))
