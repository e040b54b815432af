"""First layers against last layers on one face."""

import streamlit as st

from pages.components.panels import explain
from pages.feature_maps.subject import Face, Subject
from recognition.inspection.drawing import colourise, enlarge
from recognition.inspection.views import draw_stages, embed_one, stages_of
from recognition.pictures import encode_png

WORDS = ("Edges", "Textures", "Parts")
WIDTH = 86


def panel(subject: Subject, face: Face) -> None:
    explain(
        "The same face on its way through the network, the three strongest channels of each layer: edges first, then "
        "textures, then parts of a face in ever coarser maps. At the end no picture is left, only numbers that are alike for "
        "pictures of one person: the identity.",
        r"e = f_L(\dots f_2(f_1(x)))",
        r"\text{score} = \cos(e, t) = \frac{e \cdot t}{\lVert e \rVert\, \lVert t \rVert}",
    )
    stages = stages_of(subject.network, face.crop, subject.summary.layers)
    embedding = embed_one(subject.network, face.crop)
    with st.container(horizontal=True):
        with st.container(width=WIDTH):
            st.markdown("**Face**")
            st.image(face.crop, width="stretch")
            st.caption(f"{subject.network.input_size}×{subject.network.input_size}×3")
        for number, stage in enumerate(stages):
            with st.container(width=WIDTH):
                st.markdown(f"**{WORDS[number * len(WORDS) // len(stages)]}**")
                for channel in stage.maps:
                    st.image(enlarge(colourise(channel), 160), width="stretch", output_format="PNG")
                st.caption(f"{stage.layer.name}, {stage.layer.output}")
        with st.container(width=WIDTH):
            st.markdown("**Identity**")
            columns = 16
            st.image(
                enlarge(colourise(embedding.reshape(-1, columns), "signed"), 320),
                width="stretch",
                output_format="PNG",
            )
            st.caption(f"{len(embedding)} numbers, red above and blue below zero")
    st.download_button(
        "PNG",
        encode_png(draw_stages(stages)),
        file_name="first_to_last.png",
        mime="image/png",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
    )
