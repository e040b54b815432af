"""What a training gained, as the commands print it."""

from typing import Final

from rich.table import Table

from training.faces.report import Comparison, Report

PARTS: Final = ("untuned", "tuned")
KINDS: Final = ("clean", "hard")


def rates_rows(report: Report) -> list[dict[str, object]]:
    """One row for each network and kind of photos, rates from 0 to 1."""
    part, comparison = _compared(report)
    rows: list[dict[str, object]] = []
    for name in PARTS:
        for kind in KINDS:
            rates = getattr(getattr(comparison, name), kind)
            rows.append(
                {
                    "name": name,
                    "photos": kind,
                    "part": part,
                    "rank1": rates.rank1,
                    "tpir_at_fpir_1": rates.tpir_at_fpir_1,
                    "tpir_at_fpir_5": rates.tpir_at_fpir_5,
                    "threshold": rates.threshold,
                    "probes": comparison.probes,
                    "strangers": comparison.strangers,
                }
            )
    return rows


def rates_table(report: Report) -> Table:
    """The same for people."""
    part, comparison = _compared(report)
    table = Table(
        "Network",
        "Photos",
        "Rank-1",
        "TPIR at FPIR 1 %",
        "TPIR at FPIR 5 %",
        title=f"{comparison.probes} {part} photos, {comparison.strangers} of strangers",
    )
    for name in PARTS:
        for kind in KINDS:
            rates = getattr(getattr(comparison, name), kind)
            figures = (rates.rank1, rates.tpir_at_fpir_1, rates.tpir_at_fpir_5)
            table.add_row(name, kind, *(f"{figure:.1%}" for figure in figures))
    return table


def _compared(report: Report) -> tuple[str, Comparison]:
    """The photos that chose nothing, or those that did where there are no others."""
    return ("test", report.test) if report.test else ("validation", report.validation)
