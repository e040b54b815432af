"""`python -m training compress`, as a user runs it, in the same process."""

import json
from pathlib import Path

import onnx
import pytest
from typer.testing import CliRunner, Result

from recognition.gallery import Gallery
from tests.training.compression.conftest import few_digits, learned_digits, record
from training.__main__ import app
from training.course.experiments.record import Record
from training.course.experiments.store import list_experiments

__all__ = ["few_digits", "learned_digits", "record"]


def run(storage: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["compress", *arguments, "--storage", str(storage)], env={"COLUMNS": "200"})


def test_rows_are_printed_kept_and_exported(gallery: Gallery, record: Record, storage: Path, tmp_path: Path) -> None:
    files = tmp_path / "files"
    done = run(
        storage, "--experiment", "digits", "--method", "channels", "--epochs", "1", "--rounds", "1", "--keep", "channels",
        "--export", str(files), "--json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    original, channels = json.loads(done.stdout)
    assert list(original)[:6] == ["name", "accuracy", "bytes", "parameters", "multiply_adds", "ms"]
    assert original["name"] == "original" and original["accuracy"] == record.test_accuracy
    assert channels["bytes"] < original["bytes"] and channels["parameters"] < original["parameters"]
    kept = next(one for one in list_experiments(storage) if one.parent == record.id)
    assert kept.test_accuracy == channels["accuracy"]
    onnx.checker.check_model(onnx.load(files / "channels.onnx"))


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "either"),
        (["--experiment", "digits", "--method", "shrink"], "no method"),
        (["--experiment", "digits", "--sparsity", "1"], "less than 1"),
        (["--experiment", "digits", "--channels", "1"], "less than 1"),
        (["--experiment", "digits", "--begin", "0.9", "--end", "0.1"], "before"),
        (["--experiment", "digits", "--method", "static", "--method", "static"], "once"),
        (["--network", "dlib", "--people", "faces"], "belong"),
    ],
)
def test_wrong_usage_is_said(gallery: Gallery, record: Record, storage: Path, arguments: list[str], reason: str) -> None:
    done = run(storage, *arguments)
    assert done.exit_code == 2
    assert reason in done.output


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--experiment", "nothing"], "no experiment"),
        (["--network", "unheard"], "no network"),
        (["--network", "dlib"], "photo"),
    ],
)
def test_what_is_not_there_is_said(gallery: Gallery, storage: Path, arguments: list[str], reason: str) -> None:
    done = run(storage, *arguments)
    assert done.exit_code == 1
    assert reason in done.output
