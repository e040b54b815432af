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
    face = live_face.source(subject) if source == CAMERA else choose_face(source)

    def of_face(panel: Callable[[Subject[Network], Face], None]) -> Panel:
        return _ask_for_face if face is None else partial(panel, subject, face)

    return {
        "Maps": of_face(_maps),
        "Kernels": partial(kernels.panel, subject),
        "Why this name?": of_face(why_name.panel),
        "Before and after": of_face(before_after.of_face),
        "Layers": partial(layers.panel, subject),
    }


def _maps(subject: Subject[Network], face: Face) -> None:
    maps.panel(subject, face, answer(subject.network, face))


def _ask_for_face() -> None:
    st.info("Choose a face above first.", icon=":material/face:")
