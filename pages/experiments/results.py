"""What came out of one experiment: the verdict, the numbers, and the pictures behind them."""

from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st

from pages.components.context import services
from pages.components.keyed import choose_key, point_to
from pages.components.panels import show_errors
from pages.components.text import alternatives, count, plain
from pages.experiments import actions, mixed_up, recipe, wrong
from pages.experiments.curves import curves
from training.course.experiments.record import Record
from training.course.experiments.store import list_experiments, read_note, read_predictions
from training.course.experiments.verdict import Evidence, Kind, judge, share
from training.uncertainty import Accuracy

BOXES: Mapping[Kind, tuple[Callable[..., object], str]] = {
    "good": (st.success, ":material/thumb_up:"),
    "still improving": (st.info, ":material/trending_up:"),
    "too few pictures": (st.info, ":material/help:"),
    "by heart": (st.warning, ":material/psychology:"),
    "underfitting": (st.warning, ":material/trending_flat:"),
    "nothing learned": (st.error, ":material/casino:"),
    "diverged": (st.error, ":material/error:"),
}


def open_result(experiment: str) -> None:
    """Show an experiment's result when the page runs next."""
    point_to("experiment", experiment)
    st.session_state["experiments_go"] = "Result"


def panel() -> None:
    """The report of one experiment, chosen above it."""
    records = {record.id: record for record in list_experiments(services().settings.storage)}
    if not records:
        show_nothing_yet("What it learned and what it got wrong is shown here.")
        return
    record = records[choose_experiment(records)]
    _verdict(record)
    _numbers(record)
    if note := read_note(services().settings.storage, record.id):
        st.markdown(f":material/edit_note: {plain(note)}")
    actions.links(record)
    _panels(record)
    with show_errors():
        actions.repeated(record, list(records.values()))
    actions.buttons(record)


def show_nothing_yet(then: str) -> None:
    """Where to begin, and what will be here afterwards."""
    with st.container(border=True):
        st.subheader(":material/science: No experiment yet")
        st.markdown(f"Train a network on the tab “New”. {then}")


def choose_experiment(records: Mapping[str, Record]) -> str:
    """The input, for every tab that shows one. It begins with the newest; names may be alike, so that each has its time."""
    wanted = st.query_params.get("experiment")
    if wanted is not None and wanted not in records:
        st.warning("The experiment in this address is not here: the newest one is shown.", icon=":material/link_off:")
    titles = {id_: f"{record.name}, {record.created_at.astimezone():%d %b, %H:%M}" for id_, record in records.items()}
    return choose_key("Experiment", titles, next(iter(titles)), "experiment", width=480)


def _verdict(record: Record) -> None:
    """In words, from the curves; nothing where there are none, because the network was made from another one."""
    if not record.history:
        return
    labels = read_predictions(services().settings.storage, record.id).labels
    evidence = Evidence(
        history=record.history,
        best_epoch=record.best_epoch,
        train=Accuracy.of(record.train_accuracy, record.train),
        validation=Accuracy.of(record.validation_accuracy, record.validation),
        chance=float(np.bincount(labels).max() / len(labels)),
        recipe=record.recipe,
    )
    verdict = judge(evidence)
    box, icon = BOXES[verdict.kind]
    advice = f" Try {alternatives(verdict.advice)}." if verdict.advice else ""
    box(f"**{plain(verdict.text)}**{advice}", icon=icon)


def _numbers(record: Record) -> None:
    test = Accuracy.of(record.test_accuracy, record.test)
    facts = {
        "Test accuracy": (f"{test.share:.3f} ± {test.margin:.3f}", f"{test.right:,} of {test.count:,} test pictures"),
        "Training": (share(record.train_accuracy), f"Of {record.train:,} pictures, with the best epoch's weights"),
        "Validation": (share(record.validation_accuracy), f"Of {record.validation:,} pictures, which chose the best epoch"),
        "Parameters": (f"{record.parameters:,}", f"{record.multiply_adds:,} multiply-adds a picture"),
        "Trained in": (_time(record.seconds), f"{count(len(record.history), 'epoch')}; the best was {record.best_epoch}"),
    }
    with st.container(horizontal=True):
        for title, (value, text) in facts.items():
            st.metric(title, value, help=text, border=True, width="stretch" if title == "Test accuracy" else 165)


def _time(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


PANELS: Mapping[str, Callable[[Record], None]] = {
    "Wrong pictures": wrong.panel,
    "Mixed up": mixed_up.matrix,
    "By class": mixed_up.bars,
    "Curves": lambda record: curves(record.history, record.history[-1].epoch, record.best_epoch),
    "Layers": recipe.layers,
    "Recipe": recipe.panel,
}


def _panels(record: Record) -> None:
    names = [name for name in PANELS if record.history or name != "Curves"]
    for name, tab in zip(names, st.tabs(names, key="report", bind="query-params"), strict=True):
        # Only the open panel computes.
        if tab.open:
            with tab, show_errors():
                PANELS[name](record)
