"""An experiment's recipe back into the inputs, to change one thing and train again."""

from typing import Any

import streamlit as st

from pages.components.context import services
from pages.components.keyed import point_to
from pages.experiments.network import EARLIER, OWN, PERCEPTRON, TRANSFER
from training.course.choices import activation_of, dropout_of, is_batch_normalised
from training.course.data.augmentation import Changes
from training.course.data.choice import DataChoice, Digits, EnrolledFaces, Stored
from training.course.data.library import list_data_sets
from training.course.data.pictures import SplitSettings
from training.course.experiments.catalogue import DENSE, STACKS
from training.course.experiments.recipe import (
    ExperimentNetwork,
    NetworkChoice,
    PerceptronNetwork,
    StackNetwork,
    TrainingChoice,
    TransferNetwork,
)
from training.course.experiments.record import Record
from training.course.experiments.sketch import suggested
from training.course.stack import Dense, Stack


def refill(record: Record) -> None:
    """Put it into all inputs; those that are as usual are left empty. For the callback of a button."""
    recipe = record.recipe
    usual = suggested(recipe.network, record.train)
    values: dict[str, Any] = {}
    for name in TrainingChoice.model_fields:
        if name != "changes":
            values[name] = _unusual(getattr(recipe.training, name), getattr(usual, name))
    for name in SplitSettings.model_fields:
        values[f"split_{name}"] = _unusual(getattr(recipe.split, name), getattr(SplitSettings(), name))
    for name in Changes.model_fields:
        given = getattr(recipe.training.changes, name)
        values[f"change_{name}"] = given if name == "flip" else given or None
    for key, value in (values | _data(recipe.data)).items():
        st.session_state[key] = value
    _fill_network(recipe.network)
    st.session_state["experiments_go"] = "New"


def _fill_network(network: NetworkChoice) -> None:
    match network:
        case PerceptronNetwork():
            point_to("net", PERCEPTRON)
        case TransferNetwork():
            point_to("net", TRANSFER)
            point_to("backbone", network.backbone)
            point_to("scope", network.scope)
            st.session_state["backbone_side"] = network.side
        case ExperimentNetwork():
            point_to("net", EARLIER)
            point_to("from", network.experiment)
            point_to("earlier_scope", network.scope)
        case StackNetwork():
            _fill_stack(network)


def _fill_stack(network: StackNetwork) -> None:
    stack, entry = network.stack, STACKS.get(network.preset or "")
    if entry is None:
        point_to("stack", stack.write())
    else:
        st.query_params.pop("stack", None)
    point_to("net", OWN if network.preset is None or entry is None else network.preset)
    usual = stack if entry is None else entry.stack
    st.session_state["activation"] = _unusual(activation_of(stack), activation_of(usual))
    st.session_state["dropout"] = _unusual(dropout_of(stack), dropout_of(usual))
    st.session_state["norm"] = _unusual(_norm(stack), _norm(usual))
    if network.preset == DENSE:
        units = [str(layer.units) for layer in stack.layers[:-1] if isinstance(layer, Dense)]
        st.session_state["hidden"] = ", ".join(units)


def _data(data: DataChoice) -> dict[str, Any]:
    """Nothing of a data set that is not here any more, or never was on this page."""
    stored = {data_set.key for data_set in list_data_sets(services().settings.storage)}
    match data.source:
        case Digits() | EnrolledFaces():
            key: str = data.source.kind
        case Stored(key=key) if key in stored:
            pass
        case _:
            return {}
    point_to("data", key)
    return {f"classes_{key}": list(data.classes or ()), "limit": data.limit, "side": data.side, "shift": data.shift}


def _norm(stack: Stack) -> str:
    return "on" if is_batch_normalised(stack) else "off"


def _unusual(value: Any, usual: Any) -> Any:
    return None if value == usual else value
