"""A training that is going on, or that stopped before its end, whatever kind of training it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from pages.components.context import services
from pages.components.text import count, duration, plain, show_error
from recognition.errors import RecognitionError
from training.errors import JobError
from training.jobs import Job, JobBoard, board_of
from training.loop.observer import EpochRecord

LINES = 12

_PROBLEM = "job_problem"

Curves = Callable[[Sequence[EpochRecord], int], None]
"""Draws the epochs so far, given how many there are at most."""


@dataclass(frozen=True)
class Stages:
    """What is said before the first step and after the last one."""

    reading: str
    measuring: str


ENDINGS = {
    "cancelled": "The training was cancelled.",
    "interrupted": "The training was interrupted: its process was ended, or the computer was restarted.",
    "failed": "The training stopped.",
}


def board() -> JobBoard:
    """Starts, stops and follows trainings. What it reports is in the database: it is the same for everybody who looks."""
    return board_of(services())


def attempt(change: Callable[[int], object], job_id: int) -> None:
    """Do it to a job; `show_problem` tells on the next run what went wrong. For callbacks of buttons."""
    try:
        change(job_id)
    except RecognitionError as error:
        keep_problem(error)


def keep_problem(error: RecognitionError) -> None:
    """For `show_problem` on the next run."""
    st.session_state[_PROBLEM] = str(error)


def show_problem() -> None:
    """Why the last click did not do what it says."""
    if problem := st.session_state.pop(_PROBLEM, None):
        show_error(problem)


@st.fragment(run_every=1.0)
def running(job_id: int, curves: Curves, stages: Stages) -> None:
    """Progress, curves and log, read anew every second; the page runs again when the training is over."""
    try:
        job = board().get(job_id)
    except JobError:
        # Erased, because somebody it learned from was.
        st.rerun()
    if job.ended:
        st.rerun()
    with st.container(border=True):
        st.subheader(f":material/model_training: {plain(job.name) if job.name else 'Training'}")
        history = board().epochs(job_id)
        done = job.done / job.total if job.total else 0.0
        st.progress(min(done, 1.0), text=_where(job, len(history), stages))
        if history:
            curves(history, job.epochs)
        else:
            st.caption("The curves begin after the first epoch.")
        _log(job_id)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption("You can close this page; the training goes on, and the camera stays usable.", width="content")
            with st.popover("Cancel", icon=":material/stop:"):
                st.markdown("Stop this training? What its last whole epoch learned is kept, so that it can be resumed.")
                st.button(
                    "Stop the training",
                    type="primary",
                    key="stop_training",
                    on_click=attempt,
                    args=(board().cancel, job_id),
                )


def _where(job: Job, epochs: int, stages: Stages) -> str:
    if job.status == "waiting":
        return "Waiting for another training to end…"
    if job.status == "queued":
        return "Starting…"
    if not job.total:
        return stages.reading
    if job.done >= job.total:
        return stages.measuring
    left = f", about {duration(job.seconds_left)} left" if job.seconds_left is not None else ""
    return f"Epoch {min(epochs + 1, job.epochs)} of at most {job.epochs}{left}"


def earlier(jobs: list[Job]) -> None:
    """Trainings that stopped before the last one: each can be resumed or discarded, and none is kept in secret."""
    with st.expander(f"{count(len(jobs), 'earlier training')} stopped before the end", icon=":material/history:"):
        for job in jobs:
            with st.container(horizontal=True, vertical_alignment="center"):
                name = plain(job.name) if job.name else "Training"
                st.markdown(f"{name}, {job.created_at.astimezone():%d %B, %H:%M}: {job.status}", width="content")
                st.button(
                    "Resume",
                    key=f"resume_{job.id}",
                    icon=":material/play_arrow:",
                    disabled=not job.can_resume,
                    on_click=attempt,
                    args=(board().resume, job.id),
                )
                st.button(
                    "Discard",
                    key=f"discard_{job.id}",
                    icon=":material/delete:",
                    type="tertiary",
                    on_click=attempt,
                    args=(board().delete, job.id),
                )


def stopped(job: Job, curves: Curves) -> None:
    """Why a training that was cancelled, interrupted or failed is not going on, and what can be done."""
    with st.container(border=True):
        text = ENDINGS[job.status] + (f" {plain(job.error)}" if job.error else "")
        if job.status == "failed":
            st.error(text, icon=":material/error:")
        else:
            st.warning(text, icon=":material/pause_circle:")
        history = board().epochs(job.id)
        if history:
            with st.expander(f"Its {count(len(history), 'epoch')}", icon=":material/show_chart:"):
                curves(history, job.epochs)
        _log(job.id)
        with st.container(horizontal=True):
            st.button(
                "Resume",
                type="primary",
                icon=":material/play_arrow:",
                disabled=not job.can_resume,
                help="Goes on after the last whole epoch, as if it had never stopped."
                if job.can_resume
                else "No epoch was finished, or its checkpoint is gone: start over.",
                on_click=attempt,
                args=(board().resume, job.id),
            )
            st.button(
                "Start over",
                icon=":material/replay:",
                help="The same settings, from the first epoch; what it had learned so far goes.",
                on_click=attempt,
                args=(board().start_over, job.id),
            )
            st.button(
                "Discard",
                icon=":material/delete:",
                type="tertiary",
                help="Forgets this training and what it had learned so far.",
                on_click=attempt,
                args=(board().delete, job.id),
            )


def _log(job_id: int) -> None:
    with st.expander("Log", icon=":material/notes:"):
        lines = board().lines(job_id)[-LINES:]
        st.code("\n".join(line.text for line in lines) or "Nothing yet.", language=None, wrap_lines=True)
