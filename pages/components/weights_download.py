"""Getting a network's weights onto this computer: downloaded on request, or taken from a file."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from pages.components.context import services
from pages.components.text import plain, show_error
from recognition.errors import RecognitionError
from recognition.networks import NetworkSpec, pretrained
from recognition.networks.weights import download, install_from_file, weights_path
from recognition.tasks import Report


def fetching(spec: NetworkSpec) -> bool:
    """Whether a download was started of which `fetch` has yet to show the end."""
    return services().tasks.get(_task(spec)) is not None


@st.fragment(run_every=0.5)
def fetch(spec: NetworkSpec, then: Callable[[NetworkSpec], None] = lambda spec: None) -> None:
    """Download the weights, or take them from a file; when they are here, `then` is called and the page runs again."""
    app = services()
    assert spec.weights is not None
    task = app.tasks.get(_task(spec))
    if task and task.state.running:
        st.progress(task.state.fraction, text=plain(task.state.text) or "Connecting…")
        st.button("Stop", key=f"stop_{spec.key}", icon=":material/stop:", on_click=task.cancel)
        return
    if task and task.state.status == "done":
        app.tasks.clear(_task(spec))
        then(spec)
        st.rerun()
    if task and task.state.error:
        show_error(task.state.error)
    if task and task.state.status == "cancelled":
        st.info("Stopped. The next download continues where this one stopped.", icon=":material/stop:")
    st.button("Download", key=f"download_{spec.key}", icon=":material/download:", on_click=_download, args=(spec,))
    _from_file(spec, then)


def _from_file(spec: NetworkSpec, then: Callable[[NetworkSpec], None]) -> None:
    assert spec.weights is not None
    with st.expander("Or use a file on this computer"):
        path = st.text_input("Path", key=f"path_{spec.key}", placeholder=f"…/{spec.weights.file_name}")
        # Kept: what is shown only in the run of a click is gone half a second later.
        kept = f"file_problem_{spec.key}"
        if st.button("Use this file", key=f"file_{spec.key}", disabled=not path):
            try:
                with st.spinner("Checking the file…"):
                    install_from_file(pretrained(spec.key), Path(path).expanduser(), services().settings.storage)
            except RecognitionError as error:
                st.session_state[kept] = (path, str(error))
            else:
                then(spec)
                st.rerun()
        tried, problem = st.session_state.get(kept, ("", ""))
        if problem and tried == path:
            show_error(problem)


def _download(spec: NetworkSpec) -> None:
    app = services()
    weights = spec.weights
    assert weights is not None
    target = weights_path(app.settings.storage, weights)

    def work(report: Report) -> Path:
        return download(
            weights,
            target,
            lambda here, total: report(here / max(total, 1), f"{here / 1e6:.0f} of {total / 1e6:.0f} MB"),
        )

    app.tasks.start(_task(spec), work)


def _task(spec: NetworkSpec) -> str:
    return f"download {spec.key}"
