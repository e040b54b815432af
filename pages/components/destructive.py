"""Buttons that take something away are red."""

from typing import Any

import streamlit as st

_RED = """<style>
[class*="st-key-destructive_"] button:not(:disabled) { border-color: #c62828; background: #c62828; color: #fff; }
[class*="st-key-destructive_"] button:not(:disabled):is(:hover, :focus-visible) { border-color: #a31515; background: #a31515; }
</style>"""


def destructive_button(label: str, *, key: str, **options: Any) -> bool:
    """`st.button` in red, which none of Streamlit's kinds of button is.

    Args:
        options: of `st.button`.
    """
    with st.container(key=f"destructive_{key}", width="content"):
        st.html(_RED)
        return st.button(label, key=key, **options)
