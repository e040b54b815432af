"""The command line as a user runs it, in the same process."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from typer.testing import CliRunner

from recognition.__main__ import SOME_REFUSED, app
from recognition.networks import pretrained, registry
from recognition.networks.mobilefacenet import MobileFaceNet
from recognition.pictures import encode_jpeg

Picture = NDArray[np.uint8]
run = CliRunner().invoke


@pytest.fixture
def people(tmp_path: Path, astronaut: Picture) -> Path:
    folder = tmp_path / "people"
    (folder / "Eileen").mkdir(parents=True)
    (folder / "Eileen" / "1.jpg").write_bytes(encode_jpeg(astronaut))
    (folder / "Eileen" / "2.jpg").write_bytes(b"not a picture")
    return folder


@pytest.fixture
def storage(tmp_path: Path) -> list[str]:
    return ["--storage", str(tmp_path / "storage")]


def test_enroll_identify_and_list(
    people: Path, storage: list[str], tmp_path: Path, astronaut: Picture, hopper: Picture
) -> None:
    enrolled = run(app, ["enroll", str(people), "--consent", "--json", *storage])
    assert enrolled.exit_code == SOME_REFUSED
    (entry,) = json.loads(enrolled.stdout)
    assert entry["person"] == "Eileen"
    assert entry["accepted"] == 1
    assert [refused["file"] for refused in entry["refused"]] == ["Eileen/2.jpg"]

    both = tmp_path / "both.jpg"
    both.write_bytes(encode_jpeg(np.hstack([astronaut, np.pad(hopper, ((0, 312), (0, 0), (0, 0)))])))
    named = run(app, ["identify", str(both), "--json", *storage])
    assert named.exit_code == 0
    (file,) = json.loads(named.stdout)
    assert set(file) == {"file", "faces"}
    assert {face["name"] for face in file["faces"]} == {"Eileen", None}
    for face in file["faces"]:
        assert set(face) == {"box", "name", "score", "confidence"}
        assert len(face["box"]) == 4

    listed = run(app, ["people", "--json", *storage])
    assert json.loads(listed.stdout) == [{"id": 1, "name": "Eileen", "photos": 1}]
    assert "Eileen" in run(app, ["people", *storage]).stdout


def test_consent_must_be_confirmed(people: Path, storage: list[str]) -> None:
    refused = run(app, ["enroll", str(people), *storage])
    assert refused.exit_code == 2
    assert json.loads(run(app, ["people", "--json", *storage]).stdout) == []


def test_an_unreadable_file_is_told_and_the_others_are_named(people: Path, storage: list[str], tmp_path: Path) -> None:
    missing = tmp_path / "missing.jpg"
    result = run(app, ["identify", str(missing), str(people / "Eileen" / "1.jpg"), "--json", *storage])
    assert result.exit_code == SOME_REFUSED
    first, second = json.loads(result.stdout)
    assert "can't be opened" in first["error"]
    assert first["faces"] == []
    assert second["faces"][0]["name"] is None


def test_export_and_import_move_a_gallery(people: Path, storage: list[str], tmp_path: Path) -> None:
    run(app, ["enroll", str(people), "--consent", *storage])
    zip_file = tmp_path / "gallery.zip"
    assert run(app, ["export", str(zip_file), *storage]).exit_code == 0
    other = ["--storage", str(tmp_path / "other")]
    assert run(app, ["import", str(zip_file), *other]).exit_code == 0
    assert json.loads(run(app, ["people", "--json", *other]).stdout)[0]["name"] == "Eileen"


def test_an_error_on_purpose_is_a_sentence_and_exit_code_1(tmp_path: Path, storage: list[str]) -> None:
    foreign = tmp_path / "foreign.zip"
    foreign.write_bytes(b"not a zip")
    result = run(app, ["import", str(foreign), *storage])
    assert result.exit_code == 1
    assert result.stderr.strip()
    assert "Traceback" not in result.output


def test_networks_are_listed_and_installed_from_a_file(
    storage: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def here() -> dict[str, bool]:
        listed = run(app, ["networks", "list", "--json", *storage])
        assert listed.exit_code == 0
        return {entry["key"]: entry["here"] for entry in json.loads(listed.stdout)}

    assert here()["dlib"] and not here()["mobilefacenet"]
    file = tmp_path / "own.pt"
    torch.save(MobileFaceNet().state_dict(), file)
    refused = run(app, ["networks", "install", "mobilefacenet", "--file", str(file), *storage])
    assert refused.exit_code == 1 and "fails its checksum" in refused.stderr and not here()["mobilefacenet"]
    # With a checksum and a size that any file has: the published parameters are not here.
    network = pretrained("mobilefacenet")
    assert network.spec.weights is not None
    spec = replace(network.spec, weights=replace(network.spec.weights, sha256=None, size=None))
    monkeypatch.setitem(registry._PRETRAINED, spec.key, replace(network, spec=spec))
    monkeypatch.setitem(registry._NETWORKS, spec.key, spec)
    installed = run(app, ["networks", "install", "mobilefacenet", "--file", str(file), *storage])
    assert installed.exit_code == 0, installed.output
    assert here()["mobilefacenet"]
    table = run(app, ["networks", "list", *storage])
    assert "in use" in table.stdout and "MobileFaceNet" in table.stdout
    unknown = run(app, ["networks", "install", "alexnet", *storage])
    assert unknown.exit_code == 1 and "Known: dlib" in unknown.stderr
    built_in = run(app, ["networks", "install", "dlib", *storage])
    assert built_in.exit_code == 1 and "is built in" in built_in.stderr
