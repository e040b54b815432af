"""Bringing data sets here, and changing those that are here."""

import io
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.components.context import services
from pages.components.keyed import point_to
from pages.components.text import plain, show_error
from recognition.errors import RecognitionError
from recognition.names import MAX_NAME
from recognition.tasks import Report, TaskState
from training.course.data.folders import title_of
from training.course.data.library import (
    Added,
    DataSet,
    add_pictures,
    damaged_data_sets,
    delete_data_set,
    list_data_sets,
    rename_data_set,
)
from training.course.data.published import PUBLISHED, Published, download

TASK = "data set"
"""One comes at a time."""


@st.dialog("Data sets", icon=":material/photo_library:", width="medium", on_dismiss="rerun")
def dialog() -> None:
    """Download, import, rename, delete."""
    if services().tasks.get(TASK) is not None:
        st.info("A data set is just being added; the page shows how far it is.", icon=":material/hourglass_top:")
        return
    tabs = st.tabs(["Download", "Zip", "Folder", "Here"])
    for tab, show in zip(tabs, (_download, _zip, _folder, _here), strict=True):
        with tab:
            show()


def follow() -> None:
    """How far the data set is that is being added, if one is. Goes on in the background when the page is left."""
    if services().tasks.get(TASK) is not None:
        _follow()


@st.fragment(run_every=0.5)
def _follow() -> None:
    task = services().tasks.get(TASK)
    if task is None:
        st.rerun()
    state = task.state
    if state.running:
        st.progress(state.fraction, text=plain(state.text) or "Starting…")
        st.button("Stop", key="stop_data", icon=":material/stop:", on_click=task.cancel)
    elif isinstance(state.result, Added):
        services().tasks.clear(TASK)
        st.session_state["data_added"] = state.result
        st.rerun()
    else:
        _failed(state)


def select_added() -> None:
    """Choose the data set that has just been added, and say so. Before the widgets are drawn."""
    added = st.session_state.pop("data_added", None)
    if isinstance(added, Added):
        point_to("data", added.data_set.key)
        st.toast(f"{plain(added.data_set.title)} {'was here already' if added.already_here else 'is here'}.")


def _failed(state: TaskState) -> None:
    if state.error:
        show_error(state.error)
    else:
        st.info("Stopped; nothing was added. A download continues where it stopped.", icon=":material/stop:")
    st.button("OK", key="data_failed", on_click=services().tasks.clear, args=(TASK,))


def _download() -> None:
    for published in PUBLISHED.values():
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**{plain(published.title)}**, {published.megabytes} MB  \n{published.about}", width="content")
            if st.button("Download", key=f"download_{published.key}", icon=":material/download:"):
                _start(partial(_fetched, published))
    st.caption("Checked against the published checksums. Without a connection, import the pictures as a zip or folder.")


def _fetched(published: Published, storage: Path, report: Report) -> Added:
    def megabytes(here: int, total: int) -> None:
        report(here / total, f"{published.title}: {here / 1e6:.0f} of {total / 1e6:.0f} MB")

    return download(storage, published, megabytes)


def _zip() -> None:
    _layout()
    upload = st.file_uploader("A zip of pictures", type=["zip"], key="data_zip")
    if st.button("Import", key="import_zip", type="primary", icon=":material/upload:", disabled=upload is None):
        assert upload is not None
        _start(_uploaded(upload))


def _uploaded(upload: UploadedFile) -> Callable[[Path, Report], Added]:
    # Read now: the upload is gone when this page is.
    content, title = io.BytesIO(upload.getvalue()), Path(upload.name).stem
    return lambda storage, report: add_pictures(storage, content, title, progress=_pictures(report))


def _folder() -> None:
    _layout()
    text = st.text_input("Folder or zip on this computer", key="data_path", placeholder="…/cats-and-dogs").strip()
    if st.button("Import", key="import_folder", type="primary", icon=":material/folder_open:", disabled=not text):
        # Unlike Path's own, it leaves a user who doesn't exist as it is.
        path = Path(os.path.expanduser(text))  # noqa: PTH111
        _start(lambda storage, report: add_pictures(storage, path, title_of(path), progress=_pictures(report)))


def _layout() -> None:
    st.markdown("One folder a class; or `train` and `test` with one folder a class each. Broken files are named afterwards.")


def _pictures(report: Report) -> Callable[[int, int], None]:
    return lambda done, total: report(done / total, f"{done:,} of {total:,} pictures")


def _start(work: Callable[[Path, Report], Added]) -> None:
    app = services()
    storage = app.settings.storage
    app.tasks.start(TASK, lambda report: work(storage, report))
    st.rerun()


def _here() -> None:
    storage = services().settings.storage
    sets, damaged = list_data_sets(storage), damaged_data_sets(storage)
    if problem := st.session_state.pop("data_problem", None):
        show_error(problem)
    if not sets and not damaged:
        st.info("Nothing yet. The digits and the enrolled faces are always there.", icon=":material/photo_library:")
    for data_set in sets:
        _stored(data_set)
    for key in damaged:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/broken_image: The data set {plain(key)} is damaged and can't be used.")
            _delete_button(key)


def _stored(data_set: DataSet) -> None:
    key = data_set.key
    with st.container(border=True, horizontal=True, vertical_alignment="bottom"):
        title = st.text_input("Title", data_set.title, max_chars=MAX_NAME, key=f"title_{key}")
        unchanged = title == data_set.title
        st.button(
            "Rename", key=f"rename_{key}", icon=":material/edit:", disabled=unchanged, on_click=_change, args=(_rename, key)
        )
        _delete_button(key)


def _delete_button(key: str) -> None:
    with st.popover("Delete", icon=":material/delete:"):
        st.markdown("Its pictures are deleted from this computer; experiments that learned from them stay.")
        st.button("Delete for good", key=f"delete_{key}", type="primary", on_click=_change, args=(delete_data_set, key))


def _rename(storage: Path, key: str) -> None:
    rename_data_set(storage, key, st.session_state[f"title_{key}"])


def _change(change: Callable[[Path, str], None], key: str) -> None:
    try:
        change(services().settings.storage, key)
    except RecognitionError as error:
        st.session_state["data_problem"] = str(error)
    # What was read of it is no longer what is there.
    st.cache_resource.clear()
