"""Which storage folder, and what lies in it: counts, a check, a copy to take away."""

from pathlib import Path

import streamlit as st

from pages.components.context import services
from pages.components.text import count, show_error
from pages.settings.saving import apply, show_lock
from recognition.errors import RecognitionError
from recognition.gallery import check, export_to_memory, repair
from recognition.settings import Settings, fixed_by


def show() -> None:
    """The folder, counts, check and repair, export."""
    with st.container(border=True):
        st.subheader(":material/folder: Storage")
        with st.form("storage", border=False):
            folder = st.text_input(
                str(Settings.model_fields["storage"].title),
                str(services().settings.storage),
                disabled=fixed_by("storage") is not None,
                help="Photos, face data and downloaded weights. Another folder is another gallery; what is in this one "
                "stays where it is.",
            )
            show_lock("storage")
            if st.form_submit_button("Use this folder", icon=":material/folder_open:") and folder.strip():
                apply(storage=Path(folder.strip()))
        _contents()


def _contents() -> None:
    gallery = services().gallery
    counts = gallery.counts()
    st.caption(f"{count(counts.people, 'person', 'people')}, {count(counts.photos, 'photo')}.")
    with st.container(horizontal=True):
        if st.button("Check the files", icon=":material/health_and_safety:"):
            _check()
        if st.button("Prepare a copy", icon=":material/archive:", disabled=not counts.people):
            _export()


def _check() -> None:
    gallery = services().gallery
    try:
        report = check(gallery)
        if report.orphan_files:
            repair(gallery)
    except RecognitionError as error:
        show_error(error)
        return
    if report.orphan_files:
        st.info(
            f"{count(len(report.orphan_files), 'file')} without an owner removed.",
            icon=":material/cleaning_services:",
        )
    if report.missing_files:
        st.warning(
            f"{count(len(report.missing_files), 'file')} of photos are missing. Is the drive connected? Those people are "
            "still recognised, but can't be computed anew for another network.",
            icon=":material/warning:",
        )
    if not report.orphan_files and not report.missing_files:
        st.success("Everything is in order.", icon=":material/check_circle:")


def _export() -> None:
    try:
        with st.spinner("Packing…"):
            data = export_to_memory(services().gallery)
    except RecognitionError as error:
        show_error(error)
        return
    st.download_button(
        f"Download ({len(data) / 1e6:.1f} MB)",
        data,
        "familiar-gallery.zip",
        "application/zip",
        icon=":material/download:",
        help="Faces, names and face data, not encrypted: keep it as safe as the originals.",
    )
