"""Network and gallery are one snapshot: nobody is silently unknown because a template is missing."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from facenet_pytorch import InceptionResnetV1
from numpy.typing import NDArray

from recognition.enrollment import GuidedRound, enroll_pictures
from recognition.gallery import ArchivedPicture, Gallery, TemplateSet, export_zip, import_zip
from recognition.networks import BUILT_IN, NETWORKS
from recognition.networks.weights import weights_path
from recognition.pictures import encode_png
from recognition.services import Services
from recognition.settings import load_settings
from recognition.snapshots import TEMPLATES_TASK
from tests.faces import Clock, scene

Picture = NDArray[np.uint8]
CASIA = NETWORKS["facenet-casia"]


def opened(storage: Path, **settings: object) -> Services:
    """The app's services on a folder that has random weights of FaceNet too."""
    assert CASIA.weights is not None
    path = weights_path(storage, CASIA.weights)
    if not path.exists():
        path.parent.mkdir(parents=True)
        torch.manual_seed(0)
        torch.save(InceptionResnetV1(pretrained=None).state_dict(), path)
    return Services(load_settings(storage=storage, **settings))


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = opened(tmp_path / "storage")
    yield services
    services.gallery.close()


def enroll(services: Services, name: str, *pictures: Picture) -> None:
    files = [ArchivedPicture(name, f"{number}.png", encode_png(picture)) for number, picture in enumerate(pictures)]
    enroll_pictures(files, services.gallery, services.recognizer(), source="upload", consented=True)


def wait_for_templates(services: Services) -> None:
    """Let the background work end that the last snapshot began."""
    task = services.tasks.get(TEMPLATES_TASK)
    assert task is not None
    assert task.wait(60).status == "done"


def held(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Templates are stored only after this event is set: time to look at the app before they are there."""
    go = threading.Event()
    store = Gallery.put_templates

    def put(self: Gallery, network: str, vectors: dict[int, NDArray[np.float32]]) -> int:
        assert go.wait(60)
        return store(self, network, vectors)

    monkeypatch.setattr(Gallery, "put_templates", put)
    return go


def test_another_network_at_the_next_start_names_everybody(
    services: Services, astronaut: Picture, hopper: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    enroll(services, "Eileen", astronaut)
    enroll(services, "Grace", hopper)
    go = held(monkeypatch)
    again = opened(services.settings.storage, network=CASIA.key)
    waiting = again.recognizer().index
    assert len(waiting) == 0
    assert sorted(waiting.waiting.values()) == ["Eileen", "Grace"]
    go.set()
    wait_for_templates(again)
    index = again.recognizer().index
    assert index.waiting == {}
    assert {face.match.name for face in again.recognizer().identify(astronaut) if face.match} == {"Eileen"}
    again.gallery.close()


def test_people_of_a_gallery_exported_under_another_network_are_named(
    services: Services, astronaut: Picture, tmp_path: Path
) -> None:
    enroll(services, "Eileen", astronaut)
    export_zip(services.gallery, tmp_path / "copy.zip")
    other = opened(tmp_path / "elsewhere", network=CASIA.key)
    assert other.recognizer().index.people == frozenset()
    import_zip(other.gallery, tmp_path / "copy.zip")
    assert list(other.recognizer().index.waiting.values()) == ["Eileen"]
    wait_for_templates(other)
    assert other.recognizer().identify(astronaut)[0].match.name == "Eileen"  # type: ignore[union-attr]
    other.gallery.close()


def test_a_photo_enrolled_with_a_network_that_is_no_longer_in_use_is_embedded_anew(
    services: Services, astronaut: Picture
) -> None:
    """As when the page was loaded before a switch and saves after it."""
    before = services.recognizer()
    services.switch_network(CASIA.key, lambda fraction, text: None)
    files = [ArchivedPicture("Eileen", "a.png", encode_png(astronaut))]
    enroll_pictures(files, services.gallery, before, source="upload", consented=True)
    assert list(services.recognizer().index.waiting.values()) == ["Eileen"]
    wait_for_templates(services)
    assert len(services.recognizer().index) == 1


def test_an_enrollment_round_goes_on_over_a_switch(services: Services, collins: Picture, astronaut: Picture) -> None:
    enroll(services, "Eileen", astronaut)
    clock = Clock()
    round_ = GuidedRound(services.recognizer, clock)
    while not round_.candidates():
        clock.tick()
        round_.frame(scene((collins, 200, 100)))
    photos = round_.round().photos
    assert round_.candidates()[0].embedding.shape == (BUILT_IN.dimension,)
    services.switch_network(CASIA.key, lambda fraction, text: None)
    alike = round_.resembles()
    assert alike is not None
    assert alike.name == "Eileen"
    assert round_.round().photos == photos, "no photo is lost"
    (candidate, *_) = round_.candidates()
    assert candidate.network == CASIA.key
    assert candidate.embedding.shape == (CASIA.dimension,)
    for _ in range(60):
        clock.tick()
        round_.frame(scene((collins, 200, 100)))
    receipt = services.gallery.add_photos(alike.person_id, [one.photo("camera") for one in round_.candidates()])
    assert receipt.added >= 1
    assert services.recognizer().index.waiting == {}


def test_a_change_is_read_once_however_many_cameras_wait(
    services: Services, astronaut: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = services.recognizer()
    enroll(services, "Eileen", astronaut)
    reads: list[str] = []
    everybody_waits = threading.Barrier(8)
    read = Gallery.templates

    def counted(self: Gallery, network: str) -> TemplateSet:
        reads.append(network)
        return read(self, network)

    def camera() -> object:
        everybody_waits.wait(60)
        return services.recognizer()

    monkeypatch.setattr(Gallery, "templates", counted)
    with ThreadPoolExecutor(8) as cameras:
        seen = [task.result() for task in [cameras.submit(camera) for _ in range(8)]]
    assert reads == [BUILT_IN.key]
    assert len(set(map(id, seen))) == 1
    assert seen[0] is not before


def test_whoever_has_only_damaged_photos_is_told_apart_from_strangers_and_not_tried_for_ever(
    services: Services, astronaut: Picture, hopper: Picture
) -> None:
    enroll(services, "Eileen", astronaut)
    for crop in (services.settings.storage / "crops").glob("*/*.png"):
        crop.write_bytes(b"no picture")
    services.switch_network(CASIA.key, lambda fraction, text: None)
    assert list(services.recognizer().index.waiting.values()) == ["Eileen"]
    wait_for_templates(services)
    services.tasks.clear(TEMPLATES_TASK)
    enroll(services, "Grace", hopper)
    index = services.recognizer().index
    assert list(index.waiting.values()) == ["Eileen"]
    assert len(index) == 1
    assert services.tasks.get(TEMPLATES_TASK) is None
