"""The live source: the camera, and the network at work on whoever is in front of it, as fast as it comes."""

import html
import time
from dataclasses import dataclass

import streamlit as st

from pages.components.camera import camera
from pages.components.context import camera_session, close_camera_session, services
from pages.components.panels import explain
from pages.components.text import plain
from pages.feature_maps import maps, why_name
from pages.feature_maps.face import Face, answer
from pages.feature_maps.heat import choose_method
from pages.feature_maps.subject import Subject, choose_touched
from pages.feature_maps.touch import touch
from recognition.inspection.live_maps import Heat, LiveMaps
from recognition.inspection.touch import Touched
from recognition.networks import Network
from recognition.server.tokens import LIFETIME

SLOT = "maps_session"


@dataclass(frozen=True, eq=False)
class Live:
    """The camera of this page.

    Attributes:
        session: what it films.
        token: for asking for it.
        flows: the panels that can be live are; otherwise they stand still.
        moment: the face that was taken to be studied, with the time when; None before there is one.
    """

    session: LiveMaps
    token: str
    flows: bool
    moment: tuple[Face, str] | None


def source(subject: Subject[Network]) -> Live:
    """The camera, and the input that makes everything stand still."""
    app = services()
    if st.session_state.get("maps_network") is not subject.network:
        close_camera_session(SLOT)
        st.session_state["maps_network"] = subject.network
    session, token = camera_session(
        SLOT,
        LiveMaps,
        lambda: LiveMaps(
            app.recognizer,
            subject.network,
            subject.summary,
            lambda: app.gallery.templates(subject.network.spec.key),
            Touched(subject.summary.layers[0].name),
            app.settings.min_confidence,
        ),
    )
    left, right = st.columns([1, 3], gap="medium")
    with left:
        running = camera(key="maps_camera", token=token, kind="maps").running
    with right:
        if not running:
            st.session_state.pop("maps_address", None)
            st.caption("Start the camera: the network below follows your face.")
        else:
            st.caption("*Maps* and *Why this name?* follow your face. What looks at one moment says so.")
        held = st.toggle(
            "Hold this face",
            key="maps_held",
            disabled=session.crop is None,
            help="Everything stands still, so that it can be studied.",
            on_change=_take,
            args=(session,),
        )
        if running:
            _watch(session)
    return Live(session, token, running and not held, st.session_state.get("maps_moment"))


def at_work(subject: Subject[Network], live: Live) -> None:
    """The network at work: live, or as it was when it stopped."""
    if not live.flows:
        face = frozen(live)
        if face is not None:
            maps.panel(subject, face, answer(subject.network, face))
        return
    explain(maps.WORDS, *maps.MATHS)
    place = st.container()
    live.session.show(choose_touched(subject.summary))
    with place:
        touch(None, key="touch", cell=maps.kept_cell(), live=f"{_api()}/touch?token={live.token}")


def why(subject: Subject[Network], live: Live) -> None:
    """Why this name: live, or as it was when it stopped."""
    if not live.flows:
        face = frozen(live)
        if face is not None:
            why_name.panel(subject, face)
        return
    explain(why_name.WORDS, *why_name.MATHS)
    method, layer = choose_method(subject)
    live.session.explain(Heat(layer.name, method))
    address = html.escape(_address(live.token))
    alt = "What speaks for the two most similar people, live"
    st.html(f'<img src="{address}" alt="{alt}" style="width: 100%; border-radius: .6rem">')
    _say_whom(live.session)


def frozen(live: Live) -> Face | None:
    """The face for what stands still, and a sentence that it does; None, with another sentence, before there is one."""
    if live.moment is None:
        st.info("Start the camera above first.", icon=":material/videocam:")
        return None
    face, when = live.moment
    st.info(f"Frozen: this is the face of {when}, not the live one.", icon=":material/ac_unit:")
    return face


def _take(session: LiveMaps) -> None:
    if session.crop is not None:
        st.session_state["maps_moment"] = (Face(session.crop), time.strftime("%H:%M:%S"))


def _api() -> str:
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{base}/api" if base else "/api"


def _address(token: str) -> str:
    """Of the stream. It stays the same over reruns, so that the picture goes on without a flicker, until its token
    is about to expire."""
    session_id = st.session_state[SLOT]
    known: tuple[str, float, str] | None = st.session_state.get("maps_address")
    if known is None or known[0] != session_id or time.monotonic() - known[1] > LIFETIME / 2:
        known = (session_id, time.monotonic(), f"{_api()}/maps?token={token}")
        st.session_state["maps_address"] = known
    return known[2]


@st.fragment(run_every=1.0)
def _watch(session: LiveMaps) -> None:
    """Takes the first face, so that there is one for what stands still."""
    if session.crop is not None and st.session_state.get("maps_moment") is None:
        _take(session)
        st.rerun(scope="app")


@st.fragment(run_every=1.0)
def _say_whom(session: LiveMaps) -> None:
    """What goes with the live heat maps in words."""
    if session.problem:
        st.warning(plain(session.problem), icon=":material/info:")
    elif session.crop is None:
        st.caption("Looking for a face.")
    elif session.people:
        parts = ", then ".join(f"{plain(person.name)} ({person.score:.3f})" for person in session.people)
        st.caption(f"The face, then what speaks for {parts}.")
    if session.starved:
        # A new address makes the browser ask again.
        st.session_state.pop("maps_address", None)
        st.rerun(scope="app")
