"""The Enroll page's other source: photos, zips of photos, and copies of everyone."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from pathlib import Path

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from pages.components import restore
from pages.components.context import services
from pages.components.text import count, plain, show_error
from pages.enroll import done
from pages.enroll.inputs import ask_consent, ask_name
from recognition.enrollment import BatchResult, enroll_pictures
from recognition.errors import ArchiveError, InvalidNameError
from recognition.gallery import ArchivedPicture, count_archive_pictures, iter_archive_pictures
from recognition.names import clean_name
from recognition.tasks import Report, TaskState
from recognition.zip_contents import Contents, look_into

TASK = "enroll files"

NAME, CONSENT = "files_name", "files_consent"


@dataclass
class _Brought:
    """The uploads, told apart.

    Attributes:
        photos: single files.
        zips: with pictures of people.
        copies: of everyone, to be restored.
        people: how many pictures of whom there are; of None those whose name is not known.
        problems: sentences about files that can't be used.
    """

    photos: list[UploadedFile] = field(default_factory=list)
    zips: list[UploadedFile] = field(default_factory=list)
    copies: list[UploadedFile] = field(default_factory=list)
    people: dict[str | None, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(self.people.values())


def page() -> None:
    """Choose files, enroll them in the background, see what was refused and why."""
    if restore.follow():
        return
    task = services().tasks.get(TASK)
    if task is None:
        _choose()
    elif task.state.running:
        _follow()
    else:
        _outcome(task.state)


def _choose() -> None:
    brought = _tell_apart(
        st.file_uploader(
            "Photos of one person, or a zip with one folder a person",
            type=["jpg", "jpeg", "png", "webp", "bmp", "tif", "tiff", "zip"],
            accept_multiple_files=True,
        )
    )
    for problem in brought.problems:
        show_error(problem)
    for copy in brought.copies:
        with st.container(border=True):
            st.markdown(
                f":material/inventory_2: **{plain(copy.name)} is a copy of everyone**, made under Settings. Restore it with "
                "names, photos and consent as they were?"
            )
            restore.restore_button(copy)
    if brought.copies and not brought.total:
        return
    if brought.zips:
        st.caption(_summary(brought))
    if None in brought.people:
        ask_name(st.container(), NAME)
    ask_consent(st.container(), CONSENT, "Everyone in these photos agreed to their face being stored here")
    st.caption("Best are five or more photos a person: one face each, sharp, from different sides and in different light.")
    if problem := st.session_state.pop("files_problem", None):
        show_error(problem)
    st.button(
        f"Save {count(brought.total, 'photo')}" if brought.total else "Save",
        type="primary",
        icon=":material/save:",
        disabled=not brought.total,
        on_click=_save,
        args=(brought,),
    )


def _tell_apart(uploads: list[UploadedFile]) -> _Brought:
    brought = _Brought()
    for upload in uploads:
        if Path(upload.name).suffix.lower() != ".zip":
            brought.photos.append(upload)
            brought.people[None] = brought.people.get(None, 0) + 1
            continue
        try:
            contents = look_into(upload)
            if contents is Contents.GALLERY:
                brought.copies.append(upload)
            elif contents is Contents.PICTURES:
                for person, number in count_archive_pictures(upload).items():
                    brought.people[person] = brought.people.get(person, 0) + number
                brought.zips.append(upload)
            else:
                brought.problems.append(f"{upload.name}: {contents.value}")
        except ArchiveError as error:
            brought.problems.append(f"{upload.name}: {error}")
    return brought


def _summary(brought: _Brought) -> str:
    """Whose photos there are: `22 photos of 2 people: Ada (12), Bob (10)`."""
    named = [(person, number) for person, number in brought.people.items() if person is not None]
    if not named:
        return f"{count(brought.total, 'photo')} in no folder: of one person."
    several = ", ".join(f"{plain(person)} ({number})" for person, number in named[:8]) + (" …" if len(named) > 8 else "")
    text = f"{count(sum(number for _, number in named), 'photo')} of {count(len(named), 'person', 'people')}: {several}."
    if loose := brought.people.get(None):
        text += f" {count(loose, 'more photo')} in no folder: of one person."
    return text


def _save(brought: _Brought) -> None:
    """Begin, or say what stands in the way."""
    name = st.session_state.get(NAME, "")
    try:
        name = clean_name(name) if None in brought.people else ""
    except InvalidNameError as error:
        st.session_state["files_problem"] = str(error)
        return
    if not st.session_state[CONSENT]:
        st.session_state["files_problem"] = "Nothing is saved yet: ask everyone in these photos, and tick the box."
        return
    app = services()
    # Read now: the uploads are gone when this page is.
    loose = [ArchivedPicture(name, file.name, file.getvalue()) for file in brought.photos]
    zips = [file.getvalue() for file in brought.zips]

    def pictures() -> Iterator[ArchivedPicture]:
        for picture in chain(loose, *map(iter_archive_pictures, zips)):
            yield picture if picture.person is not None else replace(picture, person=name)

    def work(report: Report) -> BatchResult:
        return enroll_pictures(
            pictures(),
            app.gallery,
            app.recognizer(),
            source="upload",
            consented=True,
            progress=partial(_report, report, brought.total),
        )

    app.tasks.start(TASK, work)


def _report(report: Report, total: int, done: int, file: str) -> None:
    report(done / max(total, 1), f"{done} of {total}: {file}")


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
        _report_result(state.result)
    st.button("Add more", icon=":material/add:", on_click=services().tasks.clear, args=(TASK,))


def _report_result(result: BatchResult) -> None:
    enrolled = [person for person in result.people if person.accepted]
    if enrolled:
        st.success(
            f"{count(result.accepted, 'photo')} of {count(len(enrolled), 'person', 'people')} saved.",
            icon=":material/check_circle:",
        )
        found = (services().gallery.find(person.person) for person in enrolled)
        done.show_faces([person for person in found if person is not None])
        done.try_it_live()
    else:
        st.warning("No photo was good enough.", icon=":material/warning:")
    if result.refused:
        st.markdown(f"**{count(len(result.refused), 'photo')} refused**")
        st.dataframe(
            [{"Person": person or "", "File": refused.file, "Reason": refused.reason} for person, refused in result.refused],
            hide_index=True,
        )
