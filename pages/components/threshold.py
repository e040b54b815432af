"""The confidence needed for a name, as a slider from generous to strict: the same on the Live, Evaluate and Settings pages."""

import streamlit as st

from pages.components.context import services
from recognition.settings import Settings

LOWEST, HIGHEST = 1, 99
"""Percent that can be chosen."""

HELP = (
    "A face gets a name when the app is at least this sure. Higher: strangers are hardly ever given a name, but your own "
    "people are called unknown more often. At 50 % about 1 in 100 strangers gets a name, and 97 of 100 enrolled people got "
    "theirs, measured with 40 people and 400 strangers."
)


def usual_percent() -> int:
    """The threshold of the settings, in percent."""
    return min(max(round(services().settings.min_confidence * 100), LOWEST), HIGHEST)


def threshold_slider(help_: str = HELP, *, disabled: bool = False, key: str | None = None, shared: bool = False) -> float:
    """The slider, which starts at what the settings say; the confidence needed for a name, 0 to 1.

    Args:
        help_: the text behind the question mark.
        disabled: it can be seen, but not changed.
        key: of the widget.
        shared: keep the value in the page's address.
    """
    with st.container(gap=None):
        percent: int = st.slider(
            str(Settings.model_fields["min_confidence"].title),
            LOWEST,
            HIGHEST,
            usual_percent(),
            format="%d %%",
            help=help_,
            disabled=disabled,
            key=key,
            bind="query-params" if shared else None,
            persist_state="session" if shared else None,
        )
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            st.caption("Generous", width="content")
            st.caption("Strict", width="content")
    return percent / 100
