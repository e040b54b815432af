"""The offer of a network that recognises people better than the built-in one."""

import streamlit as st

from pages.components import network_switch
from pages.components.context import services
from pages.components.text import plain
from pages.components.weights_download import fetch, fetching
from recognition.networks import BUILT_IN, NETWORKS, NetworkSpec, is_available
from recognition.settings import fixed_by

GAIN = (
    "Of 100 faces that are dark, blurred, small or half covered it names **96**, the network in use **80**. Of clear ones "
    "**99** and **98**."
)
HOW = "40 people with 5 photos each, at a threshold where 1 in 100 strangers gets a name. Measured on photos of the web (LFW)."
"""See docs/decisions.md, "MobileFaceNet"."""


def offered() -> NetworkSpec | None:
    """The better network, while the built-in one is in use and may be changed."""
    in_use = services().settings.network
    return NETWORKS["mobilefacenet"] if in_use == BUILT_IN.key and not fixed_by("network") else None


def offer() -> None:
    """What it brings, and the way to it: once the weights are here, everybody's photos are turned into its numbers."""
    network_switch.show_outcome()
    spec = offered()
    if spec is not None and spec.weights is not None and spec.weights.size is not None:
        with st.container(border=True):
            st.markdown(f":material/auto_awesome: **Better network, {spec.weights.size / 1e6:.0f} MB**")
            st.markdown(GAIN, help=HOW)
            st.markdown(f":small[{plain(spec.title)}. Licence: {plain(spec.licence)}.]")
            if services().tasks.get(network_switch.SWITCH) is None:
                _get(spec)
    network_switch.follow()


def _get(spec: NetworkSpec) -> None:
    if is_available(spec, services().settings.storage) and not fetching(spec):
        st.button("Use it", icon=":material/auto_awesome:", on_click=network_switch.switch, args=(spec,))
    else:
        fetch(spec, then=network_switch.switch)
