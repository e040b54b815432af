"""A study as it goes on, or as it ended: its best trial, its pictures, and what can be done with it."""

from pathlib import Path

import pandas as pd
import streamlit as st

from pages.components.context import services
from pages.components.keyed import choose_key
from pages.components.panels import show_errors
from pages.components.text import count, duration, plain
from pages.search import pictures
from pages.search.methods import show_plan
from recognition.errors import RecognitionError
from training.errors import JobError, SearchError
from training.jobs import Job, JobBoard, board_of
from training.jobs.search import RunStudy
from training.search.bases import chosen_settings, titles
from training.search.budget import progress
from training.search.importance import ENOUGH, importance
from training.search.ledger import Ledger
from training.search.settings import ExperimentBase
from training.search.study import Study, delete_study, list_studies, study_folder
from training.search.trials import Trial, best_of
from training.search.written import write_value

LINES = 12

STOPPED = {
    "cancelled": "The search was stopped.",
    "interrupted": "The search was interrupted: its process was ended, or the computer was restarted.",
    "failed": "The search stopped.",
}


def panel() -> None:
    """One study."""
    studies = {study.id: study for study in list_studies(services().settings.storage)}
    if not studies:
        st.info("There is no study yet. Set one up: the defaults find a good learning rate for the digits in a few minutes.")
        return
    names = {key: study.name for key, study in studies.items()}
    chosen = choose_key("Study", names, next(iter(names)), "study", width=340)
    study = studies[chosen]
    if page := st.session_state.pop("search_follow", None):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.success("The training with the best settings has started.", icon=":material/model_training:", width=480)
            st.page_link(page, label="Watch it", icon=":material/arrow_forward:")
    job = _job_of(study)
    with show_errors():
        if job is not None and not job.ended:
            _running(study, job.id)
            return
        trials = _ledger(study).trials()
        if job is not None and job.status in STOPPED:
            st.warning(f"{STOPPED[job.status]} {plain(job.error or '')}", icon=":material/pause_circle:")
        _summary(study, trials)
        _actions(study, trials)
        _pictures(study, trials)


def _board() -> JobBoard:
    return board_of(services())


def _job_of(study: Study) -> Job | None:
    """The newest run of a study, if it is still known."""
    return next((job for job in _board().list(RunStudy) if job.settings == RunStudy(study=study.id)), None)


@st.cache_resource(max_entries=8)
def _opened(folder: Path, study: Study) -> Ledger:
    return Ledger(folder, study.settings)


def _ledger(study: Study) -> Ledger:
    return _opened(study_folder(services().settings.storage, study.id), study)


@st.fragment(run_every=2.0)
def _running(study: Study, job_id: int) -> None:
    """The trials so far, read anew every two seconds; the page runs again when the search is over."""
    try:
        job = _board().get(job_id)
    except JobError:
        # Erased, because somebody it learned from was.
        st.rerun()
    if job.ended:
        st.rerun()
    with show_errors():
        trials = _ledger(study).trials()
        left = f", about {duration(job.seconds_left)} left" if job.seconds_left else ""
        running = sum(trial.state == "running" for trial in trials)
        text = f"{count(running, 'trial')} running{left}" if running else "Starting…"
        st.progress(progress(study.settings, trials), text=text)
        _summary(study, trials)
        _two_pictures(study, trials)
    with st.expander("Log", icon=":material/notes:"):
        lines = _board().lines(job_id)[-LINES:]
        st.code("\n".join(line.text for line in lines) or "Nothing yet.", language=None, wrap_lines=True)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("You can close this page; the search goes on.", width="content")
        with st.popover("Stop", icon=":material/stop:"):
            st.markdown("Stop this search? Trials that have ended are kept; those that run are tried again when you resume.")
            st.button("Stop the search", type="primary", key="stop_study", on_click=_attempt_cancel, args=(job_id,))


def _summary(study: Study, trials: list[Trial]) -> None:
    best, ended = best_of(trials), [trial for trial in trials if trial.ended]
    stopped = sum(trial.state == "stopped" for trial in ended)
    epochs, whole = sum(trial.epochs for trial in ended), len(ended) * study.settings.base.epochs
    measure = "accuracy" if isinstance(study.settings.base, ExperimentBase) else "TPIR at FPIR 5 %"
    with st.container(horizontal=True):
        st.metric(f"Best validation {measure}", "–" if best is None else f"{best.result:.1%}", border=True)
        st.metric("Trials", len(ended), border=True)
        st.metric("Stopped early", stopped, border=True)
        st.metric(
            "Epochs trained",
            f"{epochs:,}",
            f"{epochs - whole:,} against whole trainings" if whole > epochs else None,
            delta_color="inverse",
            border=True,
        )
    if best is not None:
        names = titles(study.settings.base)
        words = ", ".join(f"{names.get(key, key)} **{plain(write_value(value))}**" for key, value in best.values.items())
        st.markdown(f"Best so far, trial {best.number}: {words}")


def _actions(study: Study, trials: list[Trial]) -> None:
    with st.container(horizontal=True):
        st.button(
            "Train the best",
            type="primary",
            icon=":material/model_training:",
            disabled=best_of(trials) is None,
            help="Starts a training with the best settings, on the Experiments or the Train page.",
            on_click=_train_best,
            args=(study,),
        )
        st.button(
            "Resume",
            icon=":material/play_arrow:",
            disabled=progress(study.settings, trials) >= 1,
            help="Goes on until the budget is spent.",
            on_click=_resume,
            args=(study,),
        )
        with st.popover("Delete", icon=":material/delete:"):
            st.markdown("Delete this study with all its trials? What was trained from it stays.")
            st.button("Delete the study", type="primary", on_click=_delete, args=(study,))


def _pictures(study: Study, trials: list[Trial]) -> None:
    _two_pictures(study, trials)
    if not pictures.shown(trials):
        return
    settings, names = study.settings, titles(study.settings.base)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.markdown("**Parallel coordinates**: a line is a trial, its colour its quality")
        st.altair_chart(pictures.parallel(settings.space, names, trials), width="stretch")
    with right:
        st.markdown("**Importance**: what makes trials differ")
        shares = _importance(study, len([trial for trial in trials if trial.ended]))
        if shares:
            st.altair_chart(pictures.importance(shares, names), width="stretch")
            st.caption("Functional ANOVA over a random forest (Hutter et al. 2014); with few trials a hint, not a finding.")
        else:
            st.caption(f"It takes {ENOUGH} trials that differ.")
    if settings.stopping.rule != "none":
        show_plan(settings.stopping, settings.base.epochs, [trial.epochs for trial in trials if trial.ended])
    with st.expander("All trials", icon=":material/table_rows:"):
        st.dataframe(_table(study, trials), hide_index=True)


def _two_pictures(study: Study, trials: list[Trial]) -> None:
    if not pictures.shown(trials):
        st.caption("The pictures begin after the first epoch.")
        return
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**History**: each trial, and the best so far")
        st.altair_chart(pictures.history(trials), width="stretch", alt="Quality of each trial")
    with right:
        st.markdown("**Every trial, epoch by epoch**: where it was stopped")
        st.altair_chart(
            pictures.curves(trials, study.settings.stopping, study.settings.base.epochs),
            width="stretch",
            alt="Quality of each trial by epoch",
        )


@st.cache_data(max_entries=8, show_spinner=False)
def _importance(study: Study, ended: int) -> dict[str, float]:  # noqa: ARG001  # with more trials it is another
    return importance(study.settings.space, _ledger(study).trials())


def _table(study: Study, trials: list[Trial]) -> pd.DataFrame:
    names = titles(study.settings.base)
    return pd.DataFrame(
        [
            {
                "Trial": trial.number,
                "State": trial.state,
                "Quality": None if trial.quality is None else f"{trial.quality:.1%}",
                "Epochs": trial.epochs,
                **{names.get(key, key): write_value(value) for key, value in trial.values.items()},
                "Why": trial.reason,
            }
            for trial in trials
        ]
    )


def _train_best(study: Study) -> None:
    try:
        best = best_of(_ledger(study).trials())
        if best is None:
            raise SearchError("No trial of this study has come to its end yet.")
        _board().start(chosen_settings(study.settings.base, best.values), f"{study.name}, best")
    except RecognitionError as error:
        st.session_state["search_error"] = str(error)
        return
    st.session_state["search_follow"] = "experiments.py" if isinstance(study.settings.base, ExperimentBase) else "train.py"


def _resume(study: Study) -> None:
    try:
        _board().start(RunStudy(study=study.id))
    except RecognitionError as error:
        st.session_state["search_error"] = str(error)


def _delete(study: Study) -> None:
    try:
        delete_study(services().settings.storage, study.id)
    except RecognitionError as error:
        st.session_state["search_error"] = str(error)


def _attempt_cancel(job_id: int) -> None:
    try:
        _board().cancel(job_id)
    except RecognitionError as error:
        st.session_state["search_error"] = str(error)
