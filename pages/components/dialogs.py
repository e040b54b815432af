"""The button of a dialog that changes something."""

from collections.abc import Callable

import streamlit as st

from pages.components.text import show_error
from recognition.errors import RecognitionError

_PROBLEM = "dialog_problem"


def change_button(label: str, change: Callable[[], object]) -> None:
    """Closes the dialog unless the change fails; then it says why."""

    def attempt() -> None:
        try:
            change()
        except RecognitionError as error:
            st.session_state[_PROBLEM] = str(error)

    pressed = st.button(label, type="primary", key="do_it", on_click=attempt)
    if problem := st.session_state.pop(_PROBLEM, None):
        show_error(problem)
    elif pressed:
        st.rerun()
