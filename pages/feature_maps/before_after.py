"""Before and after training: the same layer of a network that has learned and one that has not."""

import streamlit as st

from pages.components.panels import bound, explain, picture
from pages.components.text import plain
from pages.feature_maps.experiment import Sample, load_before
from pages.feature_maps.face import Face, choices, load, summary
from pages.feature_maps.subject import Shown, Subject, choose_layer
from recognition.inspection.feature_maps import changed, draw_maps
from recognition.inspection.inspectable import Inspectable
from recognition.inspection.views import maps_of
from recognition.networks import Network, NetworkSpec
from training.course.experiments.inspection import InspectedClassifier
from training.course.experiments.record import Record

SHOWN = 16

CHANGE = (
    r"\text{change}_k = \frac{\operatorname{mean} \lvert A'_k - A_k \rvert}"
    r"{\tfrac12 \operatorname{mean}(\lvert A'_k \rvert + \lvert A_k \rvert)}"
)


def of_face(subject: Subject[Network], face: Face) -> None:
    """A face network and another one of the same layers."""
    explain(
        "Fine-tuning changes the numbers in the kernels, and with them the maps: here are the channels of this layer that "
        "changed most. Early layers usually hardly change, late ones learn what tells the new faces apart.",
        CHANGE,
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
    _compare(subject, face, (subject.network.spec.title, subject.network), (other.spec.title, other))


def of_sample(record: Record, subject: Subject[InspectedClassifier], sample: Sample) -> None:
    """An experiment's network before and after its training or compression."""
    explain(
        "Training starts from random numbers and changes them until the maps say what tells the classes apart: here are the "
        "channels of this layer that changed most. The network before is made again from the experiment's seed; that of a "
        "compressed one, or one that went on from another, is the network it came from.",
        CHANGE,
    )
    subject.needs_maps()
    _compare(subject, sample, ("Before", load_before(record)), ("After", subject.network))


def _compare(subject: Subject[Inspectable], shown: Shown, one: tuple[str, Inspectable], other: tuple[str, Inspectable]) -> None:
    layer = choose_layer(subject.summary)
    before, after = (maps_of(network, shown.crop, layer.name) for _, network in (one, other))
    change = changed(before, after)
    most = change.channels[:SHOWN]
    left, right = st.columns(2, gap="medium")
    for place, (title, _), maps in ((left, one, before), (right, other, after)):
        with place:
            picture(draw_maps(maps, most, columns=4, numbered=True), title, f"compared_{title}")
    amounts = change.amounts
    st.caption(
        f"The {len(most)} channels of {layer.label} that changed most, most changed first: "
        f"{amounts[most[0]]:.0%} at most, {amounts.mean():.0%} on average over all {len(amounts)}."
    )


def _alike(subject: Subject[Network]) -> dict[str, NetworkSpec]:
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
