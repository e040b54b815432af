"""Train: fine-tune a network on the people enrolled, see what it gained, keep what is good."""

import streamlit as st

from pages.components import jobs, network_switch
from pages.train import models, result, start

PANELS = {"Train": start.show, "Result": result.show, "Models": models.show}

st.title("Train")
network_switch.show_outcome()
network_switch.follow()
jobs.show_problem()
# Set by buttons inside the tabs, which can't be switched once they are drawn.
if (go := st.session_state.pop("train_go", None)) in PANELS:
    st.session_state["train"] = go

for tab, panel in zip(st.tabs(list(PANELS), key="train", bind="query-params"), PANELS.values(), strict=True):
    # Only the open panel computes.
    if tab.open:
        with tab:
            panel()
