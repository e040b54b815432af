"""Why this name? What on the face speaks for the best person, and what for the second best."""

import hashlib

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.components.context import services
from pages.components.panels import bound, explain, picture
from pages.components.text import plain
from pages.feature_maps.subject import Face, Subject
from recognition.inspection.attribution import Method, occlusion_maps
from recognition.inspection.drawing import enlarge, overlay
from recognition.inspection.people import Candidate, nearest
from recognition.inspection.views import draw_difference, embed_one, heats_of
from recognition.pictures import Picture

METHODS: dict[str, Method] = {"LayerCAM": "layercam", "Grad-CAM": "gradcam"}
FINE_ENOUGH = 7
"""Cells a side from which a map can say which part of a face it means."""

WIDTH = 250
SHOWN = 330


def panel(subject: Subject, face: Face) -> None:
    explain(
        "Which places bring this face close to a person? LayerCAM and Grad-CAM follow the similarity back to a layer and "
        "weigh its maps with their gradients; the occlusion map covers the face piece by piece and measures how much "
        "similarity each piece was worth.",
        r"L^{\text{LayerCAM}}_{ij} = \text{ReLU}\Big(\sum_k \text{ReLU}"
        r"\big(\tfrac{\partial s}{\partial A_{k,ij}}\big) A_{k,ij}\Big)",
        r"L^{\text{Grad-CAM}}_{ij} = \text{ReLU}\Big(\sum_k \tfrac{1}{hw} \sum_{m,n} "
        r"\tfrac{\partial s}{\partial A_{k,mn}}\, A_{k,ij}\Big)",
        r"\text{occlusion: } s(x) - s(x_{\text{covered}})",
    )
    people = _people(subject, face)
    if not people:
        _nobody(subject)
        return
    method, layer = choose_method(subject)
    heats = heats_of(subject.network, face.crop, people, layer, method)
    large = enlarge(face.crop, SHOWN, smooth=True)
    st.markdown(_verdict(subject, people))
    if face.photo_id is not None:
        st.caption("This enrolled photo is left out of its own person's template: it would be compared with itself.")
    st.markdown(f"**{'LayerCAM' if method == 'layercam' else 'Grad-CAM'} at {layer}**")
    with st.container(horizontal=True):
        for rank, (person, heat) in enumerate(zip(people, heats, strict=True), start=1):
            with st.container(width=WIDTH):
                picture(overlay(large, heat, 0.75), f"{rank}. {person.name}", f"{method}_{rank}")
        if len(people) > 1:
            with st.container(width=WIDTH):
                _difference(face, heats, people, method)
    if st.toggle("Occlusion map, about a second", **bound("occlusion")):
        _occlusion(subject, face, people, large)


def choose_method(subject: Subject) -> tuple[Method, str]:
    """The inputs for method and layer of the heat maps."""
    drawable = [layer for layer in subject.summary.layers if layer.is_map]
    names = [layer.name for layer in drawable]
    fine = [layer.name for layer in drawable if min(layer.shape[1:]) >= FINE_ENOUGH]
    if st.session_state.get("cam_layer") not in names:
        st.session_state.pop("cam_layer", None)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        method = METHODS[st.segmented_control("Method", list(METHODS), default="LayerCAM", required=True, **bound("method"))]
        start = names.index(fine[-1]) if fine else 0
        layer = st.selectbox("Layer of the heat map", names, start, width=220, **bound("cam_layer"))
    return method, layer


def _people(subject: Subject, face: Face) -> list[Candidate]:
    templates = services().gallery.templates(subject.network.spec.key)
    return nearest(templates, embed_one(subject.network, face.crop), without_photo=face.photo_id)


def _nobody(subject: Subject) -> None:
    if services().gallery.counts().people:
        st.info(
            f"The enrolled photos have no templates of {plain(subject.network.spec.title)} to compare with. Choose that "
            "network in the settings first, or look into the one that is in use.",
            icon=":material/neurology:",
        )
    else:
        st.info("Nobody is enrolled yet, so there is no name to explain.", icon=":material/person_add:")
        st.page_link("enroll.py", label="Enroll the first person", icon=":material/arrow_forward:")


def _verdict(subject: Subject, people: list[Candidate]) -> str:
    calibration = subject.network.spec.calibration
    min_confidence = services().settings.min_confidence
    best = people[0]
    known = calibration.accepts(best.score, min_confidence)
    answer = f"It is **{plain(best.name)}**" if known else f"It is nobody we know, nearest is **{plain(best.name)}**"
    scores = ", ".join(f"{plain(person.name)} {person.score:.3f}" for person in people)
    return f"{answer}. Similarity: {scores}; a name needs {calibration.required_score(min_confidence):.3f}."


def _difference(face: Face, maps: NDArray[np.float32], people: list[Candidate], name: str) -> None:
    drawn = draw_difference(face.crop, maps[0], maps[1], SHOWN)
    picture(drawn, f"Red: rather {people[0].name}; blue: rather {people[1].name}", f"{name}_difference")


def _occlusion(subject: Subject, face: Face, people: list[Candidate], large: Picture) -> None:
    lost = _lost(subject, face, people)
    st.markdown("**Occlusion**: bright places cost similarity when they are covered with a grey square of 30×30 pixels")
    with st.container(horizontal=True):
        for rank, (person, values) in enumerate(zip(people, lost, strict=True), start=1):
            top = max(float(values.max()), 1e-9)
            with st.container(width=WIDTH):
                caption = f"{rank}. {person.name}: covering costs up to {max(top, 0):.3f}"
                picture(overlay(large, np.clip(values / top, 0, 1), 0.75), caption, f"occlusion_{rank}")
        if len(people) > 1:
            with st.container(width=WIDTH):
                _difference(face, lost, people, "occlusion")


def _lost(subject: Subject, face: Face, people: list[Candidate]) -> NDArray[np.float32]:
    """The occlusion maps, (P, H, W), computed anew only for another face, network or gallery."""
    templates = np.stack([person.template for person in people])
    parts = (subject.network.spec.key.encode(), face.crop.tobytes(), templates.tobytes())
    key = hashlib.sha256(b"".join(parts)).hexdigest()
    known: tuple[str, NDArray[np.float32]] | None = st.session_state.get("look_occlusion")
    if known is None or known[0] != key:
        with st.spinner("Covering the face piece by piece"):
            known = (key, occlusion_maps(subject.network.embed, face.crop, templates))
        st.session_state["look_occlusion"] = known
    return known[1]
