"""Changing settings, and saying why one can't be changed here."""

import streamlit as st

from pages.components.context import services
from pages.components.text import show_error
from recognition.errors import RecognitionError
from recognition.settings import fixed_by, load_settings, save_settings


def apply(**changes: object) -> None:
    """Use changed settings from now on, and save them. What can't be used is not saved."""
    free = {name: value for name, value in changes.items() if not fixed_by(name)}
    try:
        services().use_settings(load_settings(**free))
        save_settings(**free)
    except RecognitionError as error:
        show_error(error)
    else:
        st.session_state["settings_message"] = "Saved."
        st.rerun()


def show_lock(name: str) -> None:
    """Say what decides a setting that can't be changed here."""
    if fixed := fixed_by(name):
        st.caption(f":material/lock: Set by {fixed}.")
