"""What was deleted or merged a moment ago, and how an erasure goes: shown above everything else, until it is final."""

from collections.abc import Callable
from datetime import UTC, datetime

import streamlit as st

from pages.components.context import services
from pages.components.text import count, duration, plain, show_error
from recognition.erasure import UNDO_FOR
from recognition.errors import RecognitionError
from recognition.gallery import RemovalRecord
from recognition.tasks import Report
from training.erasure import ERASE_TASK, ErasureOutcome, erase

UNDO_TEXT = duration(UNDO_FOR.total_seconds())
"""How long something can be undone, in words."""

QUICK_SECONDS = 2.0
"""How long the page waits for the end itself. Where no network is switched, that is enough."""

_MESSAGE, _PROBLEM, _ROUND = "people_message", "people_problem", "people_round"


def show() -> None:
    """What can be undone, what is being erased, and how the last of it ended."""
    if message := st.session_state.pop(_MESSAGE, None):
        st.toast(plain(message), icon=":material/check_circle:")
    if problem := st.session_state.pop(_PROBLEM, None):
        show_error(problem)
    if busy():
        _progress()
    _outcome()
    if pending := [removal.id for removal in services().gallery.removals()]:
        _undoable(pending)


def say(message: str) -> None:
    """Have the page say so when it is drawn next."""
    st.session_state[_MESSAGE] = message


def round_number() -> int:
    """For keys of grids: grows when what was ticked has been dealt with."""
    return int(st.session_state.setdefault(_ROUND, 0))


def next_round() -> None:
    """Untick everything."""
    st.session_state[_ROUND] = round_number() + 1


def busy() -> bool:
    """Whether something is being erased right now."""
    task = services().tasks.get(ERASE_TASK)
    return task is not None and task.state.running


def start_erasing(work: Callable[[Report], ErasureOutcome]) -> None:
    """Erase for good; `show` tells how far it is."""
    services().tasks.start(ERASE_TASK, work).wait(QUICK_SECONDS)


def describe(removal: RemovalRecord) -> str:
    """What was done, as Markdown."""
    if removal.into is not None:
        return f"{plain(removal.people[0])} was merged into {plain(removal.into)}."
    if len(removal.people) == 1:
        return f"{plain(removal.people[0])} was deleted, with {count(len(removal.photo_ids), 'photo')}."
    if removal.people:
        names = ", ".join(map(plain, removal.people))
        return f"{count(len(removal.people), 'person', 'people')} were deleted: {names}."
    was = "was" if len(removal.photo_ids) == 1 else "were"
    return f"{count(len(removal.photo_ids), 'photo')} of {', '.join(map(plain, removal.owners))} {was} deleted."


@st.fragment(run_every=15)
def _undoable(pending: list[int]) -> None:
    """The removals that can be undone; the page runs again when others are."""
    current = services().gallery.removals()
    if [removal.id for removal in current] != pending:
        st.rerun()
    for removal in current:
        seconds = (removal.at + UNDO_FOR - datetime.now(UTC)).total_seconds()
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            icon = ":material/merge:" if removal.into is not None else ":material/delete:"
            ends = f"Can be undone for {duration(seconds)}." if seconds > 0 else "Is being deleted for good."
            st.markdown(f"{icon} {describe(removal)} {ends}")
            st.button(
                "Undo",
                key=f"undo_{removal.id}",
                icon=":material/undo:",
                on_click=_undo,
                args=(removal.id,),
                disabled=seconds <= 0,
            )
            st.button(
                ":red[Keep it merged]" if removal.into is not None else ":red[Delete now]",
                key=f"erase_{removal.id}",
                type="tertiary",
                on_click=_erase,
                args=(removal.id,),
                disabled=busy(),
                help="It can't be undone then.",
            )


def _undo(removal_id: int) -> None:
    try:
        people = services().erasure.undo(removal_id)
    except RecognitionError as error:
        st.session_state[_PROBLEM] = str(error)
    else:
        say(f"{people[0].name} is back." if len(people) == 1 else "Undone.")


def _erase(removal_id: int) -> None:
    app = services()
    start_erasing(lambda report: erase(app, removal_id, report))


@st.fragment(run_every=0.5)
def _progress() -> None:
    task = services().tasks.get(ERASE_TASK)
    if task is None or not task.state.running:
        st.rerun()
    st.progress(task.state.fraction, text=plain(task.state.text) or "Deleting…")
    st.button("Stop", icon=":material/stop:", on_click=task.cancel, help="What is deleted stays deleted; the networks stay.")


def _outcome() -> None:
    task = services().tasks.get(ERASE_TASK)
    if task is None or task.state.running:
        return
    services().tasks.clear(ERASE_TASK)
    state = task.state
    if state.error:
        show_error(state.error)
    if not isinstance(state.result, ErasureOutcome):
        return
    outcome = state.result
    text = f"Deleted for good: {count(outcome.photos, 'photo')}." if outcome.photos else "Done, for good."
    if outcome.models:
        text += f" Networks deleted: {', '.join(map(plain, outcome.models))}."
    if outcome.trainings:
        text += " Without the face, a new training is on its way: the Train page shows it."
    if outcome.left:
        sentences = "\n".join(f"- {plain(sentence)}" for sentence in outcome.left)
        st.warning(f"{text} But something is left:\n\n{sentences}", icon=":material/warning:")
    else:
        st.toast(text, icon=":material/check_circle:")
