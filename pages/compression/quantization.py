"""Quantization, explained on the compression that is looked at."""

import streamlit as st

from pages.components.panels import explain
from pages.compression import charts
from pages.compression.stored import choose_row, chosen

STEPS = ("dynamic", "static", "aware")


def panel() -> None:
    """The error of each layer."""
    explain(
        "Each number becomes one of 256 evenly spaced values, 8 bits instead of 32: a quarter of the size, and processors "
        "multiply four times as many at once. The scale of activations comes from calibration pictures (static) or from each "
        "picture (dynamic), and quantization-aware fine-tuning lets the network get used to the rounding.",
        r"q = \text{round}(x / s) + z",
        r"x \approx s\,(q - z)",
    )
    compression = chosen()
    if compression is None:
        return
    row = choose_row(compression, *STEPS)
    if row is None:
        st.info("Nothing was rounded to int8 here. Choose it in the first tab.", icon=":material/filter_8:")
        return
    st.markdown("**How far rounding moves each layer's outputs**, the errors of the layers before it included")
    st.altair_chart(charts.errors(row), alt="The error of each layer")
