"""A compression in a process of its own."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from recognition.errors import NetworkError
from recognition.gallery import Gallery
from recognition.services import Services
from recognition.settings import load_settings
from tests.recognition.gallery.photos import photo
from tests.training.compression.conftest import few_digits, learned_digits, record
from tests.waiting import TRAINING_SECONDS, wait_until
from training.compression import store
from training.compression.record import Compression
from training.compression.settings import CompressionSettings, ExperimentSubject, FaceSubject
from training.compression.steps import Choices
from training.compression.store import list_compressions
from training.course.experiments.record import Record
from training.course.experiments.store import list_experiments
from training.erasure import erase_people
from training.errors import DataError, TrainingError
from training.jobs import JobBoard

__all__ = ["few_digits", "learned_digits", "record"]

until = partial(wait_until, seconds=TRAINING_SECONDS)


def settings(experiment: str, *methods: str) -> CompressionSettings:
    # The second method of the test would take far longer than the test.
    methods_ = tuple(map(Choices(epochs=200).method, methods))
    return CompressionSettings(subject=ExperimentSubject(experiment=experiment), methods=methods_)


def test_a_stopped_compression_keeps_every_method_that_was_done(gallery: Gallery, storage: Path, record: Record) -> None:
    board = JobBoard(gallery, storage)
    job_id = board.start(settings(record.id, "static", "weights"))
    until(lambda: board.get(job_id).ended or any(len(one.rows) == 2 for one in list_compressions(storage)))
    board.cancel(job_id)
    until(lambda: board.get(job_id).ended)
    job = board.get(job_id)
    assert job.status == "cancelled", job.error
    assert 0 < job.done < job.total
    (kept,) = list_compressions(storage)
    assert [row.name for row in kept.rows] == ["original", "static"] and not kept.done
    assert list_experiments(storage) == [record]


def test_what_can_not_be_compressed_is_refused_at_once(gallery: Gallery, storage: Path) -> None:
    board = JobBoard(gallery, storage)
    methods = (Choices().method("static"),)
    with pytest.raises(TrainingError, match="may have been deleted"):
        board.start(settings("0" * 12, "static"))
    with pytest.raises(DataError, match="at least two"):
        board.start(CompressionSettings(subject=FaceSubject(), methods=methods))
    with pytest.raises(NetworkError, match="no network called"):
        board.start(CompressionSettings(subject=FaceSubject(network="unheard"), methods=methods))
    assert board.list() == []


def test_an_erased_face_takes_along_the_compressions_that_looked_at_it(tmp_path: Path) -> None:
    app = Services(load_settings(storage=tmp_path / "storage"))
    ada, bob = (app.gallery.enroll(name, [photo(number)], consented=True).person for number, name in enumerate(("Ada", "Bob")))

    def looked_at(number: int, *people: int) -> Compression:
        photos = [str(one.id) for person in people for one in app.gallery.photos(person)]
        compression = Compression(
            id=f"{number:012x}",
            title="Faces",
            score="TPIR",
            created_at=datetime.now(UTC),
            settings=CompressionSettings(subject=FaceSubject(), methods=(Choices().method("static"),)),
            photos=tuple(photos),
            gallery=app.gallery.identity(),
        )
        store.begin(app.settings.storage, compression)
        return compression

    looked_at(1, ada.id, bob.id)
    other = looked_at(2, bob.id)
    erase_people(app, [ada.id], "delete")
    assert list_compressions(app.settings.storage) == [other]
    app.gallery.close()
