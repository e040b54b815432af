"""Why this name? What on the face speaks for the best person, and what for the second best."""

import hashlib

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.components.context import services
from pages.components.panels import bound, explain
from pages.components.text import plain
from pages.feature_maps.face import Face
from pages.feature_maps.heat import choose_method, draw_heats, draw_occlusion
from pages.feature_maps.subject import Subject
from recognition.inspection.attribution import occlusion_maps
from recognition.inspection.people import Candidate, nearest
from recognition.inspection.views import embed_one, heats_of
from recognition.networks import Network


def panel(subject: Subject[Network], face: Face) -> None:
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
    heats = heats_of(subject.network, face.crop, people, layer.name, method)
    names = [person.name for person in people]
    st.markdown(_verdict(subject, people))
    if face.photo_id is not None:
        st.caption("This enrolled photo is left out of its own person's template: it would be compared with itself.")
    draw_heats(subject.seen(face), names, heats, method, layer)
    if st.toggle("Occlusion map, about a second", **bound("occlusion")):
        lost = _lost(subject, face, people)
        st.markdown("**Occlusion**: bright places cost similarity when they are covered with a grey square of 30×30 pixels")
        draw_occlusion(subject.seen(face), names, lost)


def _people(subject: Subject[Network], face: Face) -> list[Candidate]:
    templates = services().gallery.templates(subject.network.spec.key)
    return nearest(templates, embed_one(subject.network, face.crop), without_photo=face.photo_id)


def _nobody(subject: Subject[Network]) -> None:
    if services().gallery.counts().people:
        st.info(
            f"The enrolled photos have no templates of {plain(subject.network.spec.title)} to compare with. Choose that "
            "network in the settings first, or look into the one that is in use.",
            icon=":material/neurology:",
        )
    else:
        st.info("Nobody is enrolled yet, so there is no name to explain.", icon=":material/person_add:")
        st.page_link("enroll.py", label="Enroll the first person", icon=":material/arrow_forward:")


def _verdict(subject: Subject[Network], people: list[Candidate]) -> str:
    calibration = subject.network.spec.calibration
    min_confidence = services().settings.min_confidence
    best = people[0]
    known = calibration.accepts(best.score, min_confidence)
    answer = f"It is **{plain(best.name)}**" if known else f"It is nobody we know, nearest is **{plain(best.name)}**"
    scores = ", ".join(f"{plain(person.name)} {person.score:.3f}" for person in people)
    return f"{answer}. Similarity: {scores}; a name needs {calibration.required_score(min_confidence):.3f}."


def _lost(subject: Subject[Network], face: Face, people: list[Candidate]) -> NDArray[np.float32]:
    """The occlusion maps, (P, H, W), computed anew only for another face, network or gallery."""
    templates = np.stack([person.template for person in people])
    parts = (subject.network.spec.key.encode(), face.crop.tobytes(), templates.tobytes())
    key = hashlib.sha256(b"".join(parts)).hexdigest()

    def similarities(seen: NDArray[np.uint8]) -> NDArray[np.float32]:
        crops = np.repeat(face.crop[None], len(seen), axis=0)
        subject.network.cut(crops)[:] = seen
        return subject.network.embed(crops) @ templates.T

    known: tuple[str, NDArray[np.float32]] | None = st.session_state.get("look_occlusion")
    if known is None or known[0] != key:
        with st.spinner("Covering the face piece by piece"):
            known = (key, occlusion_maps(similarities, subject.seen(face)))
        st.session_state["look_occlusion"] = known
    return known[1]
