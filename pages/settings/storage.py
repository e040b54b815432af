"""Which storage folder, and what lies in it: counts, a check, a copy to take away or to restore."""

from datetime import datetime
from pathlib import Path

import streamlit as st

from pages.components.context import services
from pages.components.panels import show_errors
from pages.components.restore import follow, restore_button
from pages.components.text import count, show_error
from pages.settings.saving import apply, show_lock
from recognition.errors import RecognitionError
from recognition.gallery import check, export_to_memory, repair
from recognition.settings import Settings, fixed_by
from recognition.zip_contents import Contents, expect


def show() -> None:
    """The folder, counts, check and repair, backing up and restoring."""
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
            locked = fixed_by("storage") is not None
            if st.form_submit_button("Use this folder", icon=":material/folder_open:", disabled=locked) and folder.strip():
                apply(storage=Path(folder.strip()))
        _contents()


def _contents() -> None:
    counts = services().gallery.counts()
    st.caption(f"{count(counts.people, 'person', 'people')}, {count(counts.photos, 'photo')}.")
    if st.button("Check the files", icon=":material/health_and_safety:"):
        _check()
    copying, restoring = st.columns(2, gap="large")
    with copying:
        st.markdown("**Back up everyone**", help="Faces, names and face data in one zip, not encrypted.")
        st.markdown("To keep, or to move to another computer. Keep it as safe as the photos themselves.")
        if st.button("Back up everyone (.zip)", icon=":material/archive:", disabled=not counts.people):
            _back_up()
    with restoring:
        _restore()


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


def _back_up() -> None:
    try:
        with st.spinner("Packing…"):
            data, receipt = export_to_memory(services().gallery)
    except RecognitionError as error:
        show_error(error)
        return
    if receipt.skipped:
        st.warning(
            f"Without {count(receipt.skipped, 'photo')}, whose files are missing. Check the files first.",
            icon=":material/warning:",
        )
    st.download_button(
        f"Download {count(receipt.people, 'person', 'people')}, {count(receipt.photos, 'photo')} ({len(data) / 1e6:.1f} MB)",
        data,
        f"familiar-everyone-{datetime.now().astimezone():%Y-%m-%d}.zip",
        "application/zip",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
        help="Faces, names and face data, not encrypted: keep it as safe as the originals.",
    )


def _restore() -> None:
    if follow():
        return
    st.markdown("**Restore a copy**")
    st.markdown("People and photos are added to those who are here; nothing is overwritten.")
    copy = st.file_uploader("A zip from “Back up everyone”", type=["zip"], key="copy_to_restore")
    if copy is not None:
        with show_errors():
            expect(copy, Contents.GALLERY)
            restore_button(copy)
