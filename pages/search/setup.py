"""A new study: what to search over, how, for how long."""

import streamlit as st

from pages.components.context import services
from pages.components.keyed import point_to
from pages.components.panels import bound, inputs, show_errors
from pages.search.base import choose_base
from pages.search.methods import choose_proposals, choose_stopping, show_methods
from pages.search.space import choose_space
from recognition.errors import RecognitionError
from training.jobs import board_of
from training.jobs.search import RunStudy
from training.search.bases import check
from training.search.settings import Budget, StudySettings
from training.search.study import create_study, delete_study, free_name

TRIALS, MINUTES, EPOCHS = "Trials", "Minutes", "Epochs"
USUAL = {TRIALS: 20, MINUTES: 10, EPOCHS: 90}


def panel() -> None:
    """The inputs on one screen; below them what was chosen, explained."""
    st.markdown(
        "Settings such as the learning rate are chosen, not learned. A search tries many and keeps the best by validation."
    )
    left, right = st.columns([13, 8], gap="medium")
    base, space = None, None
    with left, show_errors():
        base = choose_base()
        space = choose_space(base) if base else None
    with right:
        proposals, points = choose_proposals(space)
        stopping = choose_stopping()
        budget, workers, seed = _choose_budget()
        usual_name = free_name(services().settings.storage)
        name = st.text_input(
            "Name of the study", key="study_name", persist_state="session", max_chars=80, placeholder=usual_name
        )
        pressed = st.button(
            "Start", type="primary", icon=":material/play_arrow:", key="start_study", disabled=space is None, width="stretch"
        )
    if base is None or space is None:
        return
    if pressed:
        with right, show_errors():
            _start(
                name.strip() or usual_name,
                StudySettings(
                    base=base,
                    space=space,
                    proposals=proposals,
                    points=points,
                    stopping=stopping,
                    budget=budget,
                    workers=workers,
                    seed=seed,
                ),
            )
    show_methods(proposals, stopping, base.epochs)


def _choose_budget() -> tuple[Budget, int, int]:
    with inputs():
        unit = st.segmented_control("Budget in", list(USUAL), default=TRIALS, required=True, **bound("budget")) or TRIALS
        amount = int(st.number_input(unit, 1, 100_000, USUAL[unit], width=110, **bound(f"budget_{unit.lower()}")))
    with inputs():
        workers = st.number_input(
            "Workers", 1, 16, 1, width=120, help="Trials at a time, which share the processor", **bound("workers")
        )
        seed = st.number_input("Seed", 0, 2**31 - 1, 0, width=120, help="Of the proposals", **bound("search_seed"))
    budgets = {TRIALS: Budget(trials=amount), MINUTES: Budget(minutes=amount), EPOCHS: Budget(epochs=amount)}
    return budgets[unit], int(workers), int(seed)


def _start(name: str, settings: StudySettings) -> None:
    """Make the study, start its job, and show it.

    Raises:
        RecognitionError: it can't be searched, the name is taken, or another training is running.
    """
    check(settings)
    storage = services().settings.storage
    study = create_study(storage, name, settings)
    try:
        board_of(services()).start(RunStudy(study=study.id))
    except RecognitionError:
        # Nothing was tried yet: the name is free again.
        delete_study(storage, study.id)
        raise
    point_to("study", study.id)
    st.session_state["search_go"] = "Results"
    st.rerun()
