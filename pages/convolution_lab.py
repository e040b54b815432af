"""Convolution lab: what a convolution does, to the last number, on one's own picture."""

import streamlit as st

from pages.convolution_lab import kernel, parameters, pooling, sizes, steps, two_networks
from pages.convolution_lab.common import choose_picture

PANELS = {
    "Kernels": kernel.panel,
    "Step by step": steps.panel,
    "Sizes": sizes.panel,
    "ReLU and pooling": pooling.panel,
    "Moving": pooling.translation,
    "Parameters": parameters.panel,
    "Two networks": two_networks.panel,
}

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom"):
    st.title("Convolution lab", width="content")
    choose_picture()

for tab, panel in zip(st.tabs(list(PANELS), key="panel", bind="query-params"), PANELS.values(), strict=True):
    # Only the open panel computes.
    if tab.open:
        with tab:
            panel()
st.caption("The address of this page holds everything you set: share it and others see the same.")
