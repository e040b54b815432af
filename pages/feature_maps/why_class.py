"""Why this class? What in the picture speaks for the class that the network takes it for, and what for the next ones."""

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.components.panels import bound, explain
from pages.components.text import plain
from pages.feature_maps.experiment import Sample
from pages.feature_maps.heat import choose_method, draw_heats, draw_occlusion
from pages.feature_maps.subject import Subject
from recognition.inspection.attribution import occlusion_maps
from recognition.inspection.views import class_heats_of
from training.course.experiments.inspection import Guess, InspectedClassifier

CLASSES = 3
"""Shown beside each other."""

PATCHES = 5
"""Grey squares that would fit a side of the picture."""


def panel(subject: Subject[InspectedClassifier], sample: Sample) -> None:
    explain(
        "Which places speak for a class? LayerCAM and Grad-CAM follow the class's logit back to a layer and weigh its maps "
        "with their gradients; the occlusion map covers the picture piece by piece and measures how much probability each "
        "piece was worth.",
        r"L^{\text{LayerCAM}}_{ij} = \text{ReLU}\Big(\sum_k \text{ReLU}"
        r"\big(\tfrac{\partial z_c}{\partial A_{k,ij}}\big) A_{k,ij}\Big)",
        r"L^{\text{Grad-CAM}}_{ij} = \text{ReLU}\Big(\sum_k \tfrac{1}{hw} \sum_{m,n} "
        r"\tfrac{\partial z_c}{\partial A_{k,mn}}\, A_{k,ij}\Big)",
        r"\text{occlusion: } p_c(x) - p_c(x_{\text{covered}})",
    )
    guesses = subject.network.guesses(sample.crop)[:CLASSES]
    names = [guess.name for guess in guesses]
    st.markdown(_verdict(sample, guesses))
    if subject.has_maps:
        method, layer = choose_method(subject)
        heats = class_heats_of(subject.network, sample.crop, [guess.number for guess in guesses], layer.name, method)
        draw_heats(sample.crop, names, heats, method, layer)
        if not st.toggle("Occlusion map, about a second", **bound("occlusion")):
            return
    else:
        st.caption("Class activation needs feature maps, which dense layers don't have. Covering works with every network.")
    _occlusion(subject.network, sample, guesses)


def _verdict(sample: Sample, guesses: list[Guess]) -> str:
    said = ", then ".join(f"{plain(guess.name)} ({guess.probability:.1%})" for guess in guesses[1:])
    verdict = f"It is taken for **{plain(guesses[0].name)}** ({guesses[0].probability:.1%}), then {said}."
    if sample.label is None:
        return verdict
    return f"{verdict} It is {plain(sample.label)}{'' if sample.label == guesses[0].name else ': a mistake'}."


def _occlusion(network: InspectedClassifier, sample: Sample, guesses: list[Guess]) -> None:
    numbers = [guess.number for guess in guesses]
    patch = max(2, min(sample.crop.shape[:2]) // PATCHES)

    def probabilities(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
        return network.probabilities(pictures)[:, numbers]

    lost = occlusion_maps(probabilities, sample.crop, patch=patch, stride=max(1, patch // 2))
    st.markdown(
        f"**Occlusion**: bright places cost probability when they are covered with a grey square of {patch}×{patch} pixels"
    )
    draw_occlusion(sample.crop, [guess.name for guess in guesses], lost)
