"""Settings: network, device, how sure to be, storage."""

from pathlib import Path

import streamlit as st

from pages.components.context import services
from pages.settings import network, storage
from recognition.errors import RecognitionError
from recognition.settings import Settings, fixed_by_environment, save_settings

app = services()
settings = app.settings

st.title("Settings")
if message := st.session_state.pop("settings_message", None):
    st.toast(message, icon=":material/check_circle:")


def apply(**changes: object) -> None:
    """Save changed settings and use them from now on."""
    try:
        app.use_settings(save_settings(**changes))
    except RecognitionError as error:
        # What can't be used must not stay saved either.
        save_settings(**{name: getattr(settings, name) for name in changes})
        st.error(str(error), icon=":material/error:")
    else:
        st.session_state["settings_message"] = "Saved."
        st.rerun()


network.show()

with st.container(border=True), st.form("recognition", border=False):
    st.subheader(":material/tune: Recognition")
    fields = Settings.model_fields
    percent = st.slider(
        str(fields["min_confidence"].title),
        1,
        99,
        round(settings.min_confidence * 100),
        format="%d %%",
        disabled=fixed_by_environment("min_confidence"),
        help="The start value of the slider on the Live page, and what the command line uses. "
        + str(fields["min_confidence"].description),
    )
    min_face = st.slider(
        str(fields["min_face"].title),
        20,
        200,
        settings.min_face,
        step=5,
        format="%d px",
        disabled=fixed_by_environment("min_face"),
        help=fields["min_face"].description,
    )
    devices = {"auto": "Automatic", "cpu": "CPU", "cuda": "CUDA (NVIDIA graphics card)"}
    device = st.radio(
        "Device",
        list(devices),
        list(devices).index(settings.device),
        format_func=devices.get,
        horizontal=True,
        disabled=fixed_by_environment("device"),
        help=fields["device"].description,
    )
    if st.form_submit_button("Save", type="primary", icon=":material/save:"):
        apply(min_confidence=percent / 100, min_face=min_face, device=device)

with st.container(border=True):
    st.subheader(":material/folder: Storage")
    with st.form("storage", border=False):
        folder = st.text_input(
            "Storage folder",
            str(settings.storage),
            disabled=fixed_by_environment("storage"),
            help="Photos, templates and downloaded weights. Another folder is another gallery; what is in this one stays "
            "where it is.",
        )
        if st.form_submit_button("Use this folder", icon=":material/folder_open:") and folder.strip():
            apply(storage=Path(folder.strip()).expanduser())
    storage.show()
