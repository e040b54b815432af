"""Changing settings, and saying why one can't be changed here."""

import streamlit as st

from pages.components.change_settings import change_settings
from recognition.settings import fixed_by


def apply(**changes: object) -> None:
    """Use changed settings from now on, and save them. What can't be used is not saved."""
    if change_settings(**changes):
        st.session_state["settings_message"] = "Saved."
        st.rerun()


def show_lock(name: str) -> None:
    """Say what decides a setting that can't be changed here."""
    if fixed := fixed_by(name):
        st.caption(f":material/lock: Set by {fixed}.")
