"""The results that the course reports, beside those made here."""

import pandas as pd
import streamlit as st

from pages.components.context import services
from pages.components.jobs import Stages, board, keep_problem, running, stopped
from pages.components.text import count
from pages.experiments.curves import curves
from recognition.errors import RecognitionError
from training.course.experiments.store import list_experiments
from training.course.results.experiments import COURSE, Data
from training.course.results.running import results_there, stored_sources
from training.jobs.course import CourseSettings

STAGES = Stages("Reading the pictures…", "Measuring the network…")

NEEDED: dict[Data, str] = {"mnist": "MNIST", "cifar10": "CIFAR-10"}


def panel() -> None:
    """The table, and what makes it: a job, so that the page can be closed meanwhile."""
    st.markdown(
        "The networks that the course builds, with the accuracies it reports. Make them again here: each becomes an experiment "
        "to look into, compare and try."
    )
    job = board().latest(CourseSettings)
    if job is not None and not job.ended:
        running(job.id, curves, STAGES)
    elif job is not None and job.status != "done":
        stopped(job, curves)
    storage = services().settings.storage
    kept = list_experiments(storage)
    there = results_there(kept)
    listed = {key: experiment for key, experiment in COURSE.items() if experiment.listed}
    table = pd.DataFrame(
        {
            "Experiment": [experiment.title for experiment in listed.values()],
            "Parameters": [f"{there[key].parameters:,}" if key in there else "" for key in listed],
            "Course, training / test": [experiment.course for experiment in listed.values()],
            "Training": [f"{there[key].train_accuracy:.3f}" if key in there else "" for key in listed],
            "Test": [f"{there[key].test_accuracy:.3f}" if key in there else "" for key in listed],
            "Time": [f"{there[key].seconds:,.0f} s" if key in there else "" for key in listed],
        }
    )
    picked = st.dataframe(
        table,
        hide_index=True,
        height="content",
        key="course_table",
        on_select="rerun",
        selection_mode="multi-row",
        column_config={
            "Parameters": st.column_config.TextColumn(alignment="right"),
            "Training": st.column_config.TextColumn(alignment="right", help="Accuracy on the pictures it learned from."),
            "Test": st.column_config.TextColumn(alignment="right", help="Accuracy on the data set's own test pictures."),
            "Time": st.column_config.TextColumn(alignment="right", help="Of one training, here."),
        },
    )
    several = {experiment.seeds for experiment in listed.values()} - {1}
    st.caption(
        f"Cats and dogs are means of {max(several)} runs, of 1,000 training pictures a class. Shifted: learned from digits in "
        "the middle, tested on digits moved at random."
    )
    rows = picked["selection"]["rows"]
    names = tuple(list(listed)[row] for row in rows) or tuple(key for key in listed if key not in there)
    _start(names, chosen=bool(rows), busy=job is not None and not job.ended)


def _start(names: tuple[str, ...], *, chosen: bool, busy: bool) -> None:
    """The button, or what is missing for it."""
    sources = stored_sources(services().settings.storage)
    missing = [
        title for name, title in NEEDED.items() if name not in sources and any(COURSE[key].data == name for key in names)
    ]
    if missing:
        st.info(
            f"{' and '.join(missing)} first: bring the pictures here on the tab “New”, by download or from a file.",
            icon=":material/download:",
        )
    if names:
        st.button(
            f"Make {count(len(names), 'chosen result' if chosen else 'missing result')} again",
            type="primary",
            icon=":material/play_arrow:",
            key="start_course",
            disabled=busy or bool(missing),
            help="One after the other. Choose rows of the table to make only those.",
            on_click=_make,
            args=(names,),
        )


def _make(names: tuple[str, ...]) -> None:
    try:
        board().start(CourseSettings(experiments=names, sources=stored_sources(services().settings.storage)))
    except RecognitionError as error:
        keep_problem(error)
