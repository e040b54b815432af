"""The built-in network in int8, made from and measured on a few faces; then in use."""

import hashlib
import io
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest
import torch

from recognition.alignment import CROP_SIZE
from recognition.errors import ArchiveError, NetworkError
from recognition.networks import BUILT_IN, Network, load_network, tuned
from recognition.networks.onnx_network import pack
from training.compression.faces import FaceNetworkSubject, gallery_data
from training.compression.record import Compression
from training.compression.running import compress
from training.compression.settings import CompressionSettings, FaceSubject
from training.compression.steps import Choices
from training.compression.using import keep_model, row_named
from training.errors import TrainingError
from training.faces.dataset import FaceSet
from training.models import Compressed, export_to_memory, import_model, list_models, read_model


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("storage")


@pytest.fixture(scope="module")
def done(place: Path, network: Network, faces: FaceSet) -> Compression:
    data = gallery_data(faces, "this gallery", ["99"], seed=0)
    settings = CompressionSettings(subject=FaceSubject(), methods=(Choices().method("static"),))
    subject = FaceNetworkSubject(network, data)
    return compress(subject, settings, place, photos=data.photos, gallery=data.gallery)


def test_int8_is_a_quarter_and_answers_the_same(done: Compression, place: Path, network: Network, faces: FaceSet) -> None:
    original, int8 = done.rows
    # Its own float32 file is small too: weights that come from float16 deflate well.
    assert int8.bytes < original.bytes / 3.5
    assert int8.accuracy == original.accuracy
    assert len(int8.details.errors) == 30 and max(error for _, error in int8.details.errors) < 0.2
    manifest = keep_model(place, done, int8)
    assert keep_model(place, done, int8) == manifest
    assert manifest.parent == BUILT_IN.key and manifest.architecture.kind == "exported"
    assert manifest.spec().calibration != BUILT_IN.calibration
    stored = load_network(manifest.key, place, torch.device("cpu"))
    likeness = (stored.embed(faces.crops) * network.embed(faces.crops)).sum(axis=1)
    assert likeness.min() > 0.99
    training = read_model(place, manifest.key).training
    assert training.settings == Compressed(network=BUILT_IN.key, method=int8.title)
    # Those that the network had learned from before count too.
    assert set(training.photos) == {*faces.photos, "99"} == set(done.photos)
    assert training.report.recommended and training.report.test is not None


def test_it_has_no_layers_to_look_into(done: Compression, place: Path) -> None:
    manifest = keep_model(place, done, row_named(done, "static"))
    stored = load_network(manifest.key, place, torch.device("cpu"))
    with pytest.raises(NetworkError, match="runs as one piece"), stored.exclusive():
        pass


def test_it_can_be_sent_and_received_but_not_changed(done: Compression, place: Path, tmp_path: Path) -> None:
    manifest = keep_model(place, done, row_named(done, "static"))
    sent = export_to_memory(place, manifest.key)
    received = import_model(tmp_path, io.BytesIO(sent))
    assert received.manifest == manifest
    assert [model.manifest for model in list_models(tmp_path)] == [manifest]
    network = load_network(manifest.key, tmp_path, torch.device("cpu"))
    assert network.embed(np.zeros((1, CROP_SIZE, CROP_SIZE, 3), np.uint8)).shape == (1, 128)


def test_another_file_in_its_place_is_refused(done: Compression, place: Path, tmp_path: Path) -> None:
    manifest = keep_model(place, done, row_named(done, "static"))
    sent = ZipFile(io.BytesIO(export_to_memory(place, manifest.key)))
    weights = pack(b"no network")
    changed = manifest.model_copy(update={"sha256": hashlib.sha256(weights).hexdigest()})
    buffer = io.BytesIO()
    with ZipFile(buffer, "w") as archive:
        archive.writestr(tuned.MANIFEST, changed.model_dump_json())
        archive.writestr("training.json", sent.read("training.json"))
        archive.writestr(tuned.EXPORTED, weights)
    with pytest.raises(ArchiveError, match="can't be used"):
        import_model(tmp_path, buffer)


def test_too_few_faces_are_said(faces: FaceSet) -> None:
    one = FaceSet(faces.crops[:2], faces.labels[:2], faces.people[:1], faces.names[:1], faces.photos[:2])
    with pytest.raises(TrainingError, match="two people"):
        gallery_data(one, "this gallery", [], seed=0)
