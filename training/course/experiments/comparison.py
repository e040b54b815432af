"""Experiments side by side: what to write into a table, and whether one is better than another."""

import csv
import io
from collections.abc import Sequence

from training.course.experiments.catalogue import network_title
from training.course.experiments.evaluation import said
from training.course.experiments.record import Record
from training.course.experiments.store import Predictions
from training.uncertainty import Accuracy, Difference, paired, unpaired

Row = dict[str, str | int | float]
"""One experiment by column."""


def row(record: Record, note: str = "") -> Row:
    """An experiment as a line of a table."""
    training = record.recipe.training
    changes = training.changes.model_dump(exclude_defaults=True)
    return {
        "id": record.id,
        "name": record.name,
        "created": record.created_at.isoformat(timespec="seconds"),
        "made_by": record.made_by,
        "data": record.data,
        "network": network_title(record.network),
        "optimiser": training.optimiser,
        "rate": training.rate,
        "batch": training.batch,
        "epochs": len(record.history),
        "best_epoch": record.best_epoch,
        "weight_decay": training.weight_decay,
        "augmentation": " ".join(f"{name}={value}" for name, value in changes.items()),
        "balance": training.balance,
        "seed": training.seed,
        "parameters": record.parameters,
        "multiply_adds": record.multiply_adds,
        "weight_bytes": record.weight_bytes,
        "seconds": round(record.seconds, 2),
        "train_accuracy": round(record.train_accuracy, 5),
        "validation_accuracy": round(record.validation_accuracy, 5),
        "test_accuracy": round(record.test_accuracy, 5),
        "test_pictures": record.test,
        "note": note,
    }


def write_csv(rows: Sequence[Row]) -> bytes:
    """Rows with the same columns as a CSV file (RFC 4180, UTF-8 with a mark that spreadsheets know it by).

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows({name: _harmless(value) for name, value in row.items()} for row in rows)
    return text.getvalue().encode("utf-8-sig")


def difference(first: tuple[Record, Predictions], second: tuple[Record, Predictions]) -> Difference:
    """How much better the first one does on the test pictures; paired where both had the same."""
    (one, answers), (other, others) = first, second
    if one.data_digest == other.data_digest:
        return paired(said(answers.probabilities) == answers.labels, said(others.probabilities) == others.labels)
    return unpaired(Accuracy.of(one.test_accuracy, one.test), Accuracy.of(other.test_accuracy, other.test))


def _harmless(value: str | int | float) -> str | int | float:
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
