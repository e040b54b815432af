"""Knowledge distillation, explained on the compression that is looked at."""

import pandas as pd
import streamlit as st

from pages.components.panels import explain
from pages.compression import charts
from pages.compression.stored import chosen
from training.compression.steps import ORIGINAL


def panel() -> None:
    """Teacher, student, and the same student without a teacher."""
    explain(
        "A teacher's answers say more than a label: that this 4 looks a little like a 9. A smaller student that learns them, "
        "softened by a temperature T, often does better than one that learns the labels alone.",
        r"L = (1 - \alpha)\, H(y, p_1) + \alpha\, T^2\, \text{KL}\!\left(q_T \,\|\, p_T\right)",
        r"p_T = \text{softmax}(z / T)",
    )
    compression = chosen()
    if compression is None:
        return
    names = {ORIGINAL: "Teacher", "distil": "Student, taught", "student": "The same student without a teacher"}
    rows = {row.name: row for row in compression.rows if row.name in names}
    if not {"distil", "student"} & set(rows):
        st.info("No student was trained here. Choose one in the first tab.", icon=":material/school:")
        return
    st.altair_chart(
        charts.accuracies({names[name]: row.accuracy for name, row in rows.items()}, compression.score),
        alt="Accuracy of teacher and students",
    )
    st.dataframe(
        pd.DataFrame(
            {
                "Network": [names[name] for name in rows],
                "Parameters": [f"{row.parameters:,}" for row in rows.values()],
                compression.score: [f"{row.accuracy:.2%}" for row in rows.values()],
            }
        ),
        hide_index=True,
    )
