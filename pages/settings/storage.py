"""What lies in the storage folder: counts, a check, a copy to take away."""

import streamlit as st

from pages.components.context import services
from pages.components.text import count, show_error
from recognition.errors import RecognitionError
from recognition.gallery import check, export_to_memory, repair


def show() -> None:
    """Counts, check and repair, export."""
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
        help="Faces, names and templates, not encrypted: keep it as safe as the originals.",
    )
