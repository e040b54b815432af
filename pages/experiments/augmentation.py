"""Augmentation, each part by itself, and what it does to real pictures."""

import secrets

import numpy as np
import streamlit as st
import torch

from pages.components.panels import bound, explain, inputs
from pages.experiments.learning import checked, number
from pages.experiments.pictures import shown
from training.course.data.augmentation import Changes, change
from training.course.data.batches import to_float
from training.course.data.pictures import Pictures

SHOWN = 8

SIDE = 72
"""Pixels: eight beside each other on a screen, four on a phone."""


def choose_changes() -> Changes:
    """The inputs."""
    explain(
        "Every time the network sees a training picture, it is changed at random, so that single pictures can't be learned by "
        "heart. Only changes that leave the class what it is help: a mirrored 3 is not a 3, a mirrored cat is a cat."
    )
    fields = Changes.model_fields
    with inputs():
        values = {name: number(Changes, name, 0.0, f"change_{name}") for name in fields if name != "flip"}
        values["flip"] = st.toggle(fields["flip"].title or "", help=fields["flip"].description, **bound("change_flip"))
    return checked(Changes, {name: value for name, value in values.items() if value is not None})


@st.fragment
def preview(pictures: Pictures, changes: Changes) -> None:
    """Some training pictures, before and after."""
    seed = int(st.session_state.setdefault("changes_seed", 0))
    which = np.random.default_rng(seed).permutation(len(pictures))[:SHOWN]
    before = pictures.images[which]
    changed = change(to_float(before), changes, torch.Generator().manual_seed(seed))
    after = changed.round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).numpy()
    for title, images in (("Before", before), ("After", after)):
        st.caption(title)
        with st.container(horizontal=True, gap="small"):
            for image in images:
                st.image(shown(image, SIDE), width=SIDE, output_format="PNG")
    st.button("Draw again", icon=":material/casino:", key="changes_again", on_click=_draw_again)


def _draw_again() -> None:
    st.session_state["changes_seed"] = secrets.randbelow(2**31)
