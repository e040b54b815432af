"""Looking into a face network."""

from collections.abc import Callable
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.feature_maps import before_after, depth, kernels, live_face, maps, network, receptive_field, why_name
from pages.feature_maps.face import CAMERA, SAMPLE, SOURCES, Face, choose_face, load, summary
from pages.feature_maps.subject import Panel, Subject, choose_source, choose_subject
from recognition.networks import Network, NetworkSpec


def panels(spec: NetworkSpec, line: DeltaGenerator, place: DeltaGenerator) -> dict[str, Panel]:
    """The inputs and, by title, the panels.

    Args:
        spec: of the network.
        line: where the source of the face is chosen.
        place: where a still face is shown.

    Raises:
        NetworkError: the network can't be loaded.
    """
    with line:
        source = choose_source(SOURCES)
    face = None if source == CAMERA else choose_face(source)
    if face is not None:
        place.image(face.crop, width=150, caption="NASA, public domain" if source == SAMPLE else None)
    loaded = load(spec)
    subject = choose_subject(loaded, summary(loaded, spec.key))
    if source == CAMERA:
        face = live_face.source(subject)

    def of_face(panel: Callable[[Subject[Network], Face], None]) -> Panel:
        return _ask_for_face if face is None else partial(panel, subject, face)

    return {
        "Network": partial(network.panel, subject),
        "Maps": of_face(maps.panel),
        "Kernels": partial(kernels.panel, subject),
        "Receptive field": of_face(receptive_field.panel),
        "First to last": of_face(depth.of_face),
        "Why this name?": of_face(why_name.panel),
        "Before and after": of_face(before_after.of_face),
    }


def _ask_for_face() -> None:
    st.info("Choose a face above first.", icon=":material/face:")
