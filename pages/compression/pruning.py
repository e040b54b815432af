"""Pruning, explained on the compression that is looked at."""

import streamlit as st

from pages.components.panels import explain
from pages.compression import charts
from pages.compression.stored import choose_row, chosen

STEPS = ("weights", "channels")


def panel() -> None:
    """Sparsity by layer, the schedule, and the weights before and after."""
    explain(
        "Most weights of a trained network are near 0: setting the smallest to 0, a few at a time while the rest is "
        "fine-tuned, hardly changes its answers. Single zeros make the file smaller; whole channels that disappear make it "
        "faster too.",
        r"s_t = s_f + (s_i - s_f)\left(1 - \frac{t - t_0}{n\,\Delta t}\right)^k",
    )
    compression = chosen()
    if compression is None:
        return
    row = choose_row(compression, *STEPS)
    if row is None:
        st.info("Neither weights nor channels were pruned here. Choose it in the first tab.", icon=":material/content_cut:")
        return
    before, after = compression.rows[0], row
    left, right = st.columns(2, gap="medium")
    if row.details.schedule:
        with left:
            st.markdown("**Weights that are 0, by layer**")
            st.altair_chart(charts.sparsity(row), alt="The sparsity of each layer")
        with right:
            st.markdown("**The schedule, as it was followed**")
            st.altair_chart(charts.curve(row.details.schedule, marks=True), alt="The sparsity at each pruning")
    else:
        with left:
            st.markdown("**Weights of each layer**")
            st.altair_chart(charts.layer_sizes(before, after), alt="The weights of each layer, before and after")
        with right:
            _metric("Multiply-adds", before.multiply_adds, after.multiply_adds)
            _metric("Parameters", before.parameters, after.parameters)
    if row.details.histogram is not None:
        st.markdown("**Weights that are not 0**")
        st.altair_chart(charts.histogram(row.details.histogram), alt="Histogram of the weights")


def _metric(title: str, before: int, after: int) -> None:
    st.metric(title, f"{after:,}", f"{after / before - 1:.0%}", delta_color="inverse")
