"""Parameter counter: a stack of layers, its sizes and what it has to learn."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd
import streamlit as st
from pydantic import ValidationError

from pages.components.number_table import forget
from pages.components.panels import bound, explain, inputs, show_errors
from pages.components.text import show_error
from recognition.inspection.errors import InspectionError
from training.course.presets import PRESETS
from training.course.stack import Convolution, Dense, Row, Stack, Table, describe

KINDS = (
    "convolution",
    "pooling",
    "relu",
    "flatten",
    "dense",
    "dropout",
    "batch normalisation",
    "global average pooling",
)
# Which of a layer's fields stand in which column of the editor; the rest of the row is ignored.
COLUMNS: dict[str, dict[str, str]] = {
    "convolution": {"count": "filters", "window": "kernel", "stride": "stride", "padding": "padding"},
    "pooling": {"window": "size", "stride": "stride", "how": "how"},
    "dense": {"count": "units", "bias": "bias"},
    "dropout": {"share": "share"},
}


def panel() -> None:
    explain(
        "A convolution shares its few numbers over the whole picture; a dense layer has one for every pair "
        "of input and unit. Build a network and see where its parameters sit: the counts come from the real "
        "torch network.",
        r"\text{convolution: } k \cdot (f \cdot f \cdot c) + k",
        r"\text{dense: } \text{inputs} \cdot \text{units} + \text{units}",
    )
    key = st.selectbox(
        "Network",
        list(PRESETS),
        format_func=lambda key: PRESETS[key].title,
        on_change=forget,
        args=("stack",),
        **bound("network"),
    )
    preset = PRESETS[key]
    st.caption(preset.note)
    with show_errors():
        stack = _edited(preset.stack, key)
        if stack == preset.stack:
            forget("stack")
        else:
            st.query_params["stack"] = stack.write()
        table = describe(stack)
        one, two, three = st.columns(3)
        one.metric("Parameters", f"{table.parameters:,}", border=True)
        two.metric("In convolutions", _share(table, Convolution), border=True)
        three.metric("In dense layers", _share(table, Dense), border=True)
        if st.button("Train this", icon=":material/model_training:", help="As an experiment, on data of your choice"):
            st.switch_page("experiments.py", query_params={"stack": stack.write()})
        st.dataframe(
            pd.DataFrame(
                {
                    "Layer": [row.title for row in table.rows],
                    "Output": [row.output for row in table.rows],
                    "Formula": [_formula(row, before) for row, before in zip(table.rows, (None, *table.rows), strict=False)],
                    "Parameters": [f"{row.parameters:,}" if row.parameters else "–" for row in table.rows],
                    "Share": [row.parameters / max(table.parameters, 1) for row in table.rows],
                }
            ),
            hide_index=True,
            column_config={
                "Share": st.column_config.ProgressColumn(format="percent", min_value=0.0, max_value=1.0),
                "Formula": st.column_config.TextColumn(help="weights + biases"),
            },
            height="content",
        )
        for number, row in enumerate(table.rows):
            if row.warning:
                st.warning(f"Layer {number}, {row.title}: {row.warning}", icon=":material/straighten:")


def _share(table: Table, kind: type[Convolution | Dense]) -> str:
    inside = sum(row.parameters for row in table.rows if isinstance(row.spec, kind))
    return f"{inside / max(table.parameters, 1):.1%}"


def _formula(row: Row, before: Row | None) -> str:
    """The count of a row written out."""
    if before is None or row.parameters == 0:
        return ""
    if isinstance(row.spec, Convolution):
        f, k = row.spec.kernel, row.spec.filters
        return f"{k} · ({f} · {f} · {before.shape[0]}) + {k}"
    if isinstance(row.spec, Dense):
        return f"{before.shape[0]:,} · {row.spec.units}" + (f" + {row.spec.units}" if row.spec.bias else "")
    return f"{row.weights} scales + {row.biases} shifts"


def _from_address(preset: Stack) -> Stack:
    text = st.query_params.get("stack")
    if text is None:
        return preset
    try:
        return Stack.read(text)
    except InspectionError as error:
        show_error(f"The network in the address can't be used. {error}")
        return preset


def _edited(preset: Stack, key: str) -> Stack:
    editor = f"layers_{key}"
    if editor not in st.session_state:
        # Newly on the screen, perhaps again: the address knows what was edited, the editor has forgotten.
        st.session_state[f"{editor}_start"] = _from_address(preset)
    stack: Stack = st.session_state[f"{editor}_start"]
    with st.expander("Change the layers", icon=":material/edit:"):
        with inputs():
            height = st.number_input("Input height", 1, 4096, stack.height, width=130, key=f"height_{key}")
            width = st.number_input("Input width", 1, 4096, stack.width, width=130, key=f"width_{key}")
            channels = st.number_input("Input channels", 1, 512, stack.channels, width=130, key=f"channels_{key}")
        edited = st.data_editor(
            pd.DataFrame([_as_row(layer.model_dump()) for layer in stack.layers], columns=list(EDITOR)).astype(TYPES),
            column_config=EDITOR,
            num_rows="dynamic",
            placeholder="",
            hide_index=True,
            key=editor,
        )
        st.caption("Add a layer in the last row. Columns that a layer does not use are ignored.")
    layers = [_as_layer(row) for row in edited.to_dict("records") if isinstance(row["kind"], str)]
    try:
        return Stack.model_validate({"height": height, "width": width, "channels": channels, "layers": layers})
    except ValidationError as error:
        first = error.errors()[0]
        number = next((part + 1 for part in first["loc"] if isinstance(part, int)), None)
        where = f"Layer {number}, {first['loc'][-1]}" if number else str(first["loc"][-1])
        raise InspectionError(f"{where}: {first['msg']}.") from error


EDITOR = {
    "kind": st.column_config.SelectboxColumn("Layer", options=KINDS, required=True, width="medium"),
    "count": st.column_config.NumberColumn("Filters or units", min_value=1, step=1),
    "window": st.column_config.NumberColumn("Window", min_value=1, step=1, help="Kernel or pooling size"),
    "stride": st.column_config.NumberColumn("Stride", min_value=0, step=1),
    "padding": st.column_config.SelectboxColumn("Padding", options=("none", "same", "full")),
    "how": st.column_config.SelectboxColumn("Pooling", options=("max", "average")),
    "bias": st.column_config.CheckboxColumn("Bias"),
    "share": st.column_config.NumberColumn("Dropout", min_value=0.0, max_value=0.99),
}

# Stated, because a column that no layer of this network uses has no type of its own.
TYPES = dict.fromkeys(("kind", "padding", "how"), "string")
TYPES |= dict.fromkeys(("count", "window", "stride"), "Int64") | {"share": "Float64", "bias": "boolean"}


def _as_row(layer: dict[str, Any]) -> dict[str, Any]:
    fields = COLUMNS.get(layer["kind"], {})
    return {"kind": layer["kind"]} | {column: layer[field] for column, field in fields.items()}


def _as_layer(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    fields = COLUMNS.get(row["kind"], {})
    given = {field: row[column] for column, field in fields.items() if not pd.isna(row[column])}
    return {"kind": row["kind"]} | given
