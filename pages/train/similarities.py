"""How far apart the network holds the same person and other people."""

import streamlit as st

from pages.components.hills import Hills, show_hills
from training.faces.report import Report


def histograms(report: Report) -> None:
    """Before above after; the line is each network's threshold."""
    st.markdown(
        "For each photo, how similar it is to its own person and to the most similar other person. The less the two hills "
        "overlap, the better; photos left of the line are called unknown."
    )
    rates = report.measured
    before, after = report.untuned_similarities, report.similarities
    show_hills(
        [
            Hills("Untuned", before.same, before.different, rates.untuned.clean.threshold),
            Hills("Tuned", after.same, after.different, rates.tuned.clean.threshold),
        ]
    )
    st.caption(
        "The line: the similarity that 1 in 100 strangers reach. The two networks use different stretches of the scale, so "
        "compare the overlap, not the places."
    )
