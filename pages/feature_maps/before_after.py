"""Before and after fine-tuning: the same layer in two networks of one architecture."""

import streamlit as st

from pages.components.panels import bound, explain, picture
from pages.components.text import plain
from pages.feature_maps.subject import Face, Subject, choices, load, summary
from recognition.inspection.feature_maps import changed, draw_maps
from recognition.inspection.views import maps_of
from recognition.networks import NetworkSpec

SHOWN = 16


def panel(subject: Subject, face: Face) -> None:
    explain(
        "Fine-tuning changes the numbers in the kernels, and with them the maps: here are the channels of this layer that "
        "changed most. Early layers usually hardly change, late ones learn what tells the new faces apart.",
        r"\text{change}_k = \frac{\operatorname{mean} \lvert A'_k - A_k \rvert}"
        r"{\tfrac12 \operatorname{mean}(\lvert A'_k \rvert + \lvert A_k \rvert)}",
    )
    others = _alike(subject)
    if not others:
        st.info(
            f"There is no second network built like {plain(subject.network.spec.title)} to compare it with. Once you have "
            "fine-tuned a network, its tuned version can be chosen here.",
            icon=":material/compare:",
        )
        st.page_link("train.py", label="Train a network", icon=":material/model_training:")
        return
    if st.session_state.get("other") not in others:
        st.session_state.pop("other", None)
    other = load(others[st.selectbox("Compare with", list(others), width=300, **bound("other"))])
    before = maps_of(subject.network, face.crop, subject.layer.name)
    after = maps_of(other, face.crop, subject.layer.name)
    change = changed(before, after)
    most = change.channels[:SHOWN]
    left, right = st.columns(2, gap="medium")
    for place, title, maps in ((left, subject.network.spec.title, before), (right, other.spec.title, after)):
        with place:
            picture(draw_maps(maps, most, columns=4, numbered=True), title, f"compared_{title}")
    amounts = change.amounts
    st.caption(
        f"The {len(most)} channels of {subject.layer.name} that changed most, most changed first: "
        f"{amounts[most[0]]:.0%} at most, {amounts.mean():.0%} on average over all {len(amounts)}."
    )


def _alike(subject: Subject) -> dict[str, NetworkSpec]:
    """Other available networks with the same layers, by title."""
    shapes = [(layer.name, layer.shape) for layer in subject.summary.layers]
    found = {}
    for title, spec in choices().items():
        if spec.key == subject.network.spec.key or spec.dimension != subject.network.spec.dimension:
            continue
        layers = summary(load(spec), spec.key).layers
        if [(layer.name, layer.shape) for layer in layers] == shapes:
            found[title] = spec
    return found
