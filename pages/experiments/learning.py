"""How an experiment's network is trained. What is left empty is what suits the network and the pictures."""

from collections.abc import Mapping
from typing import Any, TypeVar

import streamlit as st
from pydantic import BaseModel, ValidationError

from pages.components.fields import bounds, step
from pages.components.panels import bound, explain, inputs
from training.course.data.augmentation import Changes
from training.course.data.balance import Balance
from training.course.data.pictures import SplitSettings
from training.course.experiments.recipe import Optimiser, TrainingChoice
from training.errors import TrainingError

OPTIMISERS: Mapping[Optimiser, str] = {"sgd": "SGD", "momentum": "SGD with momentum", "adam": "Adam", "adamw": "AdamW"}

SCHEDULES = {"constant": "Constant", "cosine": "Rise, then fall"}

BALANCES: Mapping[Balance, str] = {
    "none": "Nothing",
    "sampling": "Draw small classes more often",
    "weights": "Weigh their loss more",
    "augmentation": "Draw them more often, changed",
}

ModelT = TypeVar("ModelT", bound=BaseModel)

STEPS: Mapping[Optimiser, str] = {
    "sgd": r"w \leftarrow w - \eta\,g",
    "momentum": r"v \leftarrow 0.9\,v + g, \quad w \leftarrow w - \eta\,(g + 0.9\,v)",
    "adam": r"w \leftarrow w - \eta\,\frac{\hat m}{\sqrt{\hat v} + \epsilon}, \quad \hat m, \hat v: \text{means of } g, g^2",
    "adamw": r"w \leftarrow w - \eta\left(\frac{\hat m}{\sqrt{\hat v} + \epsilon} + \lambda w\right)",
}

WIDTHS = {"optimiser": 190, "schedule": 160, "balance": 270}
"""Pixels of the wide ones."""


def choose_split() -> SplitSettings:
    """Which part of the pictures is for what."""
    explain(
        "The network learns from the training pictures, the validation pictures choose its best epoch, and the test pictures "
        "are looked at once, in the end. Equal seeds give equal splits, and on one computer equal results.",
    )
    usual = SplitSettings()
    with inputs():
        chosen = {name: _number(SplitSettings, name, getattr(usual, name)) for name in SplitSettings.model_fields}
        _number(TrainingChoice, "seed", TrainingChoice().seed)
    return checked(SplitSettings, _filled(chosen))


def choose_balance() -> None:
    """What is done about classes of different size."""
    _select("balance", "Against classes of different size", BALANCES, TrainingChoice().balance)


def choose_steps(usual: TrainingChoice, fixed_rule: bool) -> None:
    """The four knobs of every training.

    Args:
        usual: what suits the network and the pictures.
        fixed_rule: the network has its own rule of learning and takes no optimiser.
    """
    with inputs():
        if not fixed_rule:
            _select("optimiser", "Optimiser", OPTIMISERS, usual.optimiser)
        for name in ("rate", "batch", "epochs"):
            _number(TrainingChoice, name, getattr(usual, name))


def choose_regularisation(usual: TrainingChoice, fixed_rule: bool) -> None:
    """What a step is, what keeps a network from learning by heart, and how its rate moves.

    Args:
        usual: what suits the network and the pictures.
        fixed_rule: the network has its own rule of learning.
    """
    if not fixed_rule:
        explain(
            "The loss is large where the network gives the right class y a small probability. At each step the optimiser moves "
            "every weight against the loss's gradient g over some pictures, as far as the learning rate η says.",
            r"L = -\log p_y",
            STEPS[st.session_state.get("optimiser") or usual.optimiser],
        )
    explain(
        "Weight decay pulls every weight a little towards zero at each step, so that only what pays stays large. Early "
        "stopping ends the training when validation has gained nothing for so many epochs; the best epoch is kept anyway.",
        r"w \leftarrow w - \eta\left(\frac{\partial L}{\partial w} + \lambda w\right)",
    )
    with inputs():
        _number(TrainingChoice, "weight_decay", usual.weight_decay)
        _number(TrainingChoice, "smoothing", usual.smoothing)
        _number(TrainingChoice, "patience", None)
        _select("schedule", "Schedule of the rate", SCHEDULES, usual.schedule)


def chosen(usual: TrainingChoice, changes: Changes) -> TrainingChoice:
    """What the inputs of this module say, with what suits in place of what was left empty.

    Raises:
        TrainingError: values that can't be.
    """
    given = {name: st.session_state.get(name) for name in TrainingChoice.model_fields if name != "changes"}
    return checked(TrainingChoice, usual.model_dump() | _filled(given) | {"changes": changes})


def checked(model: type[ModelT], values: Mapping[str, Any]) -> ModelT:
    """A model of these values.

    Raises:
        TrainingError: one that can't be; says which.
    """
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        field = model.model_fields[str(first["loc"][0])]
        raise TrainingError(f"{field.title or first['loc'][0]}: {first['msg']}.") from error


def _filled(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def number(model: type[BaseModel], name: str, usual: float | None, key: str) -> float | None:
    """An input for a field of a model, with its title, description and bounds; empty where it is as usual."""
    field = model.model_fields[name]
    low, high = bounds(field)
    whole = field.annotation is not float
    value: float | None = st.number_input(
        field.title or name,
        int(low) if whole else low,
        int(high) if whole else high,
        None,
        step=1 if whole else step(field),
        format=None if whole else "%g",
        placeholder="Off" if usual is None else f"{usual:g}",
        help=field.description,
        # Too narrow for buttons, which would start at the smallest value instead of the usual one.
        width=115,
        **bound(key),
    )
    return value


def _number(model: type[BaseModel], name: str, usual: float | None) -> float | None:
    return number(model, name, usual, name if model is TrainingChoice else f"split_{name}")


def _select(name: str, label: str, options: Mapping[Any, str], usual: str) -> None:
    st.selectbox(
        label,
        list(options),
        None,
        format_func=options.__getitem__,
        placeholder=options[usual],
        width=WIDTHS[name],
        **bound(name),
    )
