"""What can be done with an experiment: looked into, tried, noted, repeated, renamed, deleted."""

from collections.abc import Sequence

import streamlit as st

from pages.components import jobs
from pages.components.context import services
from pages.components.dialogs import change_button
from pages.components.jobs import board
from pages.components.text import plain
from pages.experiments.refill import refill
from recognition.errors import RecognitionError
from training.course.experiments.record import Record
from training.course.experiments.store import delete_experiment, read_note, rename_experiment, write_note


def links(record: Record) -> None:
    """Where to go with its network."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Try it", key="go_try", icon=":material/draw:", type="tertiary", on_click=_try_it, args=(record.id,))
        for page, label, icon, params in (
            ("feature_maps.py", "Feature maps", ":material/layers:", {"net": f"experiment:{record.id}"}),
            ("compression.py", "Compress", ":material/compress:", {"experiment": record.id}),
            ("search.py", "Search for better settings", ":material/manage_search:", {"network": record.id}),
        ):
            st.page_link(page, label=label, icon=icon, query_params=params)


def buttons(record: Record) -> None:
    """What changes the experiment itself."""
    with st.container(horizontal=True):
        st.button(
            "Change and train again",
            key="refill",
            icon=":material/tune:",
            disabled=record.made_by != "trained",
            help="Puts its recipe into the inputs of a new experiment.",
            on_click=refill,
            args=(record,),
        )
        if st.button("Note", key="edit_note", icon=":material/edit_note:"):
            _note(record)
        if st.button("Rename", key="rename", icon=":material/edit:"):
            _rename(record)
        st.button(
            "Repeat",
            key="repeat",
            icon=":material/replay:",
            disabled=record.made_by != "trained",
            help="Trains once more from its record alone: on this computer the same numbers must come out.",
            on_click=_repeat,
            args=(record,),
        )
        if st.button("Delete", key="delete", icon=":material/delete:"):
            _delete(record)


def repeated(record: Record, records: Sequence[Record]) -> None:
    """Whether further runs of the same recipe on the same pictures gave the same network."""
    others = [
        other
        for other in records
        if other.id != record.id
        and other.made_by == record.made_by == "trained"
        and (other.recipe, other.data_digest) == (record.recipe, record.data_digest)
    ]
    if not others:
        return
    different = [other for other in others if other.sha256 != record.sha256]
    if not different:
        times = "once" if len(others) == 1 else f"{len(others)} times"
        st.success(
            f"Repeated {times}: every weight and every number came out the same, to the last bit.", icon=":material/verified:"
        )
        return
    for other in different:
        st.warning(
            f"“{plain(other.name)}” had the same recipe and gave other weights: test {other.test_accuracy:.4f} there, "
            f"{record.test_accuracy:.4f} here. It was trained by another computer or version of a library.",
            icon=":material/difference:",
        )


def _try_it(experiment: str) -> None:
    st.query_params["experiment"] = experiment
    st.session_state["experiments_go"] = "Try it"


def _repeat(record: Record) -> None:
    try:
        board().start(record.recipe, record.name)
    except RecognitionError as error:
        jobs.keep_problem(error)
    else:
        st.session_state["experiments_go"] = "New"


@st.dialog("Note", icon=":material/edit_note:")
def _note(record: Record) -> None:
    storage = services().settings.storage
    st.text_area("What did you learn from it?", read_note(storage, record.id), key=f"note_{record.id}", height=180)
    change_button("Keep", lambda: write_note(storage, record.id, st.session_state[f"note_{record.id}"]))


@st.dialog("Rename", icon=":material/edit:")
def _rename(record: Record) -> None:
    key = f"name_{record.id}"
    st.text_input("New name", record.name, max_chars=80, key=key)
    change_button("Rename", lambda: rename_experiment(services().settings.storage, record.id, st.session_state[key]))


@st.dialog("Delete this experiment?", icon=":material/delete:")
def _delete(record: Record) -> None:
    st.markdown(f"“{plain(record.name)}”, its network and its note are erased from this computer. This can't be undone.")

    def delete() -> None:
        delete_experiment(services().settings.storage, record.id)
        st.query_params.pop("experiment", None)

    change_button("Delete for good", delete)
