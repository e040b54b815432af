"""First layers against last layers on one picture."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from pages.components.panels import explain
from pages.components.text import plain
from pages.feature_maps.experiment import Sample
from pages.feature_maps.face import Face
from pages.feature_maps.subject import Shown, Subject
from recognition.inspection.drawing import colourise, enlarge
from recognition.inspection.inspectable import Inspectable
from recognition.inspection.views import draw_stages, embed_one, stages_of
from recognition.networks import Network
from recognition.pictures import encode_png
from training.course.experiments.inspection import InspectedClassifier

WORDS = ("Edges", "Textures", "Parts")
WIDTH = 86


def of_face(subject: Subject[Network], face: Face) -> None:
    """From the face to the embedding."""
    explain(
        "The same face on its way through the network, the three strongest channels of each layer: edges first, then "
        "textures, then parts of a face in ever coarser maps. At the end no picture is left, only numbers that are alike for "
        "pictures of one person: the identity.",
        r"e = f_L(\dots f_2(f_1(x)))",
        r"\text{score} = \cos(e, t) = \frac{e \cdot t}{\lVert e \rVert\, \lVert t \rVert}",
    )
    _strip("Face", subject, face, partial(_identity, subject, face))


def of_sample(subject: Subject[InspectedClassifier], sample: Sample) -> None:
    """From the picture to the classes."""
    explain(
        "The same picture on its way through the network, the three strongest channels of each layer: edges first, then "
        "textures, then parts in ever coarser maps. At the end no picture is left, only one number for each class, which "
        "softmax turns into probabilities.",
        r"z = f_L(\dots f_2(f_1(x)))",
        r"p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}",
    )
    subject.needs_maps()
    _strip("Picture", subject, sample, partial(_classes, subject, sample))


def _strip(title: str, subject: Subject[Inspectable], shown: Shown, draw_end: Callable[[], None]) -> None:
    stages = stages_of(subject.network, shown.crop, subject.summary.layers)
    height, width, channels = subject.network.input_shape
    with st.container(horizontal=True):
        with st.container(width=WIDTH):
            st.markdown(f"**{title}**")
            st.image(enlarge(subject.seen(shown), 160), width="stretch", output_format="PNG")
            st.caption(f"{height}×{width}×{channels}")
        for number, stage in enumerate(stages):
            with st.container(width=WIDTH):
                st.markdown(f"**{WORDS[number * len(WORDS) // len(stages)]}**")
                for channel in stage.maps:
                    st.image(enlarge(colourise(channel), 160), width="stretch", output_format="PNG")
                st.caption(f"{stage.layer.label}, {stage.layer.output}")
        draw_end()
    st.download_button(
        "PNG",
        encode_png(draw_stages(stages)),
        file_name="first_to_last.png",
        mime="image/png",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )


def _identity(subject: Subject[Network], face: Face) -> None:
    embedding = embed_one(subject.network, face.crop)
    columns = 16
    with st.container(width=WIDTH):
        st.markdown("**Identity**")
        st.image(
            enlarge(colourise(embedding.reshape(-1, columns), "signed"), 320),
            width="stretch",
            output_format="PNG",
        )
        st.caption(f"{len(embedding)} numbers, red above and blue below zero")


def _classes(subject: Subject[InspectedClassifier], sample: Sample) -> None:
    with st.container(width=2 * WIDTH):
        st.markdown("**Classes**")
        for guess in subject.network.guesses(sample.crop)[:5]:
            st.progress(guess.probability, text=f"{plain(guess.name)} {guess.probability:.1%}")
