"""The store of models: whole or not there, whatever happens; what is received is not trusted."""

import io
import json
import os
import pickle
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load as load_tensors
from safetensors.torch import save as to_bytes

from recognition.errors import (
    ArchiveError,
    InvalidNameError,
    NetworkError,
    RecognitionError,
    StorageError,
    WeightsCorruptError,
)
from recognition.gallery import Gallery
from recognition.networks import BUILT_IN, available_networks, load_network, tuned
from recognition.networks.variants import Channels, Pruned
from recognition.safe_zip import ZipLimits
from tests.recognition.gallery.photos import photo, unit
from tests.training.made import trained
from training.errors import CheckpointError, DataError, TrainingError
from training.models import (
    NewData,
    damaged_models,
    default_name,
    delete_model,
    deleted_people,
    export_model,
    export_to_memory,
    find_model,
    free_name,
    import_model,
    list_models,
    new_data,
    read_model,
    remove_model,
    rename_model,
    save_model,
)
from training.models.store import TRAINING


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model as one file."""
    folder = tmp_path_factory.mktemp("exported")
    export_model(folder, save_model(folder, "Good", trained(), "CC0").key, folder / "good.zip")
    return folder / "good.zip"


def files(storage: Path) -> set[str]:
    """Everything in the store but its lock."""
    models = storage / "models"
    return {path.relative_to(models).as_posix() for path in models.rglob("*")} - {".lock"}


def packed(path: Path, contents: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return path


def unpacked(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_saved_model_is_a_network_like_any_other_and_gives_the_very_same_embeddings(
    storage: Path, collins_crop: np.ndarray
) -> None:
    result = trained(seed=3)
    manifest = save_model(storage, "  My   model ", result, "CC0", gallery="g")
    assert (
        manifest.name == "My model"
        and manifest.parent == BUILT_IN.key
        and manifest.licence == "CC0"
        and manifest.threshold == 0.9
    )
    assert [spec.key for spec in available_networks(storage)][-1] == manifest.key
    network = load_network(manifest.key, storage, torch.device("cpu"))
    result.module.eval()
    for (name, kept), given in zip(network.module.state_dict().items(), result.module.state_dict().values(), strict=True):
        assert torch.equal(kept, given), name
    assert network.embed(collins_crop[None]).shape == (1, 128)
    model = read_model(storage, manifest.key)
    assert model.manifest == manifest and model.training.gallery == "g"
    assert model.training.report == result.report and model.training.split == result.split
    assert np.isnan(model.training.history[0].validation_loss), "a loss that was not measured stays unknown"
    assert list_models(storage)[0].manifest == manifest and damaged_models(storage) == []


def test_a_model_made_from_a_folder_keeps_no_name_of_anybody(storage: Path) -> None:
    names, paths = ("Ada Lovelace", "Grace Hopper"), ("Ada Lovelace/1.jpg", "Grace Hopper/1.jpg", "Grace Hopper/2.jpg")
    manifest = save_model(storage, "Folder", trained(names, paths), "CC0")
    for path in (storage / "models" / manifest.id).iterdir():
        content = path.read_bytes()
        assert b"Lovelace" not in content and b"Hopper" not in content, path.name
    training = read_model(storage, manifest.key).training
    assert training.people == ["1", "2"] and training.photos == ["1", "2", "3"]
    assert training.split.validation == ("1",) and training.split.held_out == ("2",)
    (guess,) = training.report.guesses
    assert (guess.photo, guess.truth, guess.guess) == ("1", "1", "2")
    assert training.report.map.people == ["1", "1", "1"] and training.report.map.photos == ["1", "2", "3"]


def test_a_name_that_is_taken_gets_a_number_rather_than_lose_a_training(storage: Path) -> None:
    long = "x" * 80
    for name in ("Faces", "faces", "FACES", long, long):
        save_model(storage, name, trained(), "CC0")
    names = sorted(model.manifest.name for model in list_models(storage))
    assert names == ["FACES (3)", "Faces", "faces (2)", "x" * 76 + " (2)", long]
    with pytest.raises(TrainingError, match="already a model called Faces"):
        free_name(storage, " fAces ")
    assert free_name(storage, " New  one ") == "New one"


def test_a_default_name_tells_the_network_the_day_and_how_many_people() -> None:
    name = default_name(BUILT_IN.key, 3)
    assert name.startswith("Familiar face ResNet, tuned ") and name.endswith(", 3 people")


def test_a_model_is_renamed_but_not_to_nothing_or_to_what_another_has(storage: Path) -> None:
    one = save_model(storage, "One", trained(), "CC0")
    save_model(storage, "Two", trained(), "CC0")
    assert rename_model(storage, one.key, " ONE ").name == "ONE", "its own name in other letters is free"
    for name, error in ((" ", InvalidNameError), ("x" * 81, InvalidNameError), ("two", TrainingError)):
        with pytest.raises(error):
            rename_model(storage, one.key, name)
    assert read_model(storage, one.key).manifest.name == "ONE"
    with pytest.raises(NetworkError, match="deleted"):
        rename_model(storage, "model:ffffffffffff", "Three")


def test_a_model_is_found_by_key_number_or_name(storage: Path) -> None:
    manifest = save_model(storage, "Grün", trained(), "CC0")
    for text in (manifest.key, manifest.id, "grün", " GRÜN "):
        assert find_model(storage, text) == manifest.key
    for text in ("blau", "../../etc", "model:zz"):
        with pytest.raises(NetworkError):
            find_model(storage, text)


def test_a_deleted_model_leaves_no_file(storage: Path) -> None:
    manifest = save_model(storage, "Gone", trained(), "CC0")
    kept = save_model(storage, "Kept", trained(), "CC0")
    delete_model(storage, manifest.key)
    assert {name.split("/")[0] for name in files(storage)} == {kept.id}
    with pytest.raises(NetworkError, match="deleted"):
        delete_model(storage, manifest.key)
    for key in ("model:../../x", BUILT_IN.key, "model:"):
        with pytest.raises(NetworkError):
            delete_model(storage, key)


def test_what_a_killed_process_left_is_removed_by_the_next_writer(storage: Path) -> None:
    manifest = save_model(storage, "Good", trained(), "CC0")
    for name in (".0123456789ab.part", ".0123456789ab.gone"):
        (storage / "models" / name).mkdir()
        (storage / "models" / name / "weights.safetensors").write_bytes(b"half")
        (storage / "models" / name / "network.json").write_text(manifest.model_dump_json())
    assert [model.manifest for model in list_models(storage)] == [manifest] and damaged_models(storage) == []
    rename_model(storage, manifest.key, "Better")
    assert {name.split("/")[0] for name in files(storage)} == {manifest.id}


def test_a_damaged_model_is_left_out_named_and_can_be_deleted(storage: Path) -> None:
    cards = [save_model(storage, name, trained(), "CC0") for name in ("A", "B", "C")]
    folder = storage / "models"
    (folder / cards[0].id / TRAINING).write_bytes(b"{")
    (folder / cards[1].id / tuned.MANIFEST).unlink()
    assert [model.manifest for model in list_models(storage)] == [cards[2]]
    assert damaged_models(storage) == sorted(manifest.key for manifest in cards[:2])
    with pytest.raises(CheckpointError, match="damaged"):
        read_model(storage, cards[0].key)
    assert find_model(storage, cards[1].id) == cards[1].key, "to delete it"
    for manifest in cards[:2]:
        delete_model(storage, manifest.key)
    assert damaged_models(storage) == []


@pytest.mark.parametrize("write", [1, 2, 3], ids=["weights", "training", "card"])
def test_a_full_disk_is_told_and_leaves_nothing_behind(storage: Path, monkeypatch: pytest.MonkeyPatch, write: int) -> None:
    original, calls = os.fsync, []

    def full(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == write:
            raise OSError(28, "No space left on device")
        original(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="No space left on device"):
        save_model(storage, "Big", trained(), "CC0")
    assert files(storage) == set()


def test_an_error_at_the_last_moment_leaves_nothing_behind(storage: Path) -> None:
    @contextmanager
    def refuse() -> Iterator[None]:
        raise DataError("somebody was deleted")
        yield

    with pytest.raises(DataError):
        save_model(storage, "Late", trained(), "CC0", publish=refuse)
    assert files(storage) == set() and list_models(storage) == []


def test_of_models_saved_at_once_none_shares_a_name(storage: Path) -> None:
    start, errors = threading.Barrier(4), []

    def save() -> None:
        start.wait()
        try:
            save_model(storage, "Same", trained(), "CC0")
        except RecognitionError as error:
            errors.append(error)

    threads = [threading.Thread(target=save) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(model.manifest.name for model in list_models(storage)) == ["Same", "Same (2)", "Same (3)", "Same (4)"]


def test_a_model_moves_to_another_machine_as_one_file(storage: Path, tmp_path: Path) -> None:
    manifest = save_model(storage, "Mover", trained(), "CC0", gallery="g")
    export_model(storage, manifest.key, tmp_path / "model.zip")
    other = tmp_path / "other"
    received = import_model(other, tmp_path / "model.zip")
    assert not received.already_here and received.manifest == manifest
    theirs, ours = (read_model(place, manifest.key).training for place in (other, storage))
    assert (theirs.settings, theirs.report, theirs.gallery) == (ours.settings, ours.report, "g")
    # The same file, as a page sends and receives it.
    again = import_model(other, io.BytesIO(export_to_memory(storage, manifest.key)))
    assert again.already_here and again.manifest == manifest and len(list_models(other)) == 1


def test_another_model_of_the_same_number_gets_a_new_one_and_a_free_name(storage: Path, tmp_path: Path) -> None:
    mine = save_model(storage, "Mine", trained(seed=1), "CC0")
    other = tmp_path / "other"
    theirs = save_model(other, "Mine", trained(seed=2), "CC0")
    export_model(other, theirs.key, tmp_path / "theirs.zip")
    contents = unpacked(tmp_path / "theirs.zip")
    contents[tuned.MANIFEST] = theirs.model_copy(update={"id": mine.id}).model_dump_json().encode()
    received = import_model(storage, packed(tmp_path / "clash.zip", contents))
    assert not received.already_here and received.manifest.id not in (mine.id, theirs.id)
    assert received.manifest.name == "Mine (2)" and received.manifest.sha256 == theirs.sha256
    assert read_model(storage, mine.key).manifest == mine


def card_with(**changes: object) -> Callable[[dict[str, bytes]], None]:
    def change(contents: dict[str, bytes]) -> None:
        contents[tuned.MANIFEST] = json.dumps(json.loads(contents[tuned.MANIFEST]) | changes).encode()

    return change


def weights_with(make: Callable[[bytes], bytes]) -> Callable[[dict[str, bytes]], None]:
    """Weights that fit their checksum, as whoever forges a file would see to."""

    def change(contents: dict[str, bytes]) -> None:
        contents[tuned.WEIGHTS] = make(contents[tuned.WEIGHTS])
        card_with(sha256=sha256(contents[tuned.WEIGHTS]).hexdigest())(contents)

    return change


def no_number(weights: bytes) -> bytes:
    tensors = load_tensors(weights)
    next(iter(tensors.values())).view(-1)[0] = float("nan")
    return to_bytes(tensors)


def one_short(weights: bytes) -> bytes:
    return to_bytes(dict(list(load_tensors(weights).items())[1:]))


class Bomb:
    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return (pytest.fail, ("a pickle was opened",))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda contents: contents.pop(TRAINING), "not an exported model"),
        (lambda contents: contents.update({"../evil": b""}), "lead out"),
        (card_with(parent="alexnet"), "doesn't know"),
        (card_with(parent="model:0123456789ab"), "doesn't know"),
        (card_with(sha256="0" * 64), "changed or damaged"),
        (card_with(id="../../../evil"), "damaged"),
        (card_with(name=""), "damaged"),
        (card_with(name="\u202efaces"), "name"),
        (card_with(dimension=64), "another size"),
        (card_with(version=3), "another version"),
        (card_with(architecture={"kind": "exported"}), "another version"),
        (card_with(architecture={"kind": "pruned", "layers": {"nothing": {"inputs": 1, "outputs": 1}}}), "no layer nothing"),
        (card_with(architecture={"kind": "pruned", "layers": {"dense": {"inputs": 256, "outputs": 64}}}), "another size"),
        (card_with(extra=1), "another version"),
        (lambda contents: contents.update({TRAINING: b"[]"}), "damaged"),
        (weights_with(lambda weights: pickle.dumps(Bomb())), "not a safetensors file"),
        (weights_with(lambda weights: weights[: len(weights) // 2]), "not a safetensors file"),
        (weights_with(one_short), "don't fit its network"),
        (weights_with(no_number), "not numbers"),
    ],
)
def test_what_is_received_is_refused_unless_all_of_it_is_right(
    exported: Path, storage: Path, tmp_path: Path, change: Callable[[dict[str, bytes]], None], message: str
) -> None:
    contents = unpacked(exported)
    change(contents)
    with pytest.raises(ArchiveError, match=message):
        import_model(storage, packed(tmp_path / "bad.zip", contents))
    assert not (storage / "models").exists()


def test_a_zip_that_unpacks_to_too_much_is_refused(exported: Path, storage: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("training.models.archive.LIMITS", ZipLimits(entry_bytes=1024 * 1024))
    with pytest.raises(ArchiveError, match="larger than"):
        import_model(storage, exported)


def test_files_that_are_no_models_and_places_that_are_not_there_are_told_apart(storage: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.zip"
    foreign.write_bytes(b"holiday notes")
    with pytest.raises(ArchiveError, match="not a zip"):
        import_model(storage, foreign)
    with pytest.raises(StorageError, match="can't be read"):
        import_model(storage, tmp_path / "missing.zip")
    with pytest.raises(ArchiveError, match="copy of everyone"):
        import_model(storage, packed(tmp_path / "everyone.zip", {"gallery.json": b'{"format":"familiar-gallery"}'}))
    manifest = save_model(storage, "Good", trained(), "CC0")
    with pytest.raises(StorageError, match="can't be written"):
        export_model(storage, manifest.key, tmp_path / "no such folder" / "model.zip")
    with (storage / "models" / manifest.id / tuned.WEIGHTS).open("r+b") as weights:
        weights.seek(-4, os.SEEK_END)
        weights.write(b"\xff\xff\xff\xff")
    with pytest.raises(WeightsCorruptError, match="checksum"):
        export_model(storage, manifest.key, tmp_path / "model.zip")
    assert not (tmp_path / "model.zip").exists()


def test_a_model_knows_who_came_and_who_went_since(storage: Path, gallery: Gallery, tmp_path: Path) -> None:
    ada = gallery.enroll("Ada", [photo(1), photo(2)], consented=True).person
    bob = gallery.enroll("Bob", [photo(3)], consented=True).person
    photos = [str(number) for number in gallery.photos_without_template("other")]
    manifest = save_model(storage, "Both", trained((str(ada.id), str(bob.id)), photos), "CC0", gallery=gallery.identity())
    model = read_model(storage, manifest.key)
    assert deleted_people(model, gallery) == 0 and new_data(model, gallery) == NewData(0, 0)
    gallery.rename(ada.id, "Countess")
    assert deleted_people(model, gallery) == 0
    gallery.enroll("Cleo", [photo(4), photo(5)], consented=True)
    gallery.add_photos(ada.id, [photo(6)])
    gallery.delete_person(bob.id)
    assert deleted_people(model, gallery) == 1
    assert new_data(model, gallery) == NewData(people=1, photos=3)
    with Gallery.open(tmp_path / "other") as other:
        other.enroll("Dora", [photo(7)], consented=True)
        assert deleted_people(model, other) == 0, "numbers of one gallery mean nobody in another"
        assert new_data(model, other) == NewData(people=1, photos=1)


def test_removing_a_model_takes_its_templates_along_but_not_while_it_is_in_use(storage: Path, gallery: Gallery) -> None:
    gallery.enroll("Ada", [photo(1), photo(2)], consented=True)
    manifest = save_model(storage, "Mine", trained(), "CC0", gallery=gallery.identity())
    ids = gallery.photos_without_template(manifest.key)
    gallery.put_templates(manifest.key, {number: unit(number) for number in ids})
    with pytest.raises(TrainingError, match="in use"):
        remove_model(gallery, storage, manifest.key, manifest.key)
    assert gallery.template_counts()[manifest.key] == 2
    assert remove_model(gallery, storage, manifest.key, BUILT_IN.key) == 2
    assert manifest.key not in gallery.template_counts() and list_models(storage) == []


def test_a_model_whose_architecture_was_changed_travels_as_one_file_too(
    exported: Path, storage: Path, tmp_path: Path, collins_crop: np.ndarray
) -> None:
    contents = unpacked(exported)
    narrow = Pruned(layers={"dense": Channels(inputs=256, outputs=64)})
    weights = load_tensors(contents[tuned.WEIGHTS])
    contents[tuned.WEIGHTS] = to_bytes(weights | {"dense.weight": weights["dense.weight"][:64].contiguous()})
    checksum = sha256(contents[tuned.WEIGHTS]).hexdigest()
    card_with(architecture=narrow.model_dump(), dimension=64, sha256=checksum)(contents)
    manifest = import_model(storage, packed(tmp_path / "narrow.zip", contents)).manifest
    assert manifest.architecture == narrow
    export_model(storage, manifest.key, tmp_path / "again.zip")
    assert import_model(tmp_path / "elsewhere", tmp_path / "again.zip").manifest.architecture == narrow
    embeddings = load_network(manifest.key, tmp_path / "elsewhere", torch.device("cpu")).embed(collins_crop[None])
    assert embeddings.shape == (1, 64)
