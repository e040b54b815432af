"""What an experiment was made of: its layers and everything that decided what came out."""

from collections.abc import Iterator

import pandas as pd
import streamlit as st
from pydantic import BaseModel

from pages.components.context import services
from pages.experiments.network import show_layers
from training.course.experiments.record import Record
from training.course.experiments.sketch import sketch

ROWS = 25
"""Of the table of layers."""


def layers(record: Record) -> None:
    """The table of layers."""
    found = sketch(record.network, record.shape, len(record.classes), services().settings.storage)
    show_layers(record.network, found, ROWS)


def panel(record: Record) -> None:
    """The recipe as a table and as a file."""
    st.markdown(
        "Everything that decided what came out. The same recipe on the same pictures gives the same numbers on one computer."
    )
    rows = {
        "Pictures": f"{record.data}: {record.train:,} to learn, {record.validation:,} to validate, {record.test:,} to test",
        "Preprocessing": ", ".join(
            f"(x − {mean:g}) / {scale:g}" for mean, scale in zip(record.mean, record.scale, strict=True)
        ),
        **dict(facts(record.recipe.data.model_copy(update={"source": None}), "Data")),
        **dict(facts(record.recipe.split, "Split")),
        **dict(facts(record.recipe.training, "Training")),
    }
    st.dataframe(pd.DataFrame({"What": list(rows), "Value": list(rows.values())}), hide_index=True, height="content")
    st.download_button(
        "Recipe as JSON",
        record.recipe.model_dump_json(indent=1),
        file_name=f"recipe-{record.id}.json",
        mime="application/json",
        icon=":material/download:",
        on_click="ignore",
    )


def facts(model: BaseModel, about: str) -> Iterator[tuple[str, str]]:
    """Each field in words, and its value."""
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, BaseModel):
            text = ", ".join(f"{title} {text}" for title, text in facts(value, "") if text not in ("0", "no")) or "none"
        elif isinstance(value, bool):
            text = "yes" if value else "no"
        elif value is None:
            continue
        else:
            text = f"{value:g}" if isinstance(value, float) else str(value)
        yield f"{about}: {field.title or name}".removeprefix(": "), text
