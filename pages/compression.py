"""Compression: a network made smaller by several methods, measured side by side, and put to use."""

import streamlit as st

from pages.components import network_switch
from pages.components.keyed import point_to
from pages.components.panels import show_errors
from pages.components.text import show_error
from pages.compression import distillation, pruning, quantization, result, start, stored

PANELS = {
    "Compress": start.panel,
    "Result": result.panel,
    "Pruning": pruning.panel,
    "Distillation": distillation.panel,
    "Quantization": quantization.panel,
}

network_switch.show_outcome()
network_switch.follow()
# Set by whatever can't switch tabs itself once they are drawn.
if (go := st.session_state.pop("compression_go", None)) is not None:
    st.session_state["panel"] = "Result"
    point_to(stored.KEY, go)
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
    st.title("Compression", width="content")
    stored.choose()
if problem := st.session_state.pop("compression_error", None):
    show_error(problem)

for tab, panel in zip(st.tabs(list(PANELS), key="panel", bind="query-params"), PANELS.values(), strict=True):
    # Only the open panel computes.
    if tab.open:
        with tab, show_errors():
            panel()
