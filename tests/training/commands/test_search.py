"""`python -m training search`, in this process; studies run in processes of their own."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.training.search.digits import study_settings
from training.__main__ import app
from training.search.study import create_study, list_studies

Run = Callable[..., Result]


@pytest.fixture
def run(storage: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    # Tables as wide as they like.
    monkeypatch.setenv("COLUMNS", "200")

    def command(*words: str) -> Result:
        where = () if words[0] == "settings" else ("--storage", str(storage))
        return CliRunner().invoke(app, ["search", *words, *where])

    return command


def test_a_study_from_its_start_to_its_end(run: Run, storage: Path) -> None:
    words = "--network perceptron --epochs 2 --proposals grid --points 2 --stop none --search training.rate=0.1..1:log"
    done = run("start", "--name", "Grid", *words.split(), "--json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["name"], found["trials"], found["epochs"]) == ("Grid", 2, 4)
    assert sorted(row["values"]["training.rate"] for row in found["rows"]) == [0.1, 1.0]
    assert found["best"] == max(row["result"] for row in found["rows"]) and {row["state"] for row in found["rows"]} == {
        "complete"
    }
    assert "Trial 1:" in done.stderr
    assert json.loads(run("list", "--json").stdout)[0]["study"] == found["study"]
    assert "complete" in run("show", "grid").stdout
    assert run("delete", "grid", "--yes").exit_code == 0 and list_studies(storage) == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--search colour", "colour can't be searched here"),
        ("--search training.rate=0.1..0.01", "Learning rate: the range goes from 0.1 down to 0.01"),
        ("--search training.rate=0..1:log", "a logarithmic range can't begin at 0"),
        ("--search training.rate=0.1..100", "Learning rate: 100.0 can't be used"),
        ("--search training.batch=,", "Pictures a step: the list of values is empty"),
        ("--trials 0", "Input should be greater than or equal to 1"),
        ("--workers 99", "less than or equal to 16"),
    ],
)
def test_what_can_t_be_searched_is_said_and_nothing_is_kept(run: Run, storage: Path, words: str, sentence: str) -> None:
    done = run("start", "--name", "Bad", *words.split())
    assert done.exit_code in (1, 2) and sentence in done.stderr
    assert list_studies(storage) == []


def test_two_studies_of_one_name_are_refused(run: Run, storage: Path) -> None:
    create_study(storage, "Rates", study_settings())
    done = run("start", "--name", "rates")
    assert done.exit_code == 1 and "already a study called rates" in done.stderr
    assert "no study called 'x'" in run("resume", "x").stderr
    assert "No trial of this study has come to its end" in run("train", "Rates").stderr


def test_the_settings_that_can_be_searched_are_listed(run: Run) -> None:
    rows = json.loads(run("settings", "--faces", "--json").stdout)
    assert {"learning_rate", "distillation_weight", "augmentation.strength", "whitening_floor"} <= {row["key"] for row in rows}
    assert "0.0001..0.1 log" in run("settings").stdout


def test_both_methods_are_compared_at_the_same_budget(run: Run) -> None:
    done = run("compare", "--limit", "20", "--side", "8", "--epochs", "3", "--total-epochs", "9", "--seeds", "1", "--json")
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)
    assert [row["method"] for row in rows] == ["random search", "Hyperband"] and [row["epochs"] for row in rows] == [9, 9]
    assert rows[1]["configurations"] >= rows[0]["configurations"] == 3
    assert all(0 < row["test_accuracy"] <= 1 and 0 < row["validation_accuracy"] <= 1 for row in rows)
