"""All methods side by side, and what can be done with each."""

from functools import partial

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from pages.components.context import services
from pages.components.panels import explain
from pages.components.text import plain
from pages.components.use_tuned import use_button
from pages.compression import charts
from pages.compression.stored import choose_row, chosen
from recognition.errors import RecognitionError
from training.compression.record import Compression, Row
from training.compression.store import delete_compression, read_onnx
from training.compression.using import keep_experiment, keep_model
from training.course.experiments.store import list_experiments
from training.folders import Publish
from training.models import find_by_weights, unless_deleted


def panel() -> None:
    """The chart, the table, and the buttons of one row."""
    compression = chosen()
    if compression is None:
        return
    if message := st.session_state.pop("compression_message", None):
        st.success(plain(message), icon=":material/check_circle:")
    st.altair_chart(charts.sizes(compression), alt="The size of each network's file")
    st.dataframe(_table(compression), hide_index=True, height="content", column_config=_columns(compression))
    st.caption(
        f"{plain(compression.score)}. The size is that of the ONNX file, deflated; times are the fastest of many runs on this "
        "machine, taken in turns; memory is what a process needs to load the file and run one picture in ONNX Runtime."
    )
    for name, reason in compression.failed:
        st.warning(f"{plain(name)} was left out. {plain(reason)}", icon=":material/block:")
    if not compression.done:
        st.info("Not every method is done: the times are measured in the end.", icon=":material/hourglass:")
    row = choose_row(compression)
    if row is not None:
        _use(compression, row)
    with st.container(horizontal=True):
        st.button(
            "Delete this compression",
            icon=":material/delete:",
            type="tertiary",
            help="What was put to use stays.",
            on_click=_attempt,
            args=(partial(_delete, compression),),
        )
    with st.expander("What an exported network is", icon=":material/help:"):
        explain(
            "An ONNX file holds a network as a list of operations that any program can run, without PyTorch and without this "
            "app. Each export is run in ONNX Runtime and compared with PyTorch before it is kept.",
            r"\frac{\max |y_{\text{ONNX}} - y_{\text{PyTorch}}|}{\max |y_{\text{PyTorch}}|} < 0.001",
        )


def _table(compression: Compression) -> pd.DataFrame:
    first = compression.rows[0]
    return pd.DataFrame(
        {
            "Method": [row.title for row in compression.rows],
            "Accuracy": [100 * row.accuracy for row in compression.rows],
            "Size": [charts.size(row.bytes) for row in compression.rows],
            "Of before": [100 * row.bytes / first.bytes for row in compression.rows],
            "Parameters left": [row.parameters for row in compression.rows],
            "Multiply-adds": [row.multiply_adds for row in compression.rows],
            "ms, one": [row.ms for row in compression.rows],
            "ms, in 32s": [row.ms_batch for row in compression.rows],
            "Memory": [charts.size(row.memory) for row in compression.rows],
            "Run by": [row.runtime for row in compression.rows],
        }
    )


def _columns(compression: Compression) -> dict[str, ColumnConfig]:
    return {
        "Accuracy": st.column_config.NumberColumn(format="%.2f %%", help=compression.score),
        "Of before": st.column_config.NumberColumn(format="%.1f %%"),
        "Parameters left": st.column_config.NumberColumn(format="localized", help="Weights and biases that are not 0"),
        "Multiply-adds": st.column_config.NumberColumn(format="compact", help="Of one picture; zeros are multiplied too"),
        "ms, one": st.column_config.NumberColumn(format="%.3f", help="Milliseconds a picture, alone"),
        "ms, in 32s": st.column_config.NumberColumn(format="%.3f", help="Milliseconds a picture, in batches of 32"),
    }


def _use(compression: Compression, row: Row) -> None:
    storage = services().settings.storage
    with st.container(horizontal=True, vertical_alignment="center"):
        if row.model is not None:
            kept = find_by_weights(storage, row.model.manifest.sha256)
            if kept is not None and kept.manifest.key == services().settings.network:
                st.badge("In use for the live camera", icon=":material/check:")
            elif kept is not None:
                use_button(kept, "Use for the live camera")
            else:
                _button("Keep as a network for the camera", ":material/videocam:", partial(_keep_model, compression, row))
        elif row.experiment is not None:
            if row.experiment.id in {record.id for record in list_experiments(storage)}:
                st.page_link("experiments.py", label="It is an experiment: try and compare it", icon=":material/science:")
            else:
                _button("Keep as an experiment", ":material/science:", partial(_keep_experiment, compression, row))
        elif row.runtime == "ONNX Runtime":
            st.caption("A file for ONNX Runtime, in any program.", width="content")
        st.download_button(
            "Download ONNX",
            lambda: read_onnx(storage, compression.id, row),
            file_name=f"{row.name}.onnx",
            mime="application/octet-stream",
            icon=":material/download:",
            on_click="ignore",
            key=f"onnx_{compression.id}_{row.name}",
        )


def _button(label: str, icon: str, change: partial[None]) -> None:
    st.button(label, type="primary", icon=icon, key="put_to_use", on_click=_attempt, args=(change,))


def _attempt(change: partial[None]) -> None:
    """Do it; tell what went wrong on the next run."""
    try:
        change()
    except RecognitionError as error:
        st.session_state["compression_error"] = str(error)


def _keep_model(compression: Compression, row: Row) -> None:
    manifest = keep_model(services().settings.storage, compression, row, _publish(compression))
    st.session_state["compression_message"] = f"{manifest.name} is among the networks of the Train page now."


def _keep_experiment(compression: Compression, row: Row) -> None:
    record = keep_experiment(services().settings.storage, compression, row, _publish(compression))
    st.session_state["compression_message"] = f"{record.name} is an experiment now."


def _publish(compression: Compression) -> Publish:
    """Nothing appears that a photo went into which was deleted meanwhile."""
    return partial(unless_deleted, services().gallery, compression.photos)


def _delete(compression: Compression) -> None:
    delete_compression(services().settings.storage, compression.id)
