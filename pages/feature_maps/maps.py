"""What a layer makes of the picture: all channels, and one of them closely."""

import streamlit as st

from pages.components.panels import explain, picture
from pages.feature_maps.subject import Shown, Subject
from recognition.inspection.feature_maps import pages_of, strengths
from recognition.inspection.inspectable import Inspectable
from recognition.inspection.views import PER_PAGE, channel_pictures, draw_grid, maps_of


def panel(subject: Subject[Inspectable], shown: Shown) -> None:
    explain(
        "Each small picture is one channel: the answer of one learned filter at every place of the picture, bright where it "
        "answers strongly. Early channels answer to edges and stay readable; later ones answer to ever larger "
        "patterns in ever fewer cells.",
        r"A_k(i, j) = b_k + \sum_{c, m, n} I_c(s\,i+m,\; s\,j+n)\, K_{k,c}(m, n)",
    )
    subject.needs_maps()
    maps = maps_of(subject.network, shown.crop, subject.layer.name)
    pages = pages_of(len(maps), PER_PAGE)
    order = "strongest first" if subject.order == "strength" else "by number"
    picture(
        draw_grid(maps, subject.order, subject.page),
        f"{subject.layer.label}, {subject.layer.output}: {order}, page {subject.page + 1} of {pages}",
        "channels",
    )
    st.subheader(f"Channel {subject.channel}, closely")
    explain(
        "Red is above zero, blue below, white is zero. ReLU sets all blue to zero, max-pooling then keeps the largest of "
        "each 2×2 cells.",
        r"\text{ReLU}(x) = \max(0, x)",
        r"P(i, j) = \max_{m, n \in \{0, 1\}} A(2i+m,\; 2j+n)",
    )
    with st.container(horizontal=True):
        for title, image in channel_pictures(subject.seen(shown), maps, subject.channel).items():
            size = "" if title == "Over the picture" else f", {image.shape[1]}×{image.shape[0]}"
            with st.container(width=170):
                picture(image, title + size, title.lower().replace(" ", "_"), side=300)
    strongest = int(strengths(maps).argmax())
    low, high = float(maps[subject.channel].min()), float(maps[subject.channel].max())
    st.caption(f"Values of channel {subject.channel}: {low:.2f} to {high:.2f}. The strongest channel here is {strongest}.")
