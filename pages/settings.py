"""Settings: network, device, confidence threshold, storage."""

from pathlib import Path

import streamlit as st

from pages.components.context import services
from pages.components.text import plain, show_error
from pages.components.threshold import threshold_slider
from pages.settings import network, storage
from recognition.errors import RecognitionError
from recognition.settings import Settings, fixed_by, load_settings, save_settings

app = services()
settings = app.settings
fields = Settings.model_fields

st.title("Settings")
if message := st.session_state.pop("settings_message", None):
    st.toast(plain(message), icon=":material/check_circle:")


def apply(**changes: object) -> None:
    """Use changed settings from now on, and save them. What can't be used is not saved."""
    free = {name: value for name, value in changes.items() if not fixed_by(name)}
    try:
        app.use_settings(load_settings(**free))
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


network.show()

with st.container(border=True), st.form("recognition", border=False):
    st.subheader(":material/tune: Recognition")
    min_confidence = threshold_slider(
        "The start value of the slider on the Live page, and what the command line uses. "
        + str(fields["min_confidence"].description),
        disabled=fixed_by("min_confidence") is not None,
    )
    show_lock("min_confidence")
    min_face = st.slider(
        str(fields["min_face"].title),
        20,
        200,
        settings.min_face,
        step=5,
        format="%d px",
        disabled=fixed_by("min_face") is not None,
        help=fields["min_face"].description,
    )
    show_lock("min_face")
    devices = {"auto": "Automatic", "cpu": "CPU", "cuda": "CUDA (NVIDIA graphics card)"}
    device = st.radio(
        str(fields["device"].title),
        list(devices),
        list(devices).index(settings.device),
        format_func=devices.__getitem__,
        horizontal=True,
        disabled=fixed_by("device") is not None,
        help=fields["device"].description,
    )
    show_lock("device")
    if st.form_submit_button("Save", type="primary", icon=":material/save:"):
        apply(min_confidence=min_confidence, min_face=min_face, device=device)

with st.container(border=True):
    st.subheader(":material/folder: Storage")
    with st.form("storage", border=False):
        folder = st.text_input(
            str(fields["storage"].title),
            str(settings.storage),
            disabled=fixed_by("storage") is not None,
            help="Photos, templates and downloaded weights. Another folder is another gallery; what is in this one stays "
            "where it is.",
        )
        show_lock("storage")
        if st.form_submit_button("Use this folder", icon=":material/folder_open:") and folder.strip():
            apply(storage=Path(folder.strip()))
    storage.show()
