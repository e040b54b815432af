"""Experiments side by side: differences that chance explains are told from clear ones, and a table for spreadsheets."""

import csv
import io
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.training.course.conftest import RECIPE
from training.course.data.pictures import Split
from training.course.experiments.comparison import difference, row, write_csv
from training.course.experiments.keeping import keep_outcome
from training.course.experiments.record import Record
from training.course.experiments.store import Predictions, read_predictions
from training.course.experiments.training import Outcome


def spoilt(predictions: Predictions, wrong: int) -> Predictions:
    """The same with the first so many answers wrong."""
    probabilities = np.roll(predictions.probabilities, 1, axis=1)
    probabilities[wrong:] = predictions.probabilities[wrong:]
    return Predictions(predictions.labels, probabilities)


def test_a_network_compared_with_itself_and_with_worse_ones(storage: Path, few_digits: Split, learned_digits: Outcome) -> None:
    record = keep_outcome(storage, RECIPE, few_digits, learned_digits)
    same = record, read_predictions(storage, record.id)
    assert not difference(same, same).clear
    assert difference(same, same).value == 0
    worse = difference(same, (record, spoilt(same[1], 20)))
    assert worse.paired and worse.clear and worse.value > 0
    assert not difference(same, (record, spoilt(same[1], 3))).clear
    elsewhere = record.model_copy(update={"data_digest": "other", "test_accuracy": 0.0})
    assert not difference(same, (elsewhere, same[1])).paired
    assert difference(same, (elsewhere, same[1])).clear


def test_a_row_says_what_was_done_and_what_came_out(storage: Path, few_digits: Split, learned_digits: Outcome) -> None:
    record: Record = keep_outcome(storage, RECIPE, few_digits, learned_digits)
    found = row(record, "a note")
    assert found["test_accuracy"] == round(record.test_accuracy, 5)
    assert (found["parameters"], found["seed"], found["note"]) == (record.parameters, RECIPE.training.seed, "a note")


@given(st.lists(st.fixed_dictionaries({"name": st.text(), "value": st.floats(allow_nan=False)}), min_size=1, max_size=5))
def test_whatever_is_written_comes_back_and_no_text_is_a_formula(rows: list[dict[str, str | float]]) -> None:
    text = write_csv(rows).decode("utf-8-sig")
    read = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(read) == len(rows)
    for written, found in zip(rows, read, strict=True):
        assert found["name"].removeprefix("'") == str(written["name"]).removeprefix("'")
        assert found["name"][:1] not in ("=", "+", "-", "@")
        assert float(found["value"]) == written["value"]


def test_no_rows_are_an_empty_file() -> None:
    assert write_csv([]).decode("utf-8-sig") == ""
