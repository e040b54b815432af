"""Erasing somebody: what becomes of the networks that learned from the face, and how far it is."""

from collections.abc import Callable

import streamlit as st

from pages.components.context import services
from pages.components.text import count, plain, show_error
from recognition.tasks import Report
from training.erasure import CHOICES, ErasureOutcome, ModelChoice
from training.models import TunedModel

ERASE = "erase"

QUICK_SECONDS = 2.0
"""How long the page waits for the end itself. Where no network is switched, that is enough."""


def choose_models(models: list[TunedModel]) -> ModelChoice:
    """What is to become of the models that learned from whoever is erased."""
    if not models:
        return "retrain"
    names = ", ".join(f"**{plain(model.manifest.name)}**" for model in models)
    st.markdown(f"{count(len(models), 'network')} learned from this face: {names}.")
    choice = st.radio("What becomes of them?", list(CHOICES), format_func=CHOICES.__getitem__)
    if any(model.manifest.key == services().settings.network for model in models) and choice != "keep":
        st.caption("One of them is in use: everybody's photos are first embedded by the network it was tuned from.")
    return choice


def busy() -> bool:
    """Whether somebody is being erased right now."""
    task = services().tasks.get(ERASE)
    return task is not None and task.state.running


def start(work: Callable[[Report], ErasureOutcome]) -> None:
    """Erase; `follow` shows how far it is."""
    services().tasks.start(ERASE, work).wait(QUICK_SECONDS)


def follow() -> None:
    """The progress of an erasure that is going on, or how it ended."""
    if busy():
        _progress()
    task = services().tasks.get(ERASE)
    if task is None or task.state.running:
        return
    services().tasks.clear(ERASE)
    state = task.state
    if isinstance(state.result, ErasureOutcome):
        _show_outcome(state.result)
    elif state.error:
        show_error(state.error)


@st.fragment(run_every=0.5)
def _progress() -> None:
    task = services().tasks.get(ERASE)
    if task is None or not task.state.running:
        st.rerun()
    st.progress(task.state.fraction, text=plain(task.state.text) or "Erasing…")
    st.button("Stop", icon=":material/stop:", on_click=task.cancel, help="What is erased stays erased; the networks stay.")


def _show_outcome(outcome: ErasureOutcome) -> None:
    text = f"Deleted: {count(outcome.photos, 'photo')}."
    if outcome.models:
        text += f" Networks deleted: {', '.join(map(plain, outcome.models))}."
    if outcome.trainings:
        text += " Without the face, a new training is on its way: the Train page shows it."
    if outcome.left:
        sentences = "\n".join(f"- {plain(sentence)}" for sentence in outcome.left)
        st.warning(f"{text} But something is left:\n\n{sentences}", icon=":material/warning:")
    else:
        st.toast(text, icon=":material/check_circle:")
