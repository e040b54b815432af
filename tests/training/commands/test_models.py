"""`python -m training models`, as a user runs it, in the same process."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from recognition.gallery import Gallery
from recognition.networks import BUILT_IN
from recognition.networks.tuned import Manifest
from recognition.settings import load_settings
from tests.recognition.gallery.photos import photo
from tests.training.made import trained
from training.__main__ import app
from training.models import list_models, read_model, save_model


@pytest.fixture
def gallery(gallery: Gallery) -> Gallery:
    gallery.enroll("Ada", [photo(1), photo(2)], consented=True)
    return gallery


@pytest.fixture
def manifest(gallery: Gallery, storage: Path) -> Manifest:
    """A model of Ada and of somebody who is gone."""
    photos = [str(number) for number in gallery.photos_without_template("none")]
    (ada,) = gallery.people()
    return save_model(storage, "Faces", trained((str(ada.id), "99"), photos), "CC0", gallery=gallery.identity())


def run(storage: Path, *arguments: str, answer: str | None = None) -> Result:
    command = ["models", *arguments, "--storage", str(storage)]
    return CliRunner().invoke(app, command, input=answer, env={"COLUMNS": "200"})


def test_models_are_listed_and_shown(manifest: Manifest, gallery: Gallery, storage: Path) -> None:
    gallery.enroll("Bob", [photo(3)], consented=True)
    (entry,) = json.loads(run(storage, "list", "--json").stdout)
    assert entry == {
        "model": manifest.key,
        "name": "Faces",
        "parent": BUILT_IN.key,
        "created_at": manifest.created_at.isoformat(),
        "people": 2,
        "photos": 2,
        "recommended": True,
        "clear": True,
        "verdict": read_model(storage, manifest.key).training.report.verdict,
        "in_use": False,
    }
    assert manifest.key in run(storage, "list").stdout
    shown = json.loads(run(storage, "show", "faces", "--json").stdout)
    assert (shown["deleted_people"], shown["new_people"], shown["new_photos"]) == (1, 1, 1)
    assert len(shown["rows"]) == 4 and shown["settings"]["epochs"] == 1
    told = run(storage, "show", manifest.id).stdout
    assert "not in the gallery any more: 1" in told and "1 people and 1 photos were added" in told and "99.5%" in told


def test_a_damaged_model_is_named_and_can_be_deleted(manifest: Manifest, storage: Path) -> None:
    (storage / "models" / manifest.id / "training.json").unlink()
    listed = run(storage, "list", "--json")
    assert json.loads(listed.stdout) == [] and f"{manifest.key} is damaged" in listed.stderr
    assert run(storage, "show", manifest.key).exit_code == 1
    assert run(storage, "delete", manifest.key, "--yes").exit_code == 0
    assert not (storage / "models" / manifest.id).exists()


def test_a_model_is_renamed_and_deleted_only_when_confirmed(manifest: Manifest, storage: Path) -> None:
    assert run(storage, "rename", "Faces", " New  name ").exit_code == 0
    assert read_model(storage, manifest.key).manifest.name == "New name"
    refused = run(storage, "rename", "New name", "")
    assert refused.exit_code == 1 and "empty" in refused.stderr
    assert run(storage, "delete", "new name", answer="n\n").exit_code == 1
    assert len(list_models(storage)) == 1
    assert run(storage, "delete", "new name", answer="y\n").exit_code == 0
    assert list_models(storage) == []
    missing = run(storage, "delete", "new name", "--yes")
    assert missing.exit_code == 1 and "no model called" in missing.stderr


def test_a_model_moves_as_one_file(manifest: Manifest, storage: Path, tmp_path: Path) -> None:
    file, other = tmp_path / "model.zip", tmp_path / "other"
    assert run(storage, "export", manifest.key, str(file)).exit_code == 0
    assert json.loads(run(other, "import", str(file), "--json").stdout) == {
        "model": manifest.key,
        "name": "Faces",
        "already_here": False,
    }
    again = run(other, "import", str(file))
    assert again.exit_code == 0 and "was here already" in again.stderr
    file.write_bytes(b"not a zip")
    broken = run(other, "import", str(file))
    assert broken.exit_code == 1 and "not a zip" in broken.stderr


def test_a_model_is_put_to_use_and_taken_out_of_it(manifest: Manifest, gallery: Gallery, storage: Path) -> None:
    assert run(storage, "activate", "Faces").exit_code == 0
    assert load_settings().network == manifest.key
    assert gallery.template_counts()[manifest.key] == 2, "everybody is recognised with it straight away"
    assert json.loads(run(storage, "list", "--json").stdout)[0]["in_use"]
    kept = run(storage, "delete", "Faces", "--yes")
    assert kept.exit_code == 1 and "in use" in kept.stderr
    assert run(storage, "deactivate").exit_code == 0
    assert load_settings().network == BUILT_IN.key
    idle = run(storage, "deactivate")
    assert idle.exit_code == 1 and "No model is in use" in idle.stderr
    assert run(storage, "delete", "Faces", "--yes").exit_code == 0
    assert manifest.key not in gallery.template_counts()


def test_a_model_that_is_not_recommended_is_used_only_on_demand(gallery: Gallery, storage: Path) -> None:
    manifest = save_model(storage, "Worse", trained(recommended=False), "CC0", gallery=gallery.identity())
    asked = run(storage, "activate", "Worse", answer="n\n")
    assert asked.exit_code == 1 and "Worse than the untuned" in asked.stderr
    assert load_settings().network == BUILT_IN.key
    assert run(storage, "activate", "Worse", "--yes").exit_code == 0
    assert load_settings().network == manifest.key


def test_a_network_set_by_the_environment_stays(manifest: Manifest, storage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAMILIAR_NETWORK", BUILT_IN.key)
    refused = run(storage, "activate", "Faces")
    assert refused.exit_code == 1 and "FAMILIAR_NETWORK" in refused.stderr


def test_a_model_in_use_that_has_vanished_gives_way_to_the_built_in_network(manifest: Manifest, storage: Path) -> None:
    run(storage, "activate", "Faces")
    (storage / "models" / manifest.id / "network.json").unlink()
    assert run(storage, "deactivate").exit_code == 0
    assert load_settings().network == BUILT_IN.key
