"""Restoring everyone from a copy: begun where it was uploaded, its progress, and what was stored."""

import io

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.components.context import services
from pages.components.text import count, plain, show_error
from recognition.gallery import ImportReceipt, import_zip
from recognition.tasks import Report

TASK = "restore a copy"


def restore_button(copy: UploadedFile) -> None:
    """Starts restoring; the page runs again and shows `follow`."""
    st.button(
        "Restore",
        type="primary",
        icon=":material/settings_backup_restore:",
        key=f"restore_{copy.file_id}",
        on_click=_start,
        args=(copy,),
    )


def _start(copy: UploadedFile) -> None:
    gallery = services().gallery
    # Read now: the upload is gone when this page is.
    content = io.BytesIO(copy.getvalue())

    def work(report: Report) -> ImportReceipt:
        return import_zip(gallery, content, lambda done, total: report(done / max(total, 1), f"{done} of {total} photos"))

    services().tasks.start(TASK, work)


def follow() -> bool:
    """The progress of restoring, or what it stored until that has been seen. False, and nothing shown, where there is none."""
    task = services().tasks.get(TASK)
    if task is None:
        return False
    if task.state.running:
        _progress()
        return True
    state = task.state
    if isinstance(state.result, ImportReceipt):
        st.success(_stored(state.result), icon=":material/check_circle:")
    elif state.error:
        show_error(state.error)
        st.caption("Whoever came before this in the copy is restored, and nobody else was changed.")
    else:
        st.info("Stopped. Whoever was done is restored; restoring again goes on from there.", icon=":material/stop:")
    st.button("Done", icon=":material/check:", on_click=services().tasks.clear, args=(TASK,))
    return True


@st.fragment(run_every=0.5)
def _progress() -> None:
    task = services().tasks.get(TASK)
    if task is None or not task.state.running:
        st.rerun()
    st.progress(task.state.fraction, text=plain(task.state.text) or "Starting…")
    st.button("Stop", icon=":material/stop:", on_click=task.cancel)


def _stored(receipt: ImportReceipt) -> str:
    if not receipt.photos:
        return f"Nothing to add: {count(receipt.duplicates, 'photo')} in this copy, all here already."
    stored = f"Restored {count(receipt.photos, 'photo')}; {count(receipt.people, 'person is', 'people are')} new here."
    if receipt.duplicates:
        stored += f" Skipped {count(receipt.duplicates, 'photo')} that were here already."
    return stored
