"""A compression that is going on, or that stopped before its end."""

from collections.abc import Callable

import streamlit as st

from pages.components.context import services
from pages.components.text import duration, plain
from recognition.errors import RecognitionError
from training.errors import JobError
from training.jobs import Job, board_of

LINES = 12

ENDINGS = {
    "cancelled": "The compression was cancelled.",
    "interrupted": "The compression was interrupted: its process was ended, or the computer was restarted.",
    "failed": "The compression stopped.",
}


@st.fragment(run_every=1.0)
def running(job_id: int) -> None:
    """Progress and log, read anew every second; the page runs again when it is over."""
    board = board_of(services())
    try:
        job = board.get(job_id)
    except JobError:
        # Erased, because somebody it looked at was.
        st.rerun()
    if job.ended:
        st.rerun()
    with st.container(border=True):
        st.subheader(":material/compress: Compressing")
        st.progress(min(job.done / job.total, 1.0) if job.total else 0.0, text=_where(job))
        lines = [line.text for line in board.lines(job_id)]
        st.code("\n".join(lines[-LINES:]) or "Starting…", language=None, wrap_lines=True)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption("You can close this page; each method's result is kept as soon as it is there.", width="content")
            st.button("Stop", icon=":material/stop:", key="stop_compression", on_click=_attempt, args=(board.cancel, job_id))


def ended(job: Job) -> None:
    """How the last one ended, where that was not well."""
    if job.status == "done":
        return
    board = board_of(services())
    with st.container(border=True):
        text = ENDINGS[job.status] + (f" {plain(job.error)}" if job.error else "")
        (st.error if job.status == "failed" else st.warning)(f"{text} Methods that were done are kept.")
        with st.container(horizontal=True):
            st.button("Start over", icon=":material/replay:", on_click=_attempt, args=(board.start_over, job.id))
            st.button("Dismiss", icon=":material/close:", type="tertiary", on_click=_attempt, args=(board.delete, job.id))


def _where(job: Job) -> str:
    if job.status == "waiting":
        return "Waiting for another training to end…"
    if not job.total:
        return "Reading the pictures…"
    left = f", about {duration(job.seconds_left)} left" if job.seconds_left else ""
    return f"{job.done / job.total:.0%}{left}"


def _attempt(change: Callable[[int], object], job_id: int) -> None:
    """Do it to a job; tell what went wrong on the next run."""
    try:
        change(job_id)
    except RecognitionError as error:
        st.session_state["compression_error"] = str(error)
