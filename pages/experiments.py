"""Experiments: train networks of one's own, see what they got wrong, compare them, try them."""

import streamlit as st

from pages.components import jobs
from pages.experiments import compare, course, new, results, trying

PANELS = {"New": new.panel, "Result": results.panel, "Compare": compare.panel, "Try it": trying.panel, "Course": course.panel}

st.title("Experiments")
jobs.show_problem()
# Set by buttons inside the tabs, which can't be switched once they are drawn.
if (go := st.session_state.pop("experiments_go", None)) in PANELS:
    st.session_state["tab"] = go

for tab, panel in zip(st.tabs(list(PANELS), key="tab", bind="query-params"), PANELS.values(), strict=True):
    # Only the open panel computes.
    if tab.open:
        with tab:
            panel()
