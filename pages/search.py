"""Search: which settings train the best network, found by training many."""

import streamlit as st

from pages.components.text import show_error
from pages.search import results, setup

PANELS = {"Set up": setup.panel, "Results": results.panel}

st.title("Search")
if problem := st.session_state.pop("search_error", None):
    show_error(problem)
# Set by buttons inside the tabs, which can't be switched once they are drawn.
if (go := st.session_state.pop("search_go", None)) in PANELS:
    st.session_state["search"] = go

for tab, panel in zip(st.tabs(list(PANELS), key="search", bind="query-params"), PANELS.values(), strict=True):
    # Only the open panel computes.
    if tab.open:
        with tab:
            panel()
