"""How to train: a preset, or every knob."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import get_args

import streamlit as st
from pydantic import ValidationError
from pydantic.fields import FieldInfo
from streamlit.delta_generator import DeltaGenerator

from pages.components.context import services
from pages.components.fields import bounds, step
from pages.components.text import duration, plain
from pages.components.weights_download import fetch
from recognition.networks import BACKBONES, BUILT_IN, NetworkSpec, Scope, is_available
from training.errors import TrainingError
from training.faces.augmentation import PARTS, Augmentation, Part, Strength
from training.faces.settings import PRESETS, SCOPE_FIELDS, SCOPES, FitSettings, Head, for_scope

PRESET_TEXTS = {
    "fast": "A first look: most of what there is to gain.",
    "balanced": "The one to keep: learns longer, stops by itself when nothing more is gained.",
    "thorough": "For many people or photos; with few it rarely gains more than balanced.",
}

HEADS: dict[Head, str] = {
    "cosface": "CosFace: people must differ by a margin, the same for all",
    "arcface": "ArcFace: the margin is an angle",
    "dense": "Dense layer with dropout: the textbook classifier",
}

PART_NAMES: dict[Part, str] = {
    "mirror": "Mirror",
    "rotation": "Rotation",
    "shift": "Shift",
    "zoom": "Zoom",
    "colour": "Colour",
    "greyscale": "Greyscale",
    "darkness": "Darkness",
    "noise": "Noise",
    "blur": "Blur",
    "motion": "Motion blur",
    "resolution": "Low resolution",
    "jpeg": "JPEG",
    "erasing": "Erasing",
    "occlusion": "Mask, sunglasses",
}

STRENGTHS: dict[Strength, str] = {"none": "None", "light": "Light", "strong": "Strong"}

GROUPS: dict[str, tuple[str, ...]] = {
    "Loss": ("classification_weight", "distillation_weight", "mixup_ratio", "whitening", "whitening_floor"),
    "Which photos are for what": ("validation", "test", "held_out", "seed"),
}
"""Knobs that belong together; all others are about learning."""

LEARNING = "How it learns"

SECONDS_A_FACE = 0.02
"""One face that is looked at, with its share of everything else: the built-in network on two cores."""


@dataclass(frozen=True)
class Choice:
    """What was chosen.

    Attributes:
        ready: whether the training can start with it.
        place: where the button that starts it belongs.
    """

    settings: FitSettings
    ready: bool
    place: DeltaGenerator


def _key(name: str) -> str:
    return f"train_{name}"


def _fill(settings: FitSettings) -> None:
    """Put settings into all widgets."""
    for name in FitSettings.model_fields:
        if name != "augmentation":
            st.session_state[_key(name)] = getattr(settings, name)
    st.session_state[_key("strength")] = settings.augmentation.strength
    st.session_state[_key("parts")] = [part for part in PARTS if part in settings.augmentation.parts]


def _take_preset() -> None:
    _fill(PRESETS[st.session_state["train_preset"]])


def chosen() -> FitSettings:
    """What the inputs say at this moment. For the callback of a button too: what was typed just before the click counts.

    Raises:
        TrainingError: settings that don't go together.
    """
    values = {name: st.session_state[_key(name)] for name in FitSettings.model_fields if name != "augmentation"}
    augmentation = Augmentation(strength=st.session_state[_key("strength")], parts=frozenset(st.session_state[_key("parts")]))
    try:
        return FitSettings(**values, augmentation=augmentation)
    except ValidationError as error:
        raise TrainingError(f"These settings can't be used: {error.errors()[0]['msg']}.") from error


def _take_network() -> None:
    allowed = BACKBONES[st.session_state[_key("network")]].scopes
    if st.session_state[_key("scope")] not in allowed:
        st.session_state[_key("scope")] = allowed[0]
        _take_scope()


def _take_scope() -> None:
    scope: Scope = st.session_state[_key("scope")]
    for name in SCOPE_FIELDS:
        st.session_state[_key(name)] = getattr(for_scope(PRESETS[st.session_state["train_preset"]], scope), name)


def choose(under_augmentation: Callable[[Augmentation], None]) -> Choice:
    """The inputs.

    Args:
        under_augmentation: draws what belongs under the inputs for augmentation.
    """
    if "train_preset" not in st.session_state or _key("epochs") not in st.session_state:
        st.session_state["train_preset"] = "balanced"
        _fill(PRESETS["balanced"])
    preset = st.segmented_control(
        "Preset",
        list(PRESETS),
        format_func=str.capitalize,
        required=True,
        key="train_preset",
        persist_state="session",
        on_change=_take_preset,
    )
    assert preset is not None
    about = st.container()
    with st.expander("Every setting", icon=":material/tune:"):
        ready = _network()
        _what()
        _knobs()
    place = st.container()
    with st.container(border=True):
        st.subheader(":material/auto_awesome: Augmentation")
        augmentation = _augmentation()
        under_augmentation(augmentation)
    settings = chosen()
    with about:
        if settings == PRESETS[preset]:
            st.caption(f"{PRESET_TEXTS.get(preset, '')} {_time(settings)}")
        else:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(f"Changed by hand. {_time(settings)}", width="content")
                st.button("Back to the preset", icon=":material/undo:", type="tertiary", on_click=_take_preset)
    return Choice(settings, ready, place)


def _time(settings: FitSettings) -> str:
    if settings.network != BUILT_IN.key:
        return "A large network: several times as long as the built-in one."
    faces = settings.epoch_faces * settings.epochs + settings.whitening
    return f"At most about {duration(SECONDS_A_FACE * faces)} on two cores."


def _network() -> bool:
    """Which network to start from; False while its weights are not here."""
    storage = services().settings.storage

    def title(key: str) -> str:
        spec = BACKBONES[key]
        return spec.title if is_available(spec, storage) else f"{spec.title} (not downloaded)"

    spec: NetworkSpec = BACKBONES[
        st.selectbox(
            _field("network").title or "",
            list(BACKBONES),
            format_func=title,
            key=_key("network"),
            persist_state="session",
            on_change=_take_network,
            help=_field("network").description,
        )
    ]
    st.caption(f"{plain(spec.description)} Licence: {plain(spec.licence)}.")
    if is_available(spec, storage):
        return True
    st.info(f"{plain(spec.title)} is not on this computer yet.", icon=":material/download:")
    fetch(spec)
    return False


def _what() -> None:
    scope, head = st.columns(2, gap="medium")
    scopes = BACKBONES[st.session_state[_key("network")]].scopes
    heads: tuple[Head, ...] = get_args(Head)
    scope.radio(
        _field("scope").title or "",
        scopes,
        format_func=SCOPES.__getitem__,
        key=_key("scope"),
        persist_state="session",
        on_change=_take_scope,
        help="Choosing one also sets the learning rates that suit it.",
    )
    head.radio(
        _field("head").title or "",
        heads,
        format_func=HEADS.__getitem__,
        key=_key("head"),
        persist_state="session",
        help=_field("head").description,
    )


def _knobs() -> None:
    """Every number, with its title, description and bounds."""
    grouped = {name for names in GROUPS.values() for name in names}
    numbers = [name for name, field in FitSettings.model_fields.items() if field.annotation in (int, float)]
    for group, names in {LEARNING: tuple(name for name in numbers if name not in grouped), **GROUPS}.items():
        st.markdown(f"**{group}**")
        with st.container(horizontal=True):
            for name in names:
                _number(name, _field(name))


def _number(name: str, field: FieldInfo) -> None:
    low, high = bounds(field)
    whole = field.annotation is int
    st.number_input(
        field.title or name,
        int(low) if whole else low,
        int(high) if whole else high,
        step=1 if whole else step(field),
        format=None if whole else "%g",
        key=_key(name),
        persist_state="session",
        help=field.description,
        width=210,
    )


def _augmentation() -> Augmentation:
    strength = st.segmented_control(
        "Strength",
        list(STRENGTHS),
        format_func=STRENGTHS.__getitem__,
        required=True,
        key=_key("strength"),
        persist_state="session",
    )
    assert strength is not None
    parts: list[Part] = st.pills(
        "Kinds of change",
        PARTS,
        selection_mode="multi",
        format_func=PART_NAMES.__getitem__,
        key=_key("parts"),
        persist_state="session",
        disabled=strength == "none",
    )
    return Augmentation(strength=strength, parts=frozenset(parts))


def _field(name: str) -> FieldInfo:
    return FitSettings.model_fields[name]
