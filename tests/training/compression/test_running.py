"""A compression of digits from beginning to end, and what becomes of it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from recognition.errors import CancelledError, StorageError
from recognition.networks.onnx_network import OnnxNetwork
from training.compression import store
from training.compression.classifiers import ClassifierSubject, load_subject
from training.compression.errors import CompressionError
from training.compression.record import Compression
from training.compression.running import compress
from training.compression.schedules import ConstantSparsity
from training.compression.settings import CompressionSettings, ExperimentSubject
from training.compression.steps import Choices
from training.compression.store import list_compressions, read_compression, read_onnx
from training.compression.using import keep_experiment, keep_model, row_named
from training.course.data.pictures import Split
from training.course.experiments.record import Record
from training.course.experiments.store import load_classifier, read_experiment, read_predictions
from training.course.experiments.training import accuracy
from training.loop.observer import NullObserver

QUICK = Choices(epochs=1, student_epochs=1)


def settings(subject: ClassifierSubject, *methods: str) -> CompressionSettings:
    return CompressionSettings(
        subject=ExperimentSubject(experiment=subject.record.id), methods=tuple(map(QUICK.method, methods))
    )


class Steps(NullObserver):
    """Remembers how far it was; stops at a step."""

    def __init__(self, stop_at: str = "") -> None:
        self.seen: list[tuple[int, int]] = []
        self.lines: list[str] = []
        self._stop_at = stop_at

    def log(self, text: str) -> None:
        self.lines.append(text)
        if self._stop_at and self._stop_at in text:
            raise CancelledError("stopped")

    def step(self, done: int, total: int, seconds_left: float) -> None:
        self.seen.append((done, total))


@pytest.fixture
def done(digits: ClassifierSubject, storage: Path) -> Compression:
    return compress(digits, settings(digits, "weights", "channels+static"), storage)


def test_every_row_is_measured_kept_and_can_be_used(
    done: Compression, digits: ClassifierSubject, record: Record, storage: Path, few_digits: Split
) -> None:
    assert read_compression(storage, done.id) == done
    assert done.done and not done.failed
    original, weights, int8 = done.rows
    assert [row.name for row in done.rows] == ["original", "weights", "channels+static"]
    assert original.accuracy == record.test_accuracy
    assert original.parameters <= record.parameters and original.multiply_adds == record.multiply_adds
    assert weights.bytes < original.bytes > int8.bytes
    assert weights.details.schedule[-1][1] == pytest.approx(0.8, abs=0.01)
    assert int8.multiply_adds < original.multiply_adds and len(int8.details.errors) == 2
    assert all(row.ms and row.ms_batch and row.memory > 0 and row.apart < 1e-3 for row in done.rows)

    kept = keep_experiment(storage, done, weights)
    assert keep_experiment(storage, done, weights) == kept == read_experiment(storage, kept.id)
    assert kept.parent == record.id and kept.made_by == weights.title and kept.history
    classifier = load_classifier(storage, kept.id)
    probabilities = classifier.probabilities(few_digits.test.images)
    assert np.allclose(probabilities, read_predictions(storage, kept.id).probabilities, atol=1e-4)
    assert accuracy(read_predictions(storage, kept.id)) == kept.test_accuracy == weights.accuracy
    with pytest.raises(CompressionError, match="Download its ONNX file"):
        keep_experiment(storage, done, int8)
    with pytest.raises(CompressionError, match="can't be used in the camera"):
        keep_model(storage, done, weights)
    with pytest.raises(CompressionError, match="no row"):
        row_named(done, "shrunk")

    runs = replace(digits.classifier, module=OnnxNetwork(read_onnx(storage, done.id, int8)))
    assert float((runs.probabilities(few_digits.test.images).argmax(1) == few_digits.test.labels).mean()) == int8.accuracy


def test_what_is_not_done_yet_does_not_take_along_what_is(digits: ClassifierSubject, storage: Path) -> None:
    observer = Steps(stop_at="quantization-aware")
    with pytest.raises(CancelledError):
        compress(digits, settings(digits, "dynamic", "aware"), storage, observer)
    (stopped,) = list_compressions(storage)
    assert [row.name for row in stopped.rows] == ["original", "dynamic"] and not stopped.done
    shares = [done / total for done, total in observer.seen]
    assert shares == sorted(shares) and 0.0 < shares[-1] < 1.0
    store.delete_compression(storage, stopped.id)
    assert list_compressions(storage) == []


def test_a_method_that_does_not_fit_is_left_out_with_its_reason(digits: ClassifierSubject, storage: Path) -> None:
    chosen = CompressionSettings(
        subject=ExperimentSubject(experiment=digits.record.id),
        methods=(Choices(schedule=ConstantSparsity(final=0.999, end=1.0), epochs=1).method("weights"),),
    )
    done = compress(digits, chosen, storage)
    assert [row.name for row in done.rows] == ["original"] and done.done
    ((name, reason),) = done.failed
    assert name == "weights" and "no weight left" in reason


def test_a_network_with_nothing_to_compress_is_refused(digits: ClassifierSubject, storage: Path) -> None:
    empty = replace(digits, classifier=replace(digits.classifier, module=nn.Flatten()))
    with pytest.raises(CompressionError, match="nothing to compress"):
        compress(empty, settings(digits, "static"), storage)
    assert list_compressions(storage) == []


def test_a_full_disk_costs_nothing_that_was_there(
    digits: ClassifierSubject, storage: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = store.write_whole

    def full(target: Path, data: bytes) -> None:
        if target.name.startswith("onnx."):
            raise OSError(28, "No space left on device")
        write(target, data)

    monkeypatch.setattr(store, "write_whole", full)
    with pytest.raises(StorageError, match="No space left"):
        compress(digits, settings(digits, "onnx"), storage)
    (there,) = list_compressions(storage)
    assert [row.name for row in there.rows] == ["original"]


def test_what_can_not_be_read_again_is_said(record: Record, storage: Path) -> None:
    subject = load_subject(storage, record.id)
    assert torch.equal(subject.calibration(), subject.calibration())
    with pytest.raises(CompressionError, match="not here"):
        read_compression(storage, "../experiments")
    folder = storage / "compressions" / "0123456789ab"
    folder.mkdir(parents=True)
    (folder / store.RECORD).write_text("{}")
    assert list_compressions(storage) == []
