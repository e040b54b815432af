"""How sure to be, how small a face may be, and where networks run."""

import streamlit as st

from pages.components.context import services
from pages.components.threshold import threshold_slider
from pages.settings.saving import apply, show_lock
from recognition.networks.base import has_cuda
from recognition.settings import Settings, fixed_by


def show() -> None:
    """One form."""
    settings = services().settings
    fields = Settings.model_fields
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
        devices = {"auto": "Automatic", "cpu": "CPU"}
        if has_cuda() or settings.device == "cuda":
            devices["cuda"] = "CUDA (NVIDIA graphics card)"
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
