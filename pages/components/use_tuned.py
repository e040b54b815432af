"""Putting a tuned network to use, never silently one that is clearly worse than the untuned."""

import streamlit as st

from pages.components import network_switch
from pages.components.text import plain
from recognition.settings import fixed_by
from training.models import TunedModel


def use_button(model: TunedModel, label: str) -> None:
    """The button, which asks first where the model is advised against."""
    fixed = fixed_by("network")
    report = model.training.report
    pressed = st.button(
        label,
        type="primary" if report.recommended else "secondary",
        icon=":material/videocam:",
        key=f"use_{model.manifest.id}",
        disabled=fixed is not None,
        help=f"The network is set by {fixed}." if fixed else None,
    )
    if pressed and report.advised_against:
        _confirm(model)
    elif pressed:
        network_switch.switch(model.manifest.spec())
        st.rerun()


@st.dialog("Use a network that is not recommended?", icon=":material/warning:")
def _confirm(model: TunedModel) -> None:
    st.markdown(plain(model.training.report.verdict))
    st.markdown("The untuned network probably recognises your people better. You can switch back in the settings.")
    if st.button("Use it all the same", key="use_anyway", on_click=network_switch.switch, args=(model.manifest.spec(),)):
        st.rerun()
