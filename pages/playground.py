"""Playground: a perceptron and a dense network learn points in a plane, and backpropagation to the last number."""

import streamlit as st

from pages.playground import backpropagation, dense, perceptron

PANELS = {"Perceptron": perceptron.panel, "Dense network": dense.panel, "Backpropagation": backpropagation.panel}

st.title("Playground")
for tab, panel in zip(st.tabs(list(PANELS), key="panel", bind="query-params"), PANELS.values(), strict=True):
    # Only the open panel computes.
    if tab.open:
        with tab:
            panel()
