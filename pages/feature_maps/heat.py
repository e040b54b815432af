"""What "Why this name?" and "Why this class?" share: choosing how to look, and heat maps beside each other."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from pages.components.keyed import choose_key
from pages.components.panels import bound, inputs, picture
from pages.feature_maps.subject import Subject
from recognition.inspection.attribution import HeatMaps, Method
from recognition.inspection.drawing import overlay
from recognition.inspection.inspectable import Inspectable
from recognition.inspection.layers import Layer
from recognition.inspection.views import draw_difference, large
from recognition.pictures import Picture

METHODS: dict[str, Method] = {"LayerCAM": "layercam", "Grad-CAM": "gradcam"}

FINE_ENOUGH = 7
"""Cells a side from which a map can say which part of a photo it means."""

COARSEST = 4
"""Pixels a side that a cell may stand for in a small picture."""

WIDTH = 230
SHOWN = 330


def choose_method(subject: Subject[Inspectable]) -> tuple[Method, Layer]:
    """The inputs for method and layer of the heat maps; there must be a layer with maps."""
    drawable = {layer.name: layer for layer in subject.summary.layers if layer.is_map}
    fine_enough = min(FINE_ENOUGH, min(subject.network.input_shape[:2]) // COARSEST)
    fine = [name for name, layer in drawable.items() if min(layer.shape[1:]) >= fine_enough]
    titles = {name: layer.label for name, layer in drawable.items()}
    with inputs():
        method = METHODS[st.segmented_control("Method", list(METHODS), default="LayerCAM", required=True, **bound("method"))]
        start = fine[-1] if fine else next(iter(drawable))
        layer = choose_key("Layer of the heat map", titles, start, "cam_layer", width=300)
    return method, drawable[layer]


def draw_heats(crop: Picture, names: Sequence[str], heats: HeatMaps, method: Method, layer: Layer) -> None:
    """Each heat map over the picture, and where the first two differ."""
    st.markdown(f"**{'LayerCAM' if method == 'layercam' else 'Grad-CAM'} at {layer.label}**")
    with st.container(horizontal=True):
        _overlays(crop, [f"{rank}. {name}" for rank, name in enumerate(names, start=1)], heats, method)
        _difference(crop, names, heats, method)


def draw_occlusion(crop: Picture, names: Sequence[str], lost: HeatMaps) -> None:
    """What covering each place costs, bright where it costs most, and where the first two differ."""
    tops = np.maximum(lost.max(axis=(1, 2), keepdims=True), 1e-9)
    captions = [
        f"{rank}. {name}: covering costs up to {top:.3f}"
        for rank, (name, top) in enumerate(zip(names, tops.ravel(), strict=True), start=1)
    ]
    with st.container(horizontal=True):
        _overlays(crop, captions, np.clip(lost / tops, 0, 1), "occlusion")
        _difference(crop, names, lost, "occlusion")


def _overlays(crop: Picture, captions: Sequence[str], heats: HeatMaps, key: str) -> None:
    enlarged = large(crop, SHOWN)
    for rank, (caption, heat) in enumerate(zip(captions, heats, strict=True), start=1):
        with st.container(width=WIDTH):
            picture(overlay(enlarged, heat, 0.75), caption, f"{key}_{rank}")


def _difference(crop: Picture, names: Sequence[str], heats: HeatMaps, key: str) -> None:
    if len(heats) > 1:
        with st.container(width=WIDTH):
            drawn = draw_difference(crop, heats[0], heats[1], SHOWN)
            picture(drawn, f"Red: rather {names[0]}; blue: rather {names[1]}", f"{key}_difference")
