"""What the panels of the lab and of the feature maps share: the bound state, explanations, pictures to download."""

from types import TracebackType
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.text import plain, show_error
from recognition.errors import RecognitionError
from recognition.inspection.drawing import enlarge
from recognition.pictures import Picture, encode_png


def bound(key: str) -> dict[str, Any]:
    """Arguments that keep a widget's value in the address, and over a change of tab."""
    return {"key": key, "bind": "query-params", "persist_state": "session"}


def inputs() -> DeltaGenerator:
    """A row for a few narrow inputs, which wraps on narrow screens."""
    return st.container(horizontal=True, vertical_alignment="bottom")


class ShowErrors:
    """A context manager that shows what went wrong in the panel itself; the rest of the page stays."""

    def __enter__(self) -> None: ...

    # `bool` tells type checkers that what follows the block is reached after an error too.
    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> bool:
        if isinstance(error, RecognitionError):
            show_error(error)
            return True
        return False


def show_errors() -> ShowErrors:
    """For `with`: errors that a person can act on are shown, all others pass."""
    return ShowErrors()


def explain(text: str, *formulas: str) -> None:
    """A panel's two sentences; its formulas are folded, so that what is to be seen comes first."""
    if not formulas:
        st.markdown(text)
        return
    words, maths = st.columns([6, 1])
    words.markdown(text)
    with maths.popover("The maths", icon=":material/function:", type="tertiary"):
        for formula in formulas:
            st.latex(formula)


def maths(*formulas: str) -> None:
    """A panel's formulas, for whoever wants to see them: below its pictures."""
    with st.expander("The maths", icon=":material/function:"):
        for formula in formulas:
            st.latex(formula)


def picture(image: Picture, caption: str, name: str, *, side: int | None = None) -> None:
    """A picture with its caption and a PNG download; small ones are enlarged with sharp cells."""
    st.image(image if side is None else enlarge(image, side), width="stretch", output_format="PNG", alt=caption)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap=None):
        st.caption(plain(caption), width="content")
        st.download_button(
            "PNG",
            encode_png(image),
            file_name=f"{name}.png",
            mime="image/png",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            key=f"download_{name}",
        )
