"""Who is this? An unknown face in the live picture gets a name, and its pictures are enrolled."""

from collections.abc import Sequence

import streamlit as st

from pages.components.context import services
from pages.components.text import count, data_url, show_error
from recognition.enrollment import MIN_PHOTOS, PersonResult, add_pictures, enroll_pictures
from recognition.errors import RecognitionError
from recognition.gallery import ArchivedPicture
from recognition.live.naming import LiveRecognition
from recognition.names import clean_name

NEW, ENROLLED = "Somebody new", "Somebody enrolled"


@st.dialog("Who is this?")
def ask(session: LiveRecognition, appearance: int) -> None:
    """A name or somebody enrolled, consent, and the pictures that would be stored."""
    people = {person.id: person.name for person in services().gallery.people()}
    kind = NEW
    if people:
        kind = st.segmented_control("Whom", [NEW, ENROLLED], default=NEW, required=True, label_visibility="collapsed")
    name, person_id = "", None
    if kind == NEW:
        name = st.text_input("Name", max_chars=80, key=f"who_name_{appearance}").strip()
    else:
        person_id = st.selectbox(
            "Person", people, index=None, format_func=people.__getitem__, placeholder="Choose a person", key=f"who_{appearance}"
        )
    agreed = st.checkbox(
        "They agreed to their face being stored here",
        key=f"who_consent_{appearance}",
        help="These pictures, and numbers computed from them, are stored on this computer and used to recognise the "
        "person. They can be deleted at any time on the People page.",
    )
    _offer(session, appearance, name, person_id, agreed)


@st.fragment(run_every=1.0)
def _offer(session: LiveRecognition, appearance: int, name: str, person_id: int | None, agreed: bool) -> None:
    """The pictures there are by now, more every second while the face is in view, and the button that stores them."""
    pictures = session.portraits.of(appearance)
    row = session.appearances.row(appearance)
    _show(pictures or ((row.face,) if row else ()))
    enough = len(pictures) >= (MIN_PHOTOS if person_id is None else 1)
    st.caption(
        "Taken while the face was in view. In memory only, and stored only if you save them."
        if enough
        else f"{len(pictures)} of at least {MIN_PHOTOS} good pictures so far. They are taken while the face is in view: large, "
        "sharp and turned to the camera."
    )
    if st.button(
        f"Save {count(len(pictures), 'picture')}" if pictures else "Save",
        type="primary",
        icon=":material/save:",
        width="stretch",
        disabled=not (enough and agreed and (name or person_id is not None)),
    ):
        try:
            with st.spinner("Looking at the pictures once more…"):
                _save(session, appearance, pictures, name, person_id)
        except RecognitionError as error:
            show_error(error)
        else:
            st.rerun()


def _show(faces: Sequence[bytes]) -> None:
    """Mirrored, as the camera's picture is."""
    style = "height: 5.5rem; border-radius: 0.6rem; transform: scaleX(-1)"
    images = "".join(f'<img src="{data_url(face)}" alt="" style="{style}">' for face in faces)
    st.html(f'<div style="display: flex; flex-wrap: wrap; gap: 0.4rem">{images}</div>')


def _save(session: LiveRecognition, appearance: int, pictures: tuple[bytes, ...], name: str, person_id: int | None) -> None:
    """Put the pictures through the gate that all photos go through, and call the face by its name from now on.

    Raises:
        RecognitionError: the name is not one, no picture was good enough, or the storage failed.
    """
    app = services()
    if person_id is None:
        name = clean_name(name)
    files = [ArchivedPicture(name, f"picture {number}", data) for number, data in enumerate(pictures, 1)]
    result: PersonResult
    if person_id is None:
        (result,) = enroll_pictures(files, app.gallery, app.recognizer(), source="camera", consented=True).people
        found = app.gallery.find(name)
    else:
        result = add_pictures(person_id, files, app.gallery, app.recognizer(), source="camera")
        found = app.gallery.person(person_id)
    if not result.accepted or found is None:
        reasons = "; ".join(sorted({refused.reason for refused in result.refused}))
        raise RecognitionError(f"No picture was good enough: {reasons}. Let them stay in view a little longer.")
    session.name(appearance, found.id, found.name)
    st.session_state["live_message"] = f"{found.name}: {count(result.accepted, 'picture')} stored."
