"""Which network an experiment trains, and what it is made of."""

from collections.abc import Callable, Mapping
from typing import get_args

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.context import services
from pages.components.keyed import choose_key, point_to
from pages.components.panels import bound, explain, inputs
from pages.components.text import plain
from pages.components.weights_download import fetch
from recognition.networks import BACKBONES, BUILT_IN, is_available
from recognition.networks.tuned import list_manifests
from training.course.choices import (
    Function,
    activation_of,
    dense_network,
    dropout_of,
    is_batch_normalised,
    read_units,
    with_activation,
    with_batch_normalisation,
    with_dropout,
)
from training.course.experiments.catalogue import DENSE, SCOPES, SOFTMAX, STACKS, network_title
from training.course.experiments.recipe import (
    ExperimentNetwork,
    NetworkChoice,
    PerceptronNetwork,
    StackNetwork,
    TransferNetwork,
)
from training.course.experiments.sketch import Sketch
from training.course.experiments.store import list_experiments
from training.course.stack import Stack

PERCEPTRON, OWN, TRANSFER, EARLIER = "perceptron", "own", "pretrained", "earlier"

USUAL = "two-convolutions"

CONVOLUTION = r"S_{ij} = \textstyle\sum_{m,n} I_{i+m,\,j+n}\; K_{mn}"
FORMULAS: Mapping[str, str] = {
    PERCEPTRON: r"w \leftarrow w + \eta\,(y - \hat y)\,x",
    SOFTMAX: r"p_k = \frac{e^{z_k}}{\sum_j e^{z_j}}, \quad z = Wx + b",
    DENSE: r"a = \max(0,\; Wx + b)",
    "all-convolutional": r"z_k = \frac{1}{hw} \sum_{i,j} S_k(i,j)",
    TRANSFER: r"z = W\, f(x) + b",
    EARLIER: r"z = W\, f(x) + b",
}
"""By choice; a convolution's otherwise."""

TITLES: Mapping[str, str] = {
    PERCEPTRON: "Perceptron",
    OWN: "Your own stack",
    TRANSFER: "Pretrained network",
    EARLIER: "An earlier experiment's network",
}
NOTES: Mapping[str, str] = {
    PERCEPTRON: "Rosenblatt's threshold units, one a class, on raw pixels; they learn only from what they get wrong.",
    OWN: "What you stacked up in the Convolution lab; its input and last layer are fitted to these pictures.",
    TRANSFER: "A network that has learned from millions of pictures what to look for gets a new last layer for these classes.",
    EARLIER: "Goes on from what an earlier experiment has learned; where the classes differ, the last layer starts anew.",
}


def choose_network(below: DeltaGenerator) -> NetworkChoice | None:
    """The inputs; None while something is missing, which they say.

    Args:
        below: where what the network is about is said.
    """
    keys = [PERCEPTRON, *STACKS, *([OWN] if "stack" in st.query_params else []), TRANSFER, EARLIER]
    if "stack" in st.query_params and "net" not in st.query_params:
        # Fresh from the Convolution lab, perhaps after another choice here.
        point_to("net", OWN)
    key = choose_key("Network", {key: _title(key) for key in keys}, USUAL, "net", label_visibility="collapsed")
    with below:
        explain(NOTES.get(key) or STACKS[key].note, FORMULAS.get(key, CONVOLUTION))
    return OTHERS[key]() if key in OTHERS else _stack(STACKS[key].stack, key)


def show_layers(network: NetworkChoice, found: Sketch, rows: int) -> None:
    """The table of layers, with parameters to the digit; so many rows are seen without scrolling."""
    st.dataframe(
        pd.DataFrame(
            {
                "Layer": [layer.title for layer in found.layers],
                "Output": [layer.output for layer in found.layers],
                "Parameters": [f"{layer.parameters:,}" if layer.parameters else "–" for layer in found.layers],
            }
        ),
        column_config={
            "Output": st.column_config.TextColumn(help="Height × width × channels, or the number of values"),
            "Parameters": st.column_config.TextColumn(help="Weights and biases", alignment="right"),
        },
        hide_index=True,
        height=35 * (min(rows, len(found.layers)) + 1) + 3,
    )
    trained = "" if found.trained == found.parameters else f", {found.trained:,} of them trained"
    st.markdown(f"**{found.parameters:,} parameters**{trained}", help=plain(network_title(network)))
    for warning in found.warnings:
        st.caption(f":material/straighten: {plain(warning)}")


def _title(key: str) -> str:
    return STACKS[key].title if key in STACKS else TITLES[key]


def _stack(stack: Stack, preset: str | None) -> StackNetwork:
    with st.popover("Change it", icon=":material/tune:", width="stretch"):
        return StackNetwork(stack=_changed(stack, preset), preset=preset)


def _changed(stack: Stack, preset: str | None) -> Stack:
    if preset == DENSE:
        units = st.text_input("Hidden layers", "128", help="Units of each, such as 128, 64", **bound("hidden"))
        stack = stack.model_copy(update={"layers": dense_network(read_units(units)).layers})
    functions: tuple[Function, ...] = get_args(Function)
    usual = activation_of(stack)
    if usual is not None:
        function = st.selectbox("Activation", functions, None, placeholder=usual, **bound("activation"))
        stack = with_activation(stack, function or usual)
    if with_dropout(stack, 0.5) != stack or dropout_of(stack):
        share = st.number_input(
            "Dropout",
            0.0,
            0.95,
            None,
            step=0.05,
            format="%g",
            placeholder=f"{dropout_of(stack):g}",
            help="Silences this share of the values before the last layer, drawn anew at each step, so that no unit relies on "
            "another one alone. In use, nothing is silenced.",
            width=115,
            **bound("dropout"),
        )
        st.latex(r"y = \frac{m\,x}{1 - p}, \quad m = 0 \text{ with probability } p, \text{ else } 1")
        stack = with_dropout(stack, dropout_of(stack) if share is None else share)
    if with_batch_normalisation(stack, wanted=True) != stack or is_batch_normalised(stack):
        norm = st.selectbox(
            "Batch normalisation",
            list(NORMS),
            None,
            format_func=NORMS.__getitem__,
            placeholder=NORMS["on" if is_batch_normalised(stack) else "off"],
            help="Brings every channel to mean 0 and spread 1 over the batch, then scales and shifts it by two learned "
            "numbers, γ and β.",
            **bound("norm"),
        )
        st.latex(r"y = \gamma\,\frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta")
        stack = stack if norm is None else with_batch_normalisation(stack, wanted=norm == "on")
    if stack.layers == dense_network().layers:
        st.caption("One layer that learns has nothing to change.")
    return stack


NORMS = {"off": "None", "on": "Before each activation"}


def _own() -> NetworkChoice:
    st.page_link(
        "convolution_lab.py",
        label="Change it in the Convolution lab",
        icon=":material/grid_on:",
        query_params={"panel": "Parameters", "stack": st.query_params["stack"]},
    )
    return _stack(Stack.read(st.query_params["stack"]), None)


def _transfer() -> NetworkChoice | None:
    app = services()
    tuned = {manifest.key: manifest.name for manifest in list_manifests(app.settings.storage)}
    titles = {key: spec.title for key, spec in BACKBONES.items()} | tuned
    with inputs():
        key = choose_key("Pretrained on millions of pictures", titles, BUILT_IN.key, "backbone", width=230)
        scope = choose_key("What is trained", SCOPES, "head", "scope", width=190)
        side = st.number_input(
            "Side",
            32,
            512,
            None,
            placeholder="Its own",
            help="Height and width that pictures are brought to for it, in pixels. Smaller is faster.",
            width=110,
            **bound("backbone_side"),
        )
    spec = BACKBONES.get(key)
    if spec is not None and scope != "scratch" and not is_available(spec, app.settings.storage):
        st.info(f"The weights of {plain(spec.title)} are not on this computer yet.", icon=":material/download:")
        fetch(spec)
        return None
    return TransferNetwork(backbone=key, scope=scope, side=side)


def _earlier() -> NetworkChoice | None:
    names = {record.id: record.name for record in list_experiments(services().settings.storage)}
    if not names:
        st.info("There is no earlier experiment yet. Train one first.", icon=":material/info:")
        return None
    with inputs():
        key = choose_key("Experiment", names, next(iter(names)), "from", width=300)
        scopes = {scope: title for scope, title in SCOPES.items() if scope != "scratch"}
        scope = choose_key("What is trained", scopes, "all", "earlier_scope", width=190)
    return ExperimentNetwork(experiment=key, scope=scope)


OTHERS: Mapping[str, Callable[[], NetworkChoice | None]] = {
    PERCEPTRON: PerceptronNetwork,
    OWN: _own,
    TRANSFER: _transfer,
    EARLIER: _earlier,
}
