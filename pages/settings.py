"""Settings: network, device, confidence threshold, storage."""

import streamlit as st

from pages.components.text import plain
from pages.settings import network, recognition, storage

st.title("Settings")
if message := st.session_state.pop("settings_message", None):
    st.toast(plain(message), icon=":material/check_circle:")
network.show()
recognition.show()
storage.show()
