"""What is searched: an experiment of the course, or the fine-tuning of faces."""

from typing import cast

import streamlit as st

from pages.components.context import services
from pages.components.keyed import choose_key
from pages.components.panels import bound, inputs
from pages.components.text import plain
from recognition.networks import Scope
from training.course.data.choice import DataChoice, Digits, EnrolledFaces, Source, Stored
from training.course.data.library import list_data_sets
from training.course.experiments.recipe import Recipe, StackNetwork, TrainingChoice
from training.course.experiments.store import list_experiments
from training.course.presets import PRESETS
from training.faces.settings import PRESETS as FACE_PRESETS
from training.faces.settings import for_scope
from training.search.experiments import COMPARABLE
from training.search.settings import Base, ExperimentBase, FacesBase

EXPERIMENT, FACES = "An experiment", "Face fine-tuning"

DIGITS, ENROLLED = "digits", "faces"

NETWORKS = ("two-convolutions", "one-convolution", "one-convolution-pool", "batch-normalised", "mnist", "all-convolutional")
"""Networks of the course that end with a score for each class, the usual one first."""

WHAT: dict[str, str] = {"head": "Only the new head", "last": "The last blocks", "all": "Everything", "scratch": "From scratch"}


def choose_base() -> Base | None:
    """The inputs; None where there is nothing to learn from."""
    what = st.segmented_control("What to search", [EXPERIMENT, FACES], default=EXPERIMENT, required=True, **bound("what"))
    return _experiment() if what == EXPERIMENT else _faces()


def _experiment() -> Base:
    """A network of the course on some pictures, or whatever an earlier experiment was."""
    earlier = {record.id: record for record in list_experiments(services().settings.storage)}
    names = {key: PRESETS[key].title for key in NETWORKS} | {key: f"Experiment: {one.name}" for key, one in earlier.items()}
    row = inputs()
    with row:
        network = choose_key("Network", names, NETWORKS[0], "network", width=340)
        if network in earlier:
            recipe = earlier[network].recipe
        else:
            stack = StackNetwork(stack=PRESETS[network].stack, preset=network)
            recipe = Recipe(data=_data(), network=stack, training=TrainingChoice(schedule=COMPARABLE))
        epochs = _epochs(min(recipe.training.epochs, 9), "experiment_epochs")
    if network in earlier:
        st.caption(f"With the pictures and all other settings of {plain(earlier[network].name)}.")
    training = recipe.training.model_copy(update={"epochs": epochs})
    return ExperimentBase(recipe=recipe.model_copy(update={"training": training}))


def _data() -> DataChoice:
    stored = {data_set.key: data_set.title for data_set in list_data_sets(services().settings.storage)}
    names = {DIGITS: "Digits, 8×8", **stored, ENROLLED: "The enrolled faces"}
    key = choose_key("Pictures", names, DIGITS, "pictures", width=200)
    limit = st.number_input(
        "Pictures a class",
        0,
        100_000,
        0,
        step=100,
        width=150,
        help="At most; 0 takes all. A search on a few shows in minutes what to train on all.",
        **bound("limit"),
    )
    source: Source = Digits() if key == DIGITS else EnrolledFaces() if key == ENROLLED else Stored(key=key)
    return DataChoice(source=source, limit=int(limit) or None)


def _faces() -> Base | None:
    people = [person for person in services().gallery.people() if person.photo_count]
    if len(people) < 2:
        st.info("Training needs at least two people with photos.", icon=":material/group_off:")
        st.page_link("enroll.py", label="Enroll a face", icon=":material/person_add:")
        return None
    with inputs():
        presets = {key.capitalize(): key for key in FACE_PRESETS}
        preset = st.segmented_control("Preset", list(presets), default="Fast", required=True, **bound("preset")) or "Fast"
        scope = choose_key("What is trained", WHAT, "all", "scope", width=200)
        settings = for_scope(FACE_PRESETS[presets[preset]], cast(Scope, scope))
        # Each preset has epochs of its own.
        epochs = _epochs(settings.epochs, f"{presets[preset]}_epochs")
    st.caption(
        "Judged on validation photos only. A study keeps settings and numbers, never a network or a photo: whoever is erased "
        "leaves nothing in it, and a search that is reading their photos is stopped."
    )
    return FacesBase(settings=settings.model_copy(update={"epochs": epochs}))


def _epochs(usual: int, key: str) -> int:
    about = "Of a whole training: what a trial gets that isn't stopped early"
    return int(st.number_input("Epochs (R)", 1, 500, usual, width=130, help=about, **bound(key)))
