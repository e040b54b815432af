"""The Enroll page's camera: a guided round of photos, whose they are, and Save."""

import streamlit as st

from pages.components.camera import camera
from pages.components.context import camera_session, close_camera_session, services
from pages.components.text import count, plain, show_error
from pages.enroll import done
from pages.enroll.inputs import ask_consent, ask_name
from recognition.enrollment import MIN_PHOTOS, GuidedRound
from recognition.errors import InvalidNameError, RecognitionError
from recognition.gallery import PersonSummary
from recognition.identification import Match
from recognition.session import RoundState

SLOT = "enroll_session"

ROUND = "round"
"""In the address stands which round it is as soon as there is something to lose: a reload goes on with it."""

SIDES = {"straight": "straight", "left": "left side", "right": "right side", "up": "chin up", "down": "chin down"}


def page() -> None:
    """Take the photos, ask for a name and consent, keep them."""
    round_, token = _open_round()
    camera(key="enroll_camera", token=token, kind="enroll", round_=round_.round())
    _ask(round_)
    owner = _ask_owner(round_)
    if round_.begun:
        st.query_params[ROUND] = st.session_state[SLOT]
    else:
        st.query_params.pop(ROUND, None)
    if problem := st.session_state.pop("enroll_problem", None):
        show_error(problem)
    counter, action = st.bottom.columns([2, 1], gap="medium", vertical_alignment="center")
    counter.markdown(_counter(round_.round()))
    with action:
        _offer_to_save(round_, owner)


def _open_round() -> tuple[GuidedRound, str]:
    """The round of this address or tab, or a new one."""
    wanted = st.query_params.get(ROUND)
    if wanted:
        st.session_state[SLOT] = wanted
    opened = camera_session(SLOT, GuidedRound, lambda: GuidedRound(services().recognizer))
    if wanted and st.session_state[SLOT] != wanted:
        st.info("The photos from before were not saved in time and are forgotten.", icon=":material/history:")
    return opened


def _ask(round_: GuidedRound) -> None:
    """The name and the consent, which belong to the round and live as long."""
    name, consent = _keys()
    st.session_state.setdefault(name, round_.name)
    st.session_state.setdefault(consent, round_.consented)
    left, right = st.columns(2, gap="medium", vertical_alignment="bottom")
    ask_name(left, name)
    ask_consent(right, consent)
    _take_answers(round_)


def _keys() -> tuple[str, str]:
    return f"enroll_name_{st.session_state[SLOT]}", f"enroll_consent_{st.session_state[SLOT]}"


def _take_answers(round_: GuidedRound) -> None:
    name, consent = _keys()
    round_.name = st.session_state[name] or ""
    round_.consented = st.session_state[consent]


def _ask_owner(round_: GuidedRound) -> PersonSummary | None:
    """Who gets the photos: whoever has the name, or whom the face resembles; None for a new person."""
    try:
        owner = _namesake(round_)
    except InvalidNameError as error:
        show_error(error)
        return None
    if alike := _alike(round_, owner):
        st.warning(
            f"This face looks like {plain(alike.name)}, who is already enrolled ({alike.confidence:.0%} sure).",
            icon=":material/group:",
        )
        choices = {"add": f"It is {plain(alike.name)}: add the photos there", "new": "It is somebody else"}
        if st.radio("Who is it?", list(choices), format_func=choices.__getitem__, key=_owner_key(alike)) == "add":
            return services().gallery.person(alike.person_id)
    elif owner is not None:
        st.info(f"{plain(owner.name)} is already enrolled. These photos will be added.", icon=":material/info:")
    return owner


def _namesake(round_: GuidedRound) -> PersonSummary | None:
    return services().gallery.find(round_.name) if round_.name.strip() else None


def _alike(round_: GuidedRound, owner: PersonSummary | None) -> Match | None:
    """Whom the face resembles, unless that is whose name was typed. Nobody is recognised who has not agreed."""
    alike = round_.resembles() if round_.consented else None
    if alike is None or not alike.accepted(services().settings.min_confidence):
        return None
    return None if owner is not None and owner.id == alike.person_id else alike


def _owner_key(alike: Match) -> str:
    return f"enroll_owner_{st.session_state[SLOT]}_{alike.person_id}"


def _counter(state: RoundState) -> str:
    """How far the round is, and what to do."""
    taken, wanted = len(state.photos), sum(state.wanted.values())
    if not taken:
        return f"**0 of {wanted} photos.** Start the camera: it takes them by itself."
    if state.complete:
        return f"**{taken} of {wanted} photos.** Look at them, then save."
    missing = ", ".join(SIDES[pose] for pose in state.wanted if state.taken[pose] < state.wanted[pose])
    rest = "continue or save" if taken >= MIN_PHOTOS else f"{MIN_PHOTOS} at least"
    return f"**{taken} of {wanted} photos.** Missing: {missing}. *{rest.capitalize()}.*"


def _offer_to_save(round_: GuidedRound, owner: PersonSummary | None) -> None:
    taken = len(round_.candidates())
    photos = count(taken, "photo")
    label = f"Save {photos}" if taken else "Save"
    if owner is not None:
        label = f"Add {photos} to {plain(owner.name)}"
    elif round_.name.strip():
        label = f"Save {plain(round_.name)}, {photos}"
    st.button(
        label,
        type="primary",
        icon=":material/save:",
        disabled=taken < MIN_PHOTOS,
        on_click=_save,
        args=(round_, owner and owner.id),
        width="stretch",
    )


def _save(round_: GuidedRound, promised: int | None) -> None:
    """Store the round's photos, as a new person or added to the one whom the button named. What stands in the way is said."""
    # What was typed a moment ago comes together with the click.
    _take_answers(round_)
    try:
        owner = _namesake(round_)
        if alike := _alike(round_, owner):
            choice = st.session_state.get(_owner_key(alike), "add")
            owner = services().gallery.person(alike.person_id) if choice == "add" else owner
        if (owner and owner.id) != promised:
            st.session_state["enroll_problem"] = "Nothing is saved yet: see below whose photos these will be, then save again."
            return
        receipt = round_.save(services().gallery, promised)
    except RecognitionError as error:
        st.session_state["enroll_problem"] = str(error)
        return
    close_camera_session(SLOT)
    st.query_params.pop(ROUND, None)
    done.go_to(receipt.person.id)
