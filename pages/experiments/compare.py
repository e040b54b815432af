"""Experiments side by side, and the notebook of all of them."""

import zlib
from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from pages.components.context import services
from pages.components.difference import sentence
from pages.components.panels import explain, show_errors
from pages.experiments.overlay import COLOURS, overlay
from training.course.experiments.comparison import difference, row, write_csv
from training.course.experiments.record import Record
from training.course.experiments.store import list_experiments, read_note, read_predictions, write_note

MOST = len(COLOURS)

ROWS = 12
"""Of the notebook, seen without scrolling."""

RECIPE = (
    *("made_by", "data", "network", "optimiser", "rate", "batch", "epochs", "weight_decay"),
    *("augmentation", "balance", "seed"),
)
"""Columns of a row that say what was done."""


def panel() -> None:
    """Those chosen side by side, then the list of all."""
    records = {record.id: record for record in list_experiments(services().settings.storage)}
    if len(records) < 2:
        with st.container(border=True):
            st.subheader(":material/compare_arrows: Nothing to compare yet")
            st.markdown("Train two networks on the tab “New”: change one thing between them, and see here what it did.")
    else:
        chosen = _choose(records)
        if len(chosen) > 1:
            with show_errors():
                _side_by_side(chosen)
        else:
            st.info("Choose at least two.", icon=":material/compare_arrows:")
    if records:
        _notebook(list(records.values()))


def _choose(records: Mapping[str, Record]) -> dict[str, Record]:
    """The input, by names that differ; the address holds the ids, so that a link outlives a renaming."""
    names = distinct_names(list(records.values()))
    by_name = {name: records[id_] for id_, name in names.items()}
    asked = st.query_params.get("runs", "").split(",")
    start = [names[id_] for id_ in asked if id_ in names] or list(by_name)[:2]
    chosen = st.multiselect("Experiments", list(by_name), start, max_selections=MOST, key=f"runs_{len(records)}")
    st.query_params["runs"] = ",".join(by_name[name].id for name in chosen)
    return {name: by_name[name] for name in chosen}


def distinct_names(records: Sequence[Record]) -> dict[str, str]:
    """By id: the name, and the time and if need be a part of the id where another has the same name."""
    names = {record.id: record.name for record in records}
    for more in (_when, _part_of_id):
        taken = list(names.values())
        names = {
            record.id: names[record.id] + (more(record) if taken.count(names[record.id]) > 1 else "") for record in records
        }
    return names


def _when(record: Record) -> str:
    return f", {record.created_at.astimezone():%d %b, %H:%M}"


def _part_of_id(record: Record) -> str:
    return f" ({record.id[:4]})"


def _side_by_side(chosen: Mapping[str, Record]) -> None:
    overlay({name: record for name, record in chosen.items() if record.history})
    rows = {name: row(record) for name, record in chosen.items()}
    st.dataframe(
        pd.DataFrame(
            {
                "Experiment": list(rows),
                "Test": [record.test_accuracy for record in chosen.values()],
                "Validation": [record.validation_accuracy for record in chosen.values()],
                "Training": [record.train_accuracy for record in chosen.values()],
                "Parameters": [f"{record.parameters:,}" for record in chosen.values()],
                "Size": [_size(record.weight_bytes) for record in chosen.values()],
                "Time": [f"{record.seconds:,.1f} s" for record in chosen.values()],
                **_different(rows),
            }
        ),
        hide_index=True,
        column_config={
            "Test": st.column_config.NumberColumn(format="%.4f", help="On pictures that chose nothing."),
            "Validation": st.column_config.NumberColumn(format="%.4f", help="On pictures that chose the best epoch."),
            "Training": st.column_config.NumberColumn(format="%.4f", help="On the pictures it learned from, unchanged."),
            "Parameters": st.column_config.TextColumn(alignment="right"),
            "Size": st.column_config.TextColumn(help="Of the file of weights.", alignment="right"),
            "Time": st.column_config.TextColumn(help="That training took.", alignment="right"),
        },
        height="content",
    )
    _say(chosen)


def _different(rows: Mapping[str, Mapping[str, str | int | float]]) -> dict[str, list[str]]:
    """What was done differently: it is what the difference in accuracy is about."""
    columns = {}
    for name in RECIPE:
        values = [str(row[name]) or "–" for row in rows.values()]
        if len(set(values)) > 1:
            columns[name.replace("_", " ").capitalize()] = values
    return columns


def _say(chosen: Mapping[str, Record]) -> None:
    """The best one against each other one, with what chance explains."""
    explain(
        "Two accuracies on the same pictures differ clearly only if one network is right much more often where the other is "
        "wrong than the other way round (McNemar's exact test, p < 0.05). A clear difference on one seed may still be luck of "
        "the start: train again with another one.",
        r"p = 2\,P\big(X \le \min(b, c)\big)",
        r"X \sim \mathrm{Bin}(b + c,\, \tfrac{1}{2})",
    )
    storage = services().settings.storage
    best = max(chosen, key=lambda name: chosen[name].test_accuracy)
    answers = {name: (record, read_predictions(storage, record.id)) for name, record in chosen.items()}
    for name in chosen:
        if name != best:
            st.markdown(f"- {sentence(best, name, difference(answers[best], answers[name]))}")


def _notebook(records: Sequence[Record]) -> None:
    """All experiments with their notes, which can be written here."""
    storage = services().settings.storage
    st.subheader(":material/menu_book: Notebook")
    notes = {record.id: read_note(storage, record.id) for record in records}
    edited = st.data_editor(
        pd.DataFrame(
            {
                "When": [record.created_at.astimezone() for record in records],
                "Experiment": [record.name for record in records],
                "Test": [record.test_accuracy for record in records],
                "Note": list(notes.values()),
            }
        ),
        disabled=["When", "Experiment", "Test"],
        column_config={
            "When": st.column_config.DatetimeColumn(format="D MMM, HH:mm", width=110),
            "Experiment": st.column_config.TextColumn(width="medium"),
            "Test": st.column_config.NumberColumn(format="%.3f", width=70),
            "Note": st.column_config.TextColumn(help="Double-click to write", width="large"),
        },
        hide_index=True,
        placeholder="",
        height="content" if len(records) < ROWS else 36 * ROWS,
        # A note that was changed elsewhere must not be overwritten by what was typed here before.
        key=f"notebook_{zlib.crc32(repr(notes).encode())}",
    )
    written = {record.id: text or "" for record, text in zip(records, edited["Note"], strict=True)}
    if changed := [id_ for id_, text in written.items() if text != notes[id_]]:
        with show_errors():
            for id_ in changed:
                write_note(storage, id_, written[id_])
            st.rerun()
    st.download_button(
        "All as CSV",
        write_csv([row(record, notes[record.id]) for record in records]),
        file_name="experiments.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _size(bytes_: int) -> str:
    return f"{bytes_ / 1e6:.1f} MB" if bytes_ >= 1e6 else f"{bytes_ / 1e3:.0f} kB"
