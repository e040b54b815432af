"""The live source: the camera, and beside it what the network sees, as fast as it comes."""

import html
import time

import streamlit as st

from pages.components.camera import camera
from pages.components.context import camera_session, close_camera_session, services
from pages.components.panels import bound
from pages.components.text import plain
from pages.feature_maps.face import Face
from pages.feature_maps.heat import choose_method
from pages.feature_maps.subject import Subject
from recognition.inspection.live_maps import LiveMaps
from recognition.inspection.views import Show, View
from recognition.networks import Network
from recognition.server.tokens import LIFETIME

SLOT = "maps_session"
SHOWS: dict[str, Show] = {
    "All channels": "grid",
    "One channel": "channel",
    "First to last": "depth",
    "Why this name": "why",
}


def source(subject: Subject[Network]) -> Face | None:
    """The camera and its live maps; the face that the panels below look at, None before there is one."""
    app = services()
    known = st.session_state.get("maps_network")
    if known is not subject.network:
        close_camera_session(SLOT)
        st.session_state["maps_network"] = subject.network
    left, right = st.columns([2, 3], gap="medium")
    with right:
        shown = SHOWS[
            st.segmented_control(
                "Live maps",
                list(SHOWS),
                default="All channels",
                required=True,
                label_visibility="collapsed",
                **bound("live"),
            )
        ]
        method, layer = choose_method(subject) if shown == "why" else ("layercam", subject.layer)
    view = View(layer.name, shown, subject.order, subject.page, subject.channel, method)
    session, token = camera_session(
        SLOT,
        LiveMaps,
        lambda: LiveMaps(
            app.recognizer,
            subject.network,
            subject.summary,
            lambda: app.gallery.templates(subject.network.spec.key),
            view,
            app.settings.min_confidence,
        ),
    )
    session.show(view)
    with left:
        running = camera(key="maps_camera", token=token, kind="maps").running
    with right:
        if running:
            source = html.escape(_address(token))
            st.html(f'<img src="{source}" alt="{_alt(subject, shown)}" style="width: 100%; border-radius: .6rem">')
            _said(session, shown)
        else:
            st.session_state.pop("maps_address", None)
            st.caption("Start the camera: the maps follow your face.")
    moment = st.session_state.get("maps_moment")
    with st.container(horizontal=True, vertical_alignment="center"):
        if moment is not None:
            st.image(moment, width=64)
        st.button(
            "Look closer at the face as it is now" if moment is None else "Take the face as it is now instead",
            icon=":material/motion_photos_paused:",
            help="The panels below look at one moment, so that it can be studied.",
            disabled=session.crop is None,
            on_click=_take,
            args=(session,),
        )
    return None if moment is None else Face(moment)


def _take(session: LiveMaps) -> None:
    st.session_state["maps_moment"] = session.crop


def _address(token: str) -> str:
    """Of the stream. It stays the same over reruns, so that the picture goes on without a flicker, until its token
    is about to expire."""
    session_id = st.session_state[SLOT]
    known: tuple[str, float, str] | None = st.session_state.get("maps_address")
    if known is None or known[0] != session_id or time.monotonic() - known[1] > LIFETIME / 2:
        base = str(st.get_option("server.baseUrlPath") or "").strip("/")
        prefix = f"/{base}" if base else ""
        known = (session_id, time.monotonic(), f"{prefix}/api/maps?token={token}")
        st.session_state["maps_address"] = known
    return known[2]


def _alt(subject: Subject[Network], shown: Show) -> str:
    what = {
        "grid": f"The channels of {subject.layer.label}",
        "channel": f"Channel {subject.channel} of {subject.layer.label}",
        "depth": "First to last layers",
        "why": "What speaks for the two most similar people",
    }[shown]
    return html.escape(f"{what}, live")


@st.fragment(run_every=1.0)
def _said(session: LiveMaps, shown: Show) -> None:
    """What goes with the live picture in words."""
    if session.problem:
        st.warning(plain(session.problem), icon=":material/info:")
    elif session.crop is None:
        st.caption("Looking for a face.")
    elif shown == "channel":
        st.caption("From left: over the face, the channel (red above, blue below zero), after ReLU, after pooling.")
    elif shown == "depth":
        st.caption("From left: edges, textures, parts. The three strongest channels of six layers.")
    elif shown == "why" and session.people:
        parts = ", then ".join(f"{plain(person.name)} ({person.score:.3f})" for person in session.people)
        st.caption(f"The face, then what speaks for {parts}.")
    if session.crop is not None and st.session_state.get("maps_moment") is None:
        _take(session)
        st.rerun(scope="app")
    if session.starved:
        # A new address makes the browser ask again.
        st.session_state.pop("maps_address", None)
        st.rerun(scope="app")
