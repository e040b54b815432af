"""The Enroll page's other source: photos and zip files."""

from collections.abc import Iterator
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.components.context import services
from pages.components.text import count, plain, show_error
from recognition.enrollment import BatchResult, enroll_pictures
from recognition.gallery import ArchivedPicture, iter_archive_pictures
from recognition.safe_zip import open_archive
from recognition.tasks import Report, TaskState

TASK = "enroll files"


def page() -> None:
    """Choose files, enroll them in the background, see what was refused and why."""
    task = services().tasks.get(TASK)
    if task is None:
        _choose()
    elif task.state.running:
        _follow()
    else:
        _outcome(task.state)


def _choose() -> None:
    files = st.file_uploader(
        "Photos of one person, or a zip with one folder a person",
        type=["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff", "zip"],
        accept_multiple_files=True,
    )
    loose = [file for file in files if not _is_zip(file)]
    name = ""
    if loose:
        name = st.text_input("Name of the person in the loose photos", max_chars=80)
    consented = st.checkbox(
        "Everybody in these photos agrees to be enrolled",
        help="Their faces are stored on this computer as photos and as numbers computed from them, and used to "
        "recognise them. They can be deleted at any time on the People page.",
    )
    st.caption("Best are five or more photos a person: one face each, sharp, from different sides and in different light.")
    ready = bool(files) and consented and (not loose or bool(name.strip()))
    if st.button("Enroll", type="primary", icon=":material/person_add:", disabled=not ready):
        _start(files, name)
        st.rerun()


def _start(files: list[UploadedFile], name: str) -> None:
    app = services()
    # Read now: the uploads are gone when this page is.
    loose = [ArchivedPicture(name, file.name, file.getvalue()) for file in files if not _is_zip(file)]
    zips = [file.getvalue() for file in files if _is_zip(file)]

    def pictures() -> Iterator[ArchivedPicture]:
        yield from loose
        for data in zips:
            yield from iter_archive_pictures(data)

    def work(report: Report) -> BatchResult:
        total = len(loose) + sum(_entries(data) for data in zips)
        return enroll_pictures(
            pictures(),
            app.gallery,
            app.recognizer(),
            source="upload",
            consented=True,
            progress=lambda done, file: report(done / max(total, 1), f"{done} of {total}: {file}"),
        )

    app.tasks.start(TASK, work)


def _entries(data: bytes) -> int:
    with open_archive(data) as archive:
        return len(archive.entries)


def _is_zip(file: UploadedFile) -> bool:
    return Path(file.name).suffix.lower() == ".zip"


@st.fragment(run_every=0.5)
def _follow() -> None:
    """The progress; the page runs again when it is over."""
    task = services().tasks.get(TASK)
    if task is None or not task.state.running:
        st.rerun()
    state = task.state
    st.progress(state.fraction, text=plain(state.text) or "Starting…")
    st.caption("You can close this page; the work goes on. People who are done stay enrolled if you stop.")
    st.button("Stop", icon=":material/stop:", on_click=task.cancel)


def _outcome(state: TaskState) -> None:
    if state.error:
        show_error(state.error)
    elif state.status == "cancelled":
        st.info("Stopped. Whoever was done is enrolled.", icon=":material/stop:")
    elif isinstance(state.result, BatchResult):
        _report(state.result)
    if st.button("Enroll more", icon=":material/add:"):
        services().tasks.clear(TASK)
        st.rerun()


def _report(result: BatchResult) -> None:
    enrolled = [person for person in result.people if person.accepted]
    if enrolled:
        st.success(
            f"{count(result.accepted, 'photo')} of {count(len(enrolled), 'person', 'people')} enrolled.",
            icon=":material/check_circle:",
        )
    else:
        st.warning("No photo was good enough.", icon=":material/warning:")
    if result.refused:
        st.markdown(f"**{count(len(result.refused), 'photo')} refused**")
        st.dataframe(
            [{"Person": person or "", "File": refused.file, "Reason": refused.reason} for person, refused in result.refused],
            hide_index=True,
        )
