"""A select box whose address holds a key where the box shows a title: a link outlives a renaming."""

from collections.abc import Mapping
from typing import Literal

import streamlit as st


def choose_key(
    label: str,
    titles: Mapping[str, str],
    start: str,
    key: str,
    *,
    width: int | Literal["stretch"] = "stretch",
    label_visibility: Literal["visible", "collapsed"] = "visible",
) -> str:
    """The input, and the key that is chosen.

    Args:
        label: what is chosen.
        titles: by key; what is not among them, in the address or chosen before, is passed over.
        start: the key to begin with.
        key: of the widget and in the address. To choose from elsewhere, call `point_to` in a callback.
        width: in pixels, or as wide as there is room.
        label_visibility: whether the label is seen, or only read out.
    """
    known = st.query_params.get(key, st.session_state.get(key))
    # The address leads: a link may have changed it while the page was open.
    st.session_state[key] = known if known in titles else start
    chosen = st.selectbox(
        label,
        list(titles),
        format_func=titles.__getitem__,
        on_change=lambda: point_to(key, st.session_state[key]),
        key=key,
        persist_state="session",
        width=width,
        label_visibility=label_visibility,
    )
    if key not in st.query_params and chosen != start:
        point_to(key, chosen)
    return chosen


def point_to(key: str, value: str) -> None:
    """Choose in the select box of that key."""
    st.query_params[key] = value
