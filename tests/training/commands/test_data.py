"""`python -m training data`, as a user runs it, in the same process."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.training.course.data.folders_of import classes, folder, zipped
from training.__main__ import app
from training.course.data import published
from training.course.data.published import RemoteFile


def run(storage: Path, *arguments: str, answer: str | None = None) -> Result:
    command = ["data", *arguments, "--storage", str(storage)]
    return CliRunner().invoke(app, command, input=answer, env={"COLUMNS": "200"})


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    return folder(tmp_path / "My [pets]", classes("cat", "dog") | {"cat/torn.png": b""})


def test_a_folder_is_imported_listed_and_deleted(storage: Path, pets: Path) -> None:
    imported = run(storage, "import", str(pets))
    assert imported.exit_code == 0
    assert "1 file is left out. cat/torn.png" in imported.stderr and "my-pets My [pets]: added" in imported.stderr
    (entry,) = json.loads(run(storage, "list", "--json").stdout)
    assert (entry["key"], entry["title"], entry["classes"]) == ("my-pets", "My [pets]", ["cat", "dog"])
    assert (entry["train"], entry["test"], entry["shape"]) == ({"cat": 4, "dog": 4}, None, [12, 12, 3])
    assert "12×12×3" in run(storage, "list").stdout
    assert run(storage, "delete", "my-pets", answer="n\n").exit_code == 1
    assert run(storage, "delete", "my-pets", answer="y\n").exit_code == 0
    assert json.loads(run(storage, "list", "--json").stdout) == []
    missing = run(storage, "delete", "my-pets", "--yes")
    assert missing.exit_code == 1 and "no data set 'my-pets'" in missing.stderr


def test_a_zip_is_imported_once_under_a_name_and_at_a_side(storage: Path, tmp_path: Path) -> None:
    file = tmp_path / "pets.zip"
    file.write_bytes(zipped(classes("cat", "dog")).getvalue())
    added = json.loads(run(storage, "import", str(file), "--name", "Beasts", "--side", "8", "--json").stdout)
    assert (added["key"], added["shape"], added["already_here"]) == ("beasts", [8, 8, 3], False)
    again = run(storage, "import", str(file), "--side", "8")
    assert again.exit_code == 0 and "was here already" in again.stderr


def test_what_can_t_be_imported_is_told(storage: Path, tmp_path: Path) -> None:
    nowhere = run(storage, "import", str(tmp_path / "nowhere"))
    assert nowhere.exit_code == 1 and "no folder or zip" in nowhere.stderr
    one = run(storage, "import", str(folder(tmp_path / "one", classes("cat"))))
    assert one.exit_code == 1 and "only one, cat" in one.stderr
    assert not (storage / "datasets").exists()


def test_a_damaged_data_set_is_named(storage: Path, pets: Path) -> None:
    run(storage, "import", str(pets))
    (storage / "datasets" / "my-pets" / "dataset.json").write_text("{")
    listed = run(storage, "list", "--json")
    assert json.loads(listed.stdout) == [] and "my-pets is damaged" in listed.stderr
    assert run(storage, "delete", "my-pets", "--yes").exit_code == 0


def test_only_known_names_can_be_downloaded_and_offline_is_told(storage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(storage, "download", "imagenet").exit_code == 2
    nowhere = RemoteFile(("http://127.0.0.1:9/x",), "x.gz", "")
    offline = published.Published("mnist", "MNIST", "", 1, (nowhere,), lambda folder: pytest.fail("nothing arrived"))
    monkeypatch.setitem(published.PUBLISHED, "mnist", offline)
    told = run(storage, "download", "mnist")
    assert told.exit_code == 1 and "no connection" in told.stderr
