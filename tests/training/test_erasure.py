"""Whoever is erased is gone from trainings and models too: every byte on the disk and in memory is looked through."""

import gc
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.torch import load_file

from recognition.gallery.encoded import pack
from recognition.live.naming import LiveRecognition
from recognition.networks import BUILT_IN, Network
from recognition.server import SessionRegistry
from recognition.services import Services
from recognition.settings import load_settings, save_settings
from tests.faces import Clock, scene
from tests.recognition.gallery.photos import photo
from tests.traces import bytes_in_memory, bytes_on_disk
from tests.training import made
from tests.training.conftest import PHOTOS, SMALL, people_of
from tests.waiting import TRAINING_SECONDS, wait_until
from training.erasure import (
    ERASE_TASK,
    ErasureOutcome,
    erase_people,
    erase_photos,
    models_of_people,
    models_of_photos,
    start_due,
)
from training.faces.augmentation import Augmentation, draws
from training.faces.dataset import from_gallery
from training.faces.settings import FitSettings
from training.jobs import Job, JobBoard, board_of
from training.jobs.paths import checkpoints
from training.jobs.rows import claim_photos, insert_job
from training.jobs.tables import TrainingPhoto
from training.loop.checkpoint import STATE
from training.models import TunedModel, list_models, save_model

Picture = NDArray[np.uint8]

NAME = "Eileen Collins"
"""After which a training is given up; it takes a tenth of it."""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Services]:
    app = Services(load_settings(storage=tmp_path / "storage"))
    yield app
    app.gallery.close()


def enroll(app: Services, network: Network, name: str, crops: Picture) -> int:
    """Somebody with these aligned faces, (N, CROP_SIZE, CROP_SIZE, 3), as photos."""
    vectors = network.embed(crops, mirrored=True)
    photos = [
        photo(0, picture=crop, crop=crop, templates={network.spec.key: vector})
        for crop, vector in zip(crops, vectors, strict=True)
    ]
    return app.gallery.enroll(name, photos, consented=True).person.id


until = partial(wait_until, seconds=TRAINING_SECONDS)


def ended(board: JobBoard, job_id: int) -> Job:
    until(lambda: board.get(job_id).ended)
    return board.get(job_id)


def test_no_byte_of_an_erased_person_is_left_anywhere(
    app: Services, network: Network, collins: Picture, collins_crop: Picture, hopper_crop: Picture
) -> None:
    storage, board, sessions = app.settings.storage, board_of(app), SessionRegistry()
    app.erasure.subscribe("the open camera pages", sessions.forget)
    light = Augmentation(strength="strong", parts=frozenset({"rotation", "shift", "zoom", "colour", "mirror"}))
    people = people_of(collins_crop, hopper_crop)[:3]
    faces = [draws(person, light, PHOTOS, seed) for seed, person in enumerate(people)]
    person, *_ = [enroll(app, network, *one) for one in zip((NAME, "Grace Hopper", "Both"), faces, strict=True)]

    # A model, put to use.
    settings = SMALL.model_copy(update={"held_out": 0.0})
    job = ended(board, board.start(settings, "Three faces"))
    assert job.status == "done", job.error
    (model,) = list_models(storage)
    app.switch_network(model.manifest.key, lambda fraction, text: None)
    save_settings(network=model.manifest.key)
    # A second training, cancelled after its first epochs.
    second = board.start(settings.model_copy(update={"epochs": 400, "patience": 500, "seed": 1}))
    until(lambda: board.epochs(second) or board.get(second).ended)
    board.cancel(second)
    assert ended(board, second).status == "cancelled"
    # A camera that was looking, and is stopped.
    clock = Clock()
    session = LiveRecognition(app.recognizer, 0.5, clock)
    sessions.open(session)
    for _ in range(8):
        clock.tick()
        session.frame(scene((collins, 200, 140)))
    (row,) = session.appearances.rows()

    (weights,) = checkpoints(storage, second).glob("*.safetensors")
    learned = {name: value.numpy().tobytes() for name, value in load_file(weights).items()}
    heads = [value for name, value in learned.items() if name.startswith(("head", "objective")) and len(value) >= 512]
    assert heads, sorted(learned)[:5]
    photos = app.gallery.photos(person)
    on_disk = [
        NAME.encode(),
        *heads,
        *(one.sha256.encode() for one in photos),
        *(app.gallery.picture(one.id) for one in photos),
        *(app.gallery.crop_png(one.id) for one in photos),
        *(
            pack(vector)
            for key in app.gallery.template_counts()
            for vector, owner in zip(app.gallery.templates(key).vectors, app.gallery.templates(key).person_ids, strict=True)
            if owner == person
        ),
        # What the model learned from everybody is gone with it.
        model.manifest.id.encode(),
    ]
    (track,) = session._tracker._tracks
    index = app.recognizer().index
    in_memory = [NAME.encode(), row.face, track.crop.tobytes(), index._search._vectors[0].tobytes()]  # type: ignore[attr-defined]
    del row, track, index
    held, stored = bytes_in_memory(app, sessions, board), bytes_on_disk(storage)
    assert all(trace in stored for trace in on_disk)
    assert all(trace in held for trace in in_memory)
    del held, stored

    assert [one.manifest.name for one in models_of_people(app, [person])] == ["Three faces"]
    outcome = erase_people(app, [person], "retrain")

    assert outcome.left == () and outcome.photos == PHOTOS and outcome.models == ("Three faces",)
    assert app.settings.network == BUILT_IN.key == load_settings().network
    (again,) = outcome.trainings
    until(lambda: board.get(again).ended)
    gc.collect()
    held, stored = bytes_in_memory(app, sessions, board), bytes_on_disk(storage)
    assert [number for number, trace in enumerate(on_disk) if trace in stored] == []
    assert [number for number, trace in enumerate(in_memory) if trace in held] == []
    assert session.appearances.rows() == []
    # The rest is there, and the new model is of those who stay.
    assert b"Grace Hopper" in stored
    assert board.get(again).status == "done", board.get(again).error
    (fresh,) = list_models(storage)
    assert fresh.manifest.name == "Three faces" and fresh.training.settings == settings
    assert str(person) not in fresh.training.people and len(fresh.training.people) == 2
    assert [one.id for one in board.list()] == [again]


# --- what becomes of the models


@pytest.fixture
def model(app: Services) -> TunedModel:
    """A model that learned from Ada, Bob and Cleo, two photos each, and its job."""
    for number, name in enumerate(("Ada", "Bob", "Cleo")):
        app.gallery.enroll(name, [photo(10 * number), photo(10 * number + 1)], consented=True)
    people = app.gallery.people()
    photos = [str(one.id) for person in people for one in app.gallery.photos(person.id)]
    result = made.trained([str(person.id) for person in people], photos)
    save_model(app.settings.storage, "Friends", result, "CC0", gallery=app.gallery.identity())
    return list_models(app.settings.storage)[0]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, str | None]]:
    """Trainings that were asked for; none is really started."""
    wanted: list[tuple[object, str | None]] = []

    def enqueue(board: JobBoard, settings: FitSettings, name: str | None = None) -> int:
        wanted.append((settings, name))
        return len(wanted)

    monkeypatch.setattr(JobBoard, "enqueue", enqueue)
    return wanted


def of(app: Services, name: str) -> int:
    person = app.gallery.find(name)
    assert person is not None
    return person.id


def test_a_model_that_is_kept_stays_and_no_training_is_started(
    app: Services, model: TunedModel, started: list[tuple[object, str | None]]
) -> None:
    assert erase_people(app, [of(app, "Ada")], "keep") == ErasureOutcome(photos=2)
    assert [one.manifest.name for one in list_models(app.settings.storage)] == ["Friends"] and started == []


def test_a_model_that_is_deleted_goes_without_a_training_in_its_place(
    app: Services, model: TunedModel, started: list[tuple[object, str | None]]
) -> None:
    app.gallery.put_templates(model.manifest.key, {1: made_template()})
    assert erase_people(app, [of(app, "Ada")], "delete") == ErasureOutcome(photos=2, models=("Friends",))
    assert list_models(app.settings.storage) == [] and started == []
    assert model.manifest.key not in app.gallery.template_counts()


def made_template() -> NDArray[np.float32]:
    return np.eye(1, 128, dtype=np.float32)[0]


def test_models_with_the_same_settings_are_retrained_once(
    app: Services, model: TunedModel, started: list[tuple[object, str | None]]
) -> None:
    people, photos = model.training.people, model.training.photos
    default = "dlib face ResNet, tuned 21 November, 3 people"
    save_model(app.settings.storage, default, made.trained(people, photos), "CC0", gallery=app.gallery.identity())
    outcome = erase_people(app, [of(app, "Ada")], "retrain")
    assert set(outcome.models) == {"Friends", default} and outcome.trainings == (1,) and outcome.left == ()
    ((settings, name),) = started
    assert settings == model.training.settings and name in (None, "Friends"), "a name that counts three people is not reused"


def test_models_of_others_and_of_other_galleries_are_nobody_s_business(
    app: Services, model: TunedModel, started: list[tuple[object, str | None]]
) -> None:
    dora = app.gallery.enroll("Dora", [photo(77)], consented=True).person
    photos = model.training.photos
    save_model(app.settings.storage, "Received", made.trained(["1"], photos), "CC0", gallery="f" * 32)
    assert models_of_people(app, [dora.id]) == []
    assert [one.manifest.name for one in models_of_people(app, [of(app, "Ada")])] == ["Friends"]
    assert erase_people(app, [dora.id], "retrain") == ErasureOutcome(photos=1)
    assert len(list_models(app.settings.storage)) == 2


def test_where_too_few_stay_the_model_goes_and_it_is_told_that_no_training_follows(app: Services, model: TunedModel) -> None:
    erase_people(app, [of(app, "Bob")], "keep")
    outcome = erase_people(app, [of(app, "Ada")], "retrain")
    assert outcome.models == ("Friends",) and outcome.trainings == ()
    (sentence,) = outcome.left
    assert "at least two people" in sentence
    assert list_models(app.settings.storage) == []


def test_a_model_in_use_by_the_environment_stays_and_it_is_told(
    app: Services, model: TunedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.use_settings(app.settings.model_copy(update={"network": model.manifest.key}))
    monkeypatch.setenv("FAMILIAR_NETWORK", model.manifest.key)
    outcome = erase_people(app, [of(app, "Ada")], "delete")
    assert outcome.photos == 2 and outcome.models == ()
    (sentence,) = outcome.left
    assert "Friends is still there" in sentence and "FAMILIAR_NETWORK" in sentence


def test_deleting_one_photo_reaches_the_models_that_learned_from_it(
    app: Services, model: TunedModel, started: list[tuple[object, str | None]]
) -> None:
    first, _ = app.gallery.photos(of(app, "Ada"))
    app.gallery.add_photos(of(app, "Ada"), [photo(5)])
    late = app.gallery.photos(of(app, "Ada"))[-1]
    assert models_of_photos(app, [late.id]) == []
    assert erase_photos(app, [late.id], "delete") == ErasureOutcome(photos=1)
    assert erase_photos(app, [first.id], "delete") == ErasureOutcome(photos=1, models=("Friends",))
    assert list_models(app.settings.storage) == []


def test_when_the_minutes_are_over_the_person_and_the_models_go_as_was_chosen(
    app: Services, model: TunedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    removal = app.erasure.hide_people([of(app, "Ada")], "delete")
    start_due(app)
    assert app.tasks.get(ERASE_TASK) is None
    assert [one.manifest.name for one in list_models(app.settings.storage)] == ["Friends"]
    assert from_gallery(app.gallery).names == ("Bob", "Cleo"), "a training that starts meanwhile does without them"
    with app.gallery.database.write_unrevised() as session:
        assert claim_photos(session, insert_job(session, "faces", SMALL.model_dump_json(), None))
        assert session.query(TrainingPhoto).count() == 4
    app.gallery.undo(removal.id)
    assert from_gallery(app.gallery).names == ("Ada", "Bob", "Cleo")
    app.erasure.hide_people([of(app, "Ada")], "delete")
    monkeypatch.setattr("recognition.erasure.UNDO_FOR", timedelta(0))
    start_due(app)
    task = app.tasks.get(ERASE_TASK)
    assert task is not None and task.wait(60).result == ErasureOutcome(photos=2, models=("Friends",))
    assert app.gallery.removals() == [] and list_models(app.settings.storage) == []


def test_a_running_training_is_stopped_and_started_anew_without_the_person(
    app: Services, model: TunedModel, started: list[tuple[object, str | None]]
) -> None:
    board = board_of(app)
    settings = SMALL.model_copy(update={"epochs": 400, "patience": 500, "held_out": 0.0})
    job = board.start(settings, "Mine")
    until(lambda: board.get(job).status == "running" or board.get(job).ended)
    until(lambda: board.lines(job))
    outcome = erase_people(app, [of(app, "Ada")], "retrain")
    assert outcome.left == () and outcome.models == ("Friends",)
    assert started == [(settings, "Mine"), (model.training.settings, "Friends")]
    assert board.list() == [] and not (checkpoints(app.settings.storage, job) / STATE).exists()
