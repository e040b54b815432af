"""The learned kernels of a convolution."""

import streamlit as st
from torch import nn

from pages.components.panels import bound, explain, picture
from pages.feature_maps.subject import Subject
from recognition.inspection.drawing import enlarge, tile
from recognition.inspection.errors import NotAnImageError
from recognition.inspection.feature_maps import kernel_pictures
from recognition.inspection.layers import Layer

MEAN, ONE = "Mean of the input channels", "One input channel"
LIMIT = 64


def panel(subject: Subject) -> None:
    explain(
        "These numbers were learned, nobody wrote them: each small picture is one filter. The first layer sees the colours "
        "themselves (grey is zero) and has become edge and colour detectors; deeper filters have a slice for every input "
        "channel, drawn in red above and blue below zero.",
        r"K \in \mathbb{R}^{f \times f \times c},\quad \text{weights} = k \cdot f \cdot f \cdot c",
    )
    layer = _convolution(subject)
    if layer.name != subject.layer.name:
        st.caption(f"{subject.layer.name} has no kernels; these are of {layer.name}, the convolution before it.")
    with subject.network.exclusive() as module:
        convolution = module.get_submodule(layer.name)
    assert isinstance(convolution, nn.Conv2d)
    inputs, filters = convolution.in_channels, convolution.out_channels
    number = None
    if inputs != 3:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            if st.segmented_control("Show", [MEAN, ONE], default=MEAN, required=True, **bound("slices")) == ONE:
                if st.session_state.get("slice", 0) >= inputs:
                    st.session_state["slice"] = inputs - 1
                label = f"Input channel, 0 to {inputs - 1}"
                number = int(st.number_input(label, 0, inputs - 1, 0, width=170, **bound("slice")))
    with subject.network.exclusive() as module:
        kernels = kernel_pictures(module, layer.name, limit=LIMIT, input_channel=number)
    height, width = kernels[0].shape[:2]
    shown = f"the first {LIMIT} of {filters}" if filters > LIMIT else f"all {filters}"
    picture(
        tile([enlarge(kernel, 70) for kernel in kernels], 8, gap=4),
        f"{layer.name}: {shown} filters of {height}×{width}×{inputs}",
        "kernels",
    )


def _convolution(subject: Subject) -> Layer:
    """The chosen layer, or the last convolution before it.

    Raises:
        NotAnImageError: there is none.
    """
    layers = subject.summary.layers
    before = layers[: layers.index(subject.layer) + 1]
    found = next((layer for layer in reversed(before) if layer.kind == "Conv2d"), None)
    if found is None:
        raise NotAnImageError(f"Layer {subject.layer.name} has no kernels, and no convolution comes before it.")
    return found
