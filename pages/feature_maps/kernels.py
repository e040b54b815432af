"""What the weights of a layer look like: the kernels of a convolution, or a dense layer's template for each unit."""

from collections.abc import Sequence

import streamlit as st
from torch import nn

from pages.components.panels import bound, explain, inputs, picture
from pages.components.text import plain
from pages.feature_maps.subject import Subject, choose_layer
from recognition.inspection.drawing import enlarge, tile
from recognition.inspection.errors import NotAnImageError
from recognition.inspection.feature_maps import kernel_pictures, looks_at_pixels, template_pictures
from recognition.inspection.inspectable import Inspectable
from recognition.inspection.layers import Layer

MEAN, ONE = "Mean of the input channels", "One input channel"
LIMIT = 64
TEMPLATE_SIDE = 170


def panel(subject: Subject[Inspectable], classes: Sequence[str] = ()) -> None:
    """`classes`: names of what the last layer's units stand for, where they stand for classes."""
    chosen = choose_layer(subject.summary)
    layer = _drawable(subject, chosen)
    if layer.kind == "Linear":
        _templates(subject, layer, chosen, classes)
    else:
        _kernels(subject, layer, chosen)


def _drawable(subject: Subject[Inspectable], chosen: Layer) -> Layer:
    """The chosen layer, or the nearest one before it whose weights can be drawn, or the first one after it.

    Raises:
        NotAnImageError: there is none.
    """
    layers = subject.summary.layers
    drawable = [layer for layer in layers if layer.kind == "Conv2d" or looks_at_pixels(layer, subject.summary)]
    if not drawable:
        raise NotAnImageError("This network has neither a convolution nor a dense layer that sees the pixels themselves.")
    here = layers.index(chosen)
    return next((layer for layer in reversed(drawable) if layers.index(layer) <= here), drawable[0])


def _kernels(subject: Subject[Inspectable], layer: Layer, chosen: Layer) -> None:
    explain(
        "These numbers were learned, nobody wrote them: each small picture is one filter. The first layer sees the colours "
        "themselves (grey is zero) and has become edge and colour detectors; deeper filters have a slice for every input "
        "channel, drawn in red above and blue below zero.",
        r"K \in \mathbb{R}^{f \times f \times c},\quad \text{weights} = k \cdot f \cdot f \cdot c",
    )
    if layer != chosen:
        st.caption(f"{chosen.label}, has no kernels; these are of {layer.label}.")
    with subject.network.exclusive() as module:
        convolution = module.get_submodule(layer.name)
    assert isinstance(convolution, nn.Conv2d)
    channels, filters = convolution.in_channels, convolution.out_channels
    number = None
    if channels not in (1, 3):
        with inputs():
            if st.segmented_control("Show", [MEAN, ONE], default=MEAN, required=True, **bound("slices")) == ONE:
                if st.session_state.get("slice", 0) >= channels:
                    st.session_state["slice"] = channels - 1
                label = f"Input channel, 0 to {channels - 1}"
                number = int(st.number_input(label, 0, channels - 1, 0, width=170, **bound("slice")))
    with subject.network.exclusive() as module:
        kernels = kernel_pictures(module, layer.name, limit=LIMIT, input_channel=number)
    height, width = kernels[0].shape[:2]
    picture(
        tile([enlarge(kernel, 70) for kernel in kernels], 8, gap=4),
        f"{layer.label}: {_how_many(filters, 'filters')} of {height}×{width}×{channels}",
        "kernels",
    )


def _templates(subject: Subject[Inspectable], layer: Layer, chosen: Layer, classes: Sequence[str]) -> None:
    explain(
        "A dense layer on raw pixels has one weight for each pixel and unit, so each unit's weights are a picture: a template "
        "that the picture is compared with. Red (of colour pictures: bright) pixels speak for the unit, blue (dark) ones "
        "against it, white (grey) ones don't count.",
        r"z_k = b_k + \sum_{i,j,c} W_{k,ijc}\, x_{ijc}",
    )
    if layer != chosen:
        st.caption(f"These are of {layer.label}, the only layer that sees the pixels themselves.")
    with subject.network.exclusive() as module:
        templates = template_pictures(module, layer.name, subject.network.input_shape, limit=LIMIT)
    units = layer.shape[0]
    last = layer == subject.summary.layers[-1]
    names = classes if last and len(classes) == units else [f"Unit {number}" for number in range(units)]
    with st.container(horizontal=True):
        for name, template in zip(names, templates, strict=False):
            with st.container(width=TEMPLATE_SIDE):
                st.image(enlarge(template, 2 * TEMPLATE_SIDE), caption=plain(name), width="stretch", output_format="PNG")
    height, width, channels = subject.network.input_shape
    st.caption(f"{layer.label}: {_how_many(units, 'templates')} of {height}×{width}×{channels} weights")


def _how_many(number: int, what: str) -> str:
    return f"the first {LIMIT} of {number} {what}" if number > LIMIT else f"all {number} {what}"
