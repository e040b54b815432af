"""The offer of a network that recognises people better than those in the box."""

import streamlit as st

from pages.components import network_switch
from pages.components.context import services
from pages.components.text import plain
from pages.components.weights_download import fetch, fetching
from recognition.networks import NETWORKS, NetworkSpec, is_available
from recognition.settings import fixed_by

HOW = "40 people with 5 photos each, at a threshold where 1 in 100 strangers gets a name. Measured on photos of the web (LFW)."


def offered() -> NetworkSpec | None:
    """The better network, while one that is always here is in use and may be changed."""
    in_use = NETWORKS.get(services().settings.network)
    if in_use is None or in_use.weights is not None or fixed_by("network"):
        return None
    return NETWORKS["mobilefacenet"]


def offer() -> None:
    """What it brings, and the way to it: once the weights are here, everybody's photos are turned into its numbers."""
    network_switch.show_outcome()
    spec = offered()
    if spec is not None and spec.weights is not None and spec.weights.size is not None:
        with st.container(border=True):
            st.markdown(f":material/auto_awesome: **Better network, {spec.weights.size / 1e6:.0f} MB**")
            st.markdown(_gain(spec, NETWORKS[services().settings.network]), help=HOW)
            st.markdown(f":small[{plain(spec.title)}. Licence: {plain(spec.licence)}.]")
            if services().tasks.get(network_switch.SWITCH) is None:
                _get(spec)
    network_switch.follow()


def _gain(offered: NetworkSpec, in_use: NetworkSpec) -> str:
    """What it brings, in numbers."""
    assert offered.measured is not None
    assert in_use.measured is not None
    better, now = offered.measured, in_use.measured
    return (
        f"Of 100 faces that are dark, blurred, small or half covered it names **{better.hard:.0%}**, the network in use "
        f"**{now.hard:.0%}**. Of clear ones **{better.clear:.0%}** and **{now.clear:.0%}**."
    ).replace("%", "")


def _get(spec: NetworkSpec) -> None:
    if is_available(spec, services().settings.storage) and not fetching(spec):
        st.button("Use it", icon=":material/auto_awesome:", on_click=network_switch.switch, args=(spec,))
    else:
        fetch(spec, then=network_switch.switch)
