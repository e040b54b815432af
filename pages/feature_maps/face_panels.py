"""Looking into a face network."""

from collections.abc import Callable
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.feature_maps import before_after, kernels, layers, live_face, maps, why_name
from pages.feature_maps.face import CAMERA, SOURCES, Face, answer, choose_face, load, summary
from pages.feature_maps.subject import Panel, Subject, choose_source
from recognition.networks import Network, NetworkSpec


def panels(spec: NetworkSpec, line: DeltaGenerator) -> dict[str, Panel]:
    """The inputs and, by title, the panels.

    Args:
        spec: of the network.
        line: where the source of the face is chosen.

    Raises:
        NetworkError: the network can't be loaded.
    """
    with line:
        source = choose_source(SOURCES)
    loaded = load(spec)
    subject = Subject(loaded, summary(loaded, spec.key))
    if source == CAMERA:
        return _live(subject)
    face = choose_face(source)

    def of_face(panel: Callable[[Subject[Network], Face], None]) -> Panel:
        return _ask_for_face if face is None else partial(panel, subject, face)

    return _titled(subject, of_face(_maps), of_face(why_name.panel), of_face(before_after.of_face))


def _live(subject: Subject[Network]) -> dict[str, Panel]:
    live = live_face.source(subject)

    def compared() -> None:
        face = live_face.frozen(live)
        if face is not None:
            before_after.of_face(subject, face)

    return _titled(subject, partial(live_face.at_work, subject, live), partial(live_face.why, subject, live), compared)


def _titled(subject: Subject[Network], at_work: Panel, why: Panel, compared: Panel) -> dict[str, Panel]:
    return {
        "Maps": at_work,
        "Kernels": partial(kernels.panel, subject),
        "Why this name?": why,
        "Before and after": compared,
        "Layers": partial(layers.panel, subject),
    }


def _maps(subject: Subject[Network], face: Face) -> None:
    maps.panel(subject, face, answer(subject.network, face))


def _ask_for_face() -> None:
    st.info("Choose a face above first.", icon=":material/face:")
