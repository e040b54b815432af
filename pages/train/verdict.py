"""Whether a tuned network is better than the untuned one, in words and in a table."""

import pandas as pd
import streamlit as st

from pages.components.text import count, plain
from training.faces.report import Comparison, Rates, Report

HELP = {
    "Rank-1": "Rank-1: the share of photos of enrolled people that resemble the right person most. Strangers don't count.",
    "TPIR, 1 %": "True-positive identification rate at FPIR 1 %: the share of photos of enrolled people that get the right "
    "name when the threshold is so strict that only 1 in 100 strangers gets any name.",
    "TPIR, 5 %": "The same with a threshold that lets 5 in 100 strangers get a name.",
}

KINDS = {"clean": "as they are", "hard": "corrupted"}


def verdict(report: Report) -> None:
    """The recommendation and its reason."""
    if report.recommended:
        st.success(f"**Recommended.** {plain(report.verdict)}", icon=":material/thumb_up:")
    else:
        st.warning(f"**Keep the untuned network.** {plain(_reason(report.verdict))}", icon=":material/do_not_disturb_on:")


def _reason(text: str) -> str:
    """The verdict without the recommendation that stands before it already."""
    reason = text.removeprefix("Keep the untuned network: ")
    return reason[:1].upper() + reason[1:]


def table(report: Report) -> None:
    """Untuned against tuned."""
    compared = report.test or report.validation
    st.dataframe(
        frame(compared),
        hide_index=True,
        column_config={name: st.column_config.NumberColumn(format="%.1f %%", help=text) for name, text in HELP.items()},
    )
    which = (
        "on test photos, which chose nothing"
        if report.test
        else "on validation photos, which also chose the best epoch: there were too few photos for a test"
    )
    st.caption(
        f"Measured {which}: {count(compared.probes, 'photo')} of enrolled people against "
        f"{count(compared.strangers, 'photo')} of strangers. “Corrupted” are the same photos shrunk, dark and noisy, half "
        f"covered, or blurred. {_surely(compared)}"
    )
    with st.expander("What the columns mean", icon=":material/help:"):
        for name, text in HELP.items():
            st.markdown(f"**{name}**: {text}")


def frame(compared: Comparison) -> pd.DataFrame:
    """Rates in %: two lines for the photos as they are, two for corrupted ones."""
    lines = []
    for kind, title in KINDS.items():
        for network, rates in (("Untuned", compared.untuned), ("Tuned", compared.tuned)):
            percent = {name: 100 * rate for name, rate in row(rates, kind).items()}
            lines.append({"Photos": title, "Network": network, **percent})
    return pd.DataFrame(lines)


def row(rates: Rates, kind: str) -> dict[str, float]:
    """The three rates of one line, 0 to 1; kind: `clean` or `hard`."""
    found = rates.clean if kind == "clean" else rates.hard
    return dict(zip(HELP, (found.rank1, found.tpir_at_fpir_1, found.tpir_at_fpir_5), strict=True))


def _surely(compared: Comparison) -> str:
    if compared.probes >= 100:
        return ""
    return f"With so few photos, one more or less is {1 / max(compared.probes, 1):.1%}: small differences are chance."
