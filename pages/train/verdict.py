"""Whether a tuned network is better than the untuned one, in a sentence and in a table."""

import pandas as pd
import streamlit as st

from pages.components.text import count, plain
from training.faces.report import Comparison, Rates, Report

NEAREST = "Right person nearest"
STRICT = "Right name, while 1 in 100 strangers gets one"
GENEROUS = "Right name, while 5 in 100 strangers get one"

MEANINGS = {
    NEAREST: "The share of photos of enrolled people that resemble the right person most. Strangers don't count. In the "
    "field: rank-1.",
    STRICT: "The share of photos of enrolled people that get the right name when so much similarity is asked for that only "
    "1 in 100 strangers gets any name. In the field: TPIR (true-positive identification rate) at FPIR 1 %.",
    GENEROUS: "The same where 5 in 100 strangers get a name. In the field: TPIR at FPIR 5 %.",
}

KINDS = {"clean": "as they are", "hard": "made worse"}


def verdict(report: Report) -> None:
    """The recommendation and its reason, in one sentence."""
    text = plain(report.verdict)
    if report.recommended:
        st.success(text, icon=":material/thumb_up:")
    elif report.clear:
        st.warning(text, icon=":material/do_not_disturb_on:")
    else:
        st.info(text, icon=":material/drag_handle:")


def table(report: Report) -> None:
    """Untuned against tuned."""
    compared = report.measured
    st.table(frame(compared), hide_index=True, border="horizontal")
    which = (
        "on test photos, which chose nothing"
        if report.test
        else "on validation photos, which also chose the best epoch: there were too few photos for a test"
    )
    st.caption(
        f"Measured {which}: {count(compared.probes, 'photo')} of enrolled people against "
        f"{count(compared.strangers, 'photo')} of strangers. “Made worse” are the same photos shrunk, dark and noisy, half "
        "covered, or blurred."
    )
    with st.expander("What the columns mean", icon=":material/help:"):
        for name, text in MEANINGS.items():
            st.markdown(f"**{name}.** {text}")


def frame(compared: Comparison) -> pd.DataFrame:
    """Rates as they are read: two lines for the photos as they are, two for those made worse."""
    lines = []
    for kind, title in KINDS.items():
        for network, rates in (("Untuned", compared.untuned), ("Tuned", compared.tuned)):
            lines.append(
                {"Photos": title, "Network": network, **{name: f"{rate:.1%}" for name, rate in row(rates, kind).items()}}
            )
    return pd.DataFrame(lines)


def row(rates: Rates, kind: str) -> dict[str, float]:
    """The three rates of one line, 0 to 1; kind: `clean` or `hard`."""
    found = rates.clean if kind == "clean" else rates.hard
    return dict(zip(MEANINGS, (found.rank1, found.tpir_at_fpir_1, found.tpir_at_fpir_5), strict=True))
