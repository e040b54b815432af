"""Whoever is erased is gone everywhere: from the gallery, from the index, and from every open camera session."""

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from recognition import services as services_module
from recognition.enrollment import GuidedRound, enroll_pictures
from recognition.enrollment.guided import TAKE_INTERVAL
from recognition.erasure import Erased, ErasureReceipt
from recognition.errors import NotEnrolledError, StorageError
from recognition.gallery import ArchivedPicture, Gallery
from recognition.gallery.encoded import pack
from recognition.live.naming import LiveRecognition
from recognition.networks import Network
from recognition.pictures import encode_png, read_picture
from recognition.server import SessionRegistry
from recognition.server.sessions import LIFETIME
from recognition.services import Services
from recognition.session import CameraSession
from recognition.settings import load_settings
from tests.faces import Clock, scene
from tests.recognition.gallery.photos import photo
from tests.traces import bytes_in_memory, bytes_on_disk

Picture = NDArray[np.uint8]

NAME = "Eileen Collins"


@pytest.fixture
def sessions() -> SessionRegistry:
    return SessionRegistry()


@pytest.fixture
def app(tmp_path: Path, network: Network, monkeypatch: pytest.MonkeyPatch, sessions: SessionRegistry) -> Iterator[Services]:
    """An app that shares a list of camera sessions, as `shared_services` makes it."""
    # One load of the weights for all tests.
    monkeypatch.setattr(services_module, "load_network", lambda *_: network)
    app = Services(load_settings(storage=tmp_path / "storage"))
    app.erasure.subscribe("the open camera pages", sessions.forget)
    yield app
    app.gallery.close()


def enroll(app: Services, name: str, *pictures: Picture) -> int:
    files = [ArchivedPicture(name, f"{number}.png", encode_png(picture)) for number, picture in enumerate(pictures)]
    result = enroll_pictures(files, app.gallery, app.recognizer(), source="upload", consented=True)
    assert result.accepted == len(pictures)
    person = app.gallery.find(name)
    assert person is not None
    return person.id


def film(session: CameraSession, clock: Clock, *faces: Picture, seconds: float = 1 / 30, frames: int = 8) -> None:
    """A camera looks at faces beside each other, then is stopped."""
    for _ in range(frames):
        clock.tick(seconds)
        session.frame(scene(*((face, 20 + 250 * number, 140) for number, face in enumerate(faces))))


def seen_live(app: Services, sessions: SessionRegistry, clock: Clock, *faces: Picture) -> LiveRecognition:
    """A live view that has seen faces; its camera is stopped."""
    session = LiveRecognition(app.recognizer, 0.5, clock)
    sessions.open(session)
    film(session, clock, *faces)
    return session


def erase_person(app: Services, person_id: int) -> ErasureReceipt:
    """Delete somebody, without waiting for the minutes in which it could be undone."""
    return app.erasure.erase(app.erasure.hide_people([person_id]).id)


def erase_photo(app: Services, photo_id: int) -> ErasureReceipt:
    return app.erasure.erase(app.erasure.hide_photos([photo_id]).id)


def names(session: LiveRecognition) -> list[str | None]:
    return [row.name for row in session.appearances.rows()]


def test_a_stopped_camera_holds_nothing_of_whoever_was_erased(
    app: Services, sessions: SessionRegistry, collins: Picture, hopper: Picture
) -> None:
    person, clock = enroll(app, NAME, collins), Clock()
    enroll(app, "Grace Hopper", hopper)
    session = seen_live(app, sessions, clock, collins, hopper)
    assert set(names(session)) == {NAME, "Grace Hopper"}
    (shown,) = [row for row in session.appearances.rows() if row.person_id == person]
    template = app.gallery.templates("dlib")
    traces = [NAME.encode(), shown.face, pack(template.vectors[template.person_ids == person][0])]
    del shown, template
    held = bytes_in_memory(app, sessions)
    assert all(trace in held for trace in traces[:2])
    assert all(trace in bytes_on_disk(app.settings.storage) for trace in (traces[0], traces[2]))

    assert erase_person(app, person) == ErasureReceipt(photos=1)

    held = bytes_in_memory(app, sessions)
    assert not any(trace in held for trace in traces)
    assert not any(trace in bytes_on_disk(app.settings.storage) for trace in traces)
    assert names(session) == ["Grace Hopper"]
    film(session, clock, collins, hopper)
    assert set(names(session)) == {None, "Grace Hopper"}, "and the camera goes on"


def test_an_unnamed_face_that_is_the_person_s_is_erased_too_and_another_s_is_not(
    app: Services, sessions: SessionRegistry, collins: Picture, hopper: Picture
) -> None:
    clock = Clock()
    session = seen_live(app, sessions, clock, collins, hopper)
    assert names(session) == [None, None]
    erase_person(app, enroll(app, NAME, collins))
    (left,) = session.appearances.rows()
    crop_of_hopper = scene((hopper, 270, 140))
    assert left.name is None and abs(read_picture(left.face).mean() - crop_of_hopper[140:340, 270:470].mean()) < 40
    assert len(session.appearances._faces) == 1


def test_a_round_of_photos_of_the_person_starts_over_and_another_s_goes_on(
    app: Services, sessions: SessionRegistry, collins: Picture, hopper: Picture
) -> None:
    person, clock = enroll(app, NAME, collins), Clock()
    theirs, other = GuidedRound(app.recognizer, clock), GuidedRound(app.recognizer, clock)
    for session, face in ((theirs, collins), (other, hopper)):
        sessions.open(session)
        film(session, clock, face, seconds=TAKE_INTERVAL * 1.01, frames=2)
    versions = theirs.round().version, other.round().version
    (thumbnail, *_) = [taken.thumbnail for taken in theirs.round().photos]
    assert thumbnail in bytes_in_memory(sessions)
    erase_person(app, person)
    assert theirs.round().photos == () and theirs.round().version > versions[0], "so that its page is told"
    assert len(other.round().photos) == 2 and other.round().version == versions[1]
    assert thumbnail not in bytes_in_memory(sessions)


def test_an_erased_photo_leaves_its_person_in_the_list(app: Services, sessions: SessionRegistry, collins: Picture) -> None:
    darker = (collins * 0.9).astype(np.uint8)
    person, clock = enroll(app, NAME, collins, darker), Clock()
    session = seen_live(app, sessions, clock, collins)
    first, second = app.gallery.photos(person)
    template = app.gallery.templates("dlib").vectors[0]
    traces = [first.sha256.encode(), app.gallery.crop_png(first.id), app.gallery.picture(first.id), pack(template)]
    assert erase_photo(app, first.id) == ErasureReceipt(photos=1)
    assert not any(trace in bytes_on_disk(app.settings.storage) for trace in traces)
    assert names(session) == [NAME] and [one.id for one in app.gallery.photos(person)] == [second.id]


def test_a_person_deleted_by_another_process_is_forgotten_though_the_camera_is_stopped(
    app: Services, sessions: SessionRegistry, collins: Picture, hopper: Picture
) -> None:
    person, clock = enroll(app, NAME, collins), Clock()
    enroll(app, "Grace Hopper", hopper)
    session = seen_live(app, sessions, clock, collins, hopper)
    app.erasure.follow()
    with Gallery.open(app.settings.storage) as other:
        other.delete_person(person)
    app.erasure.follow()
    assert names(session) == ["Grace Hopper"]
    assert NAME.encode() not in bytes_in_memory(app, sessions)


def test_whoever_is_hidden_is_unknown_at_once_and_known_again_when_it_is_undone(
    app: Services, sessions: SessionRegistry, collins: Picture, hopper: Picture
) -> None:
    person, clock = enroll(app, NAME, collins), Clock()
    enroll(app, "Grace Hopper", hopper)
    session = seen_live(app, sessions, clock, collins, hopper)
    removal = app.erasure.hide_people([person])
    assert names(session) == ["Grace Hopper"], "though the camera is stopped"
    film(session, clock, collins, hopper)
    assert set(names(session)) == {None, "Grace Hopper"}
    assert app.erasure.due() == [], "not before the minutes are over"
    app.erasure.undo(removal.id)
    film(session, clock, collins, hopper)
    assert NAME in names(session)


def test_a_round_of_another_person_goes_on_when_a_deletion_is_noticed(
    app: Services, sessions: SessionRegistry, collins: Picture, hopper: Picture
) -> None:
    person, other, clock = enroll(app, NAME, collins), enroll(app, "Commander", (collins * 0.9).astype(np.uint8)), Clock()
    app.erasure.follow()
    round_ = GuidedRound(app.recognizer, clock)
    sessions.open(round_)
    film(round_, clock, hopper, seconds=TAKE_INTERVAL * 1.01, frames=2)
    app.erasure.merge(other, person)
    app.erasure.hide_people([person])
    app.erasure.follow()
    assert len(round_.round().photos) == 2


def test_another_storage_folder_is_no_deletion(
    app: Services, sessions: SessionRegistry, collins: Picture, tmp_path: Path
) -> None:
    clock = Clock()
    enroll(app, NAME, collins)
    forgotten: list[Erased] = []
    app.erasure.subscribe("a test", forgotten.append)
    app.erasure.follow()
    app.use_settings(app.settings.model_copy(update={"storage": tmp_path / "other"}))
    app.erasure.follow()
    clock.tick()
    assert forgotten == []


def test_the_error_of_one_holder_keeps_no_other_from_forgetting(app: Services) -> None:
    person = app.gallery.enroll("Ada", [photo(1), photo(2)], consented=True).person

    def full(erased: Erased) -> None:
        raise StorageError("The disk can't be read.")

    def broken(erased: Erased) -> None:
        raise KeyError("Ada")

    heard: list[Erased] = []
    for what, forget in (("the first", full), ("the second", broken), ("the third", heard.append)):
        app.erasure.subscribe(what, forget)
    receipt = erase_person(app, person.id)
    assert receipt.photos == 2
    assert receipt.left == (
        "the first: The disk can't be read.",
        "the second: something unexpected went wrong. Restart the app.",
    )
    hidden, erased = heard
    assert (hidden.person_id, len(hidden.photo_ids), set(hidden.faces)) == (person.id, 2, {"net"})
    assert (erased.person_id, erased.photo_ids) == (None, hidden.photo_ids)
    with pytest.raises(NotEnrolledError):
        erase_person(app, person.id)


def test_traces_that_stay_because_somebody_reads_are_told(app: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    person = app.gallery.enroll("Ada", [photo(1)], consented=True).person
    monkeypatch.setattr(app.gallery.database, "erase_traces", lambda: False)
    (sentence,) = erase_person(app, person.id).left
    assert "tries again" in sentence


def test_an_abandoned_round_is_dropped_though_nobody_asks_for_it(app: Services, collins: Picture) -> None:
    clock = Clock()
    registry = SessionRegistry(clock=clock)
    round_ = GuidedRound(app.recognizer, clock)
    registry.open(round_)
    film(round_, clock, collins, seconds=TAKE_INTERVAL * 1.01, frames=2)
    gone = weakref.ref(round_)
    del round_
    registry.sweep()
    gc.collect()
    assert gone() is not None
    clock.tick(LIFETIME)
    registry.sweep()
    gc.collect()
    assert gone() is None
