"""The Enroll page's camera: a name and consent, a guided round of photos, and whose they are."""

import streamlit as st

from pages.components.camera import camera
from pages.components.context import camera_session, close_camera_session, services
from pages.components.text import count, plain, show_error
from recognition.enrollment import MIN_PHOTOS, GuidedRound
from recognition.errors import InvalidNameError, RecognitionError
from recognition.gallery import PersonSummary
from recognition.names import clean_name

SLOT = "enroll_session"


def page() -> None:
    """Ask for a name and consent, take the photos, keep them."""
    _show_saved()
    name = _name_with_consent()
    if name is None:
        with st.container(border=True, horizontal_alignment="center"):
            st.markdown(":material/videocam_off: Type a name and tick the box. Then the camera can start.", width="content")
        return
    picture, side = st.columns([2, 1], gap="medium")
    round_, token = camera_session(SLOT, GuidedRound, lambda: GuidedRound(services().recognizer))
    with picture:
        camera(key="enroll_camera", token=token, kind="enroll")
    with side:
        if problem := st.session_state.pop("enroll_error", None):
            show_error(problem)
        _offer_to_save(round_, name, _choose_owner(round_, name))


def _show_saved() -> None:
    """Until the next name is typed: a camera that is just closing makes the page run once more."""
    if saved := st.session_state.get("enrolled"):
        st.success(plain(saved), icon=":material/check_circle:")
        st.page_link("live.py", label="See it in the live picture", icon=":material/videocam:")


def _name_with_consent() -> str | None:
    """The inputs; None until there is a name and the person agrees."""
    # The key changes after saving, so that the next person starts with an empty form.
    turn = st.session_state.setdefault("enroll_turn", 0)
    form, agreement = st.columns([2, 1], gap="medium", vertical_alignment="bottom")
    given = form.text_input("Name", key=f"enroll_name_{turn}", max_chars=80, placeholder="Who is in front of the camera?")
    consented = agreement.checkbox(
        "This person agrees",
        key=f"enroll_consent_{turn}",
        help="The face is stored on this computer as photos and as numbers computed from them, and used to recognise "
        "the person. They can be deleted at any time on the People page.",
    )
    if not given.strip():
        return None
    try:
        name = clean_name(given)
    except InvalidNameError as error:
        show_error(error)
        return None
    st.session_state.pop("enrolled", None)
    return name if consented else None


def _choose_owner(round_: GuidedRound, name: str) -> PersonSummary | None:
    """Who the photos are added to: whoever has the name, or whom the face resembles; None for a new person."""
    app = services()
    owner = app.gallery.find(name)
    alike = round_.resembles()
    if alike and alike.accepted(app.settings.min_confidence) and (owner is None or owner.id != alike.person_id):
        st.warning(
            f"This face looks like {plain(alike.name)}, who is already enrolled ({alike.confidence:.0%} sure).",
            icon=":material/group:",
        )
        choices = {"add": f"It is {plain(alike.name)}: add the photos there", "new": "It is somebody else"}
        if st.radio("What should happen?", list(choices), format_func=choices.__getitem__) == "add":
            return app.gallery.person(alike.person_id)
    elif owner is not None:
        st.info(f"{plain(owner.name)} is already enrolled. These photos will be added.", icon=":material/info:")
    return owner


def _offer_to_save(round_: GuidedRound, name: str, owner: PersonSummary | None) -> None:
    taken = len(round_.candidates())
    st.button(
        f"Add {count(taken, 'photo')} to {plain(owner.name)}" if owner else f"Save {plain(name)}, {count(taken, 'photo')}",
        type="primary",
        icon=":material/save:",
        disabled=taken < MIN_PHOTOS,
        on_click=_save,
        args=(round_, name, owner),
        width="stretch",
    )
    if taken < MIN_PHOTOS:
        st.caption(f"At least {MIN_PHOTOS} photos are needed. The full round has eight, from all sides.")


def _save(round_: GuidedRound, name: str, owner: PersonSummary | None) -> None:
    """Store the round's photos, as a new person or added to one who is enrolled."""
    gallery = services().gallery
    photos = [candidate.photo("camera") for candidate in round_.candidates()]
    try:
        receipt = gallery.enroll(name, photos, consented=True) if owner is None else gallery.add_photos(owner.id, photos)
    except RecognitionError as error:
        st.session_state["enroll_error"] = str(error)
        return
    st.session_state["enrolled"] = f"{receipt.person.name}: {count(receipt.added, 'photo')} saved."
    st.session_state["enroll_turn"] += 1
    close_camera_session(SLOT)
