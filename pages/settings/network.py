"""Which network is in use: choosing among the pretrained and the tuned ones, downloading, switching."""

import pandas as pd
import streamlit as st

from pages.components import better_network, network_switch
from pages.components.context import services
from pages.components.panels import show_errors
from pages.components.text import plain
from pages.components.use_tuned import use_button
from pages.components.weights_download import fetch
from recognition.networks import NETWORKS, NetworkSpec, available_networks, is_available
from recognition.settings import fixed_by
from training.models import read_model


def show() -> None:
    """The networks, those tuned here after the pretrained ones."""
    storage = services().settings.storage
    tuned = [spec for spec in available_networks(storage) if spec.parent is not None]
    with st.container(border=True):
        st.subheader(":material/neurology: Network")
        st.caption(
            "The network turns a face into numbers. After a switch, everybody's photos are turned into numbers again; "
            "the old ones are kept, so that switching back is quick."
        )
        better_network.offer()
        for spec in (*NETWORKS.values(), *tuned):
            if spec != better_network.offered():
                _network(spec)
        _mix_ups()
        st.page_link("train.py", label="Fine-tune one on your people, or manage tuned ones", icon=":material/model_training:")


def _network(spec: NetworkSpec) -> None:
    app = services()
    here = is_available(spec, app.settings.storage)
    with st.container(border=True):
        text, action = st.columns([4, 1], vertical_alignment="center")
        with text:
            st.markdown(f"**{plain(spec.title)}**  \n{plain(spec.description)}  \n:small[Licence: {plain(spec.licence)}.]")
        with action.container(horizontal_alignment="right"):
            if spec.key == app.settings.network:
                st.badge("In use", icon=":material/check:")
            elif spec.parent is not None:
                with show_errors():
                    use_button(read_model(app.settings.storage, spec.key), "Use")
            elif here:
                st.button(
                    "Use",
                    key=f"use_{spec.key}",
                    on_click=network_switch.switch,
                    args=(spec,),
                    disabled=fixed_by("network") is not None,
                )
        if not here:
            fetch(spec)


def _mix_ups() -> None:
    """For whom each network errs more often."""
    measured = [spec for spec in NETWORKS.values() if spec.measured is not None]
    with st.expander("Whom they mix up", icon=":material/balance:"):
        st.markdown(
            "Face networks err more often for some people than for others. How many of 10,000 pairs of **different** people "
            "of one group each network would take for one person, at its default threshold:"
        )
        rows = {plain(spec.title): spec.measured.false_matches for spec in measured if spec.measured is not None}
        st.table(pd.DataFrame(rows).sort_index().style.format("{:.0f}"))
        st.caption("3,585 faces with the labels of UTKFace, which are somebody's guesses from the pictures.")
