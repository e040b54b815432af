"""The whole app without its pages."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from facenet_pytorch import InceptionResnetV1
from numpy.typing import NDArray

from recognition.enrollment import enroll_pictures
from recognition.errors import CancelledError, NetworkError, RecognitionError
from recognition.gallery import ArchivedPicture
from recognition.networks import BUILT_IN, NETWORKS
from recognition.networks.weights import weights_path
from recognition.pictures import encode_png
from recognition.services import Services
from recognition.settings import load_settings

Picture = NDArray[np.uint8]
CASIA = NETWORKS["facenet-casia"]


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = Services(load_settings(storage=tmp_path / "storage"))
    yield services
    services.gallery.close()


@pytest.fixture
def casia(services: Services) -> str:
    """Random FaceNet weights in the storage folder; the network's key."""
    assert CASIA.weights is not None
    path = weights_path(services.settings.storage, CASIA.weights)
    path.parent.mkdir(parents=True)
    torch.manual_seed(0)
    torch.save(InceptionResnetV1(pretrained=None).state_dict(), path)
    return CASIA.key


def enroll(services: Services, name: str, *pictures: Picture) -> None:
    files = [ArchivedPicture(name, f"{number}.png", encode_png(picture)) for number, picture in enumerate(pictures)]
    enroll_pictures(files, services.gallery, services.recognizer(), source="upload", consented=True)


def test_the_snapshot_follows_the_gallery(services: Services, astronaut: Picture, hopper: Picture) -> None:
    services.warm_up()
    before = services.recognizer()
    (face,) = before.identify(astronaut)
    assert face.match is None
    assert face.named(0.0) is None
    enroll(services, "Eileen", astronaut)
    recognizer = services.recognizer()
    assert recognizer is services.recognizer()
    assert len(before.index) == 0, "a snapshot never changes"
    (face,) = recognizer.identify(astronaut)
    assert face.named(0.5) is not None
    (other,) = recognizer.identify(hopper)
    assert other.match is not None
    assert other.named(0.5) is None
    person = services.gallery.find("eileen")
    assert person is not None
    services.gallery.rename(person.id, "Colonel")
    assert services.recognizer().identify(astronaut)[0].match.name == "Colonel"  # type: ignore[union-attr]
    services.gallery.delete_person(person.id)
    assert services.recognizer().identify(astronaut)[0].match is None


def test_switching_the_network_embeds_everybody_anew_and_back_is_quick(
    services: Services, casia: str, astronaut: Picture, hopper: Picture
) -> None:
    enroll(services, "Eileen", astronaut)
    enroll(services, "Grace", hopper)
    reports: list[float] = []
    assert services.switch_network(casia, lambda fraction, text: reports.append(fraction)) == 2
    recognizer = services.recognizer()
    assert recognizer.network.spec is CASIA
    assert recognizer.index.calibration is CASIA.calibration
    assert services.gallery.templates(CASIA.key).vectors.shape == (2, CASIA.dimension)
    (face,) = recognizer.identify(astronaut)
    assert face.match is not None
    assert face.match.name == "Eileen"
    assert services.switch_network(BUILT_IN.key, lambda fraction, text: None) == 0
    assert services.gallery.template_counts() == {BUILT_IN.key: 2, CASIA.key: 2}


def test_a_switch_stopped_midway_loses_nothing_and_goes_on_later(
    services: Services, casia: str, astronaut: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recognition.snapshots.EMBED_BATCH", 1)
    shades = [np.clip(astronaut * gain, 0, 255).astype(np.uint8) for gain in (0.9, 1.0, 1.1)]
    enroll(services, "Eileen", *shades)

    def stop(fraction: float, text: str) -> None:
        if fraction > 0.3:
            raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        services.switch_network(casia, stop)
    assert services.recognizer().network.spec is BUILT_IN
    assert services.recognizer().identify(astronaut)[0].match is not None
    assert services.gallery.template_counts() == {BUILT_IN.key: 3, CASIA.key: 1}
    assert services.switch_network(casia, lambda fraction, text: None) == 2


def test_a_switch_leaves_what_was_set_meanwhile(services: Services, casia: str, astronaut: Picture, tmp_path: Path) -> None:
    """Another storage folder chosen while photos are embedded stays chosen, and its people are embedded too."""
    enroll(services, "Eileen", astronaut)
    other = tmp_path / "other"
    shutil.copytree(services.settings.storage / "weights", other / "weights")

    def change(fraction: float, text: str) -> None:
        if "photos" in text and services.settings.storage != other:
            services.use_settings(services.settings.model_copy(update={"storage": other, "min_confidence": 0.7}))
            enroll(services, "Ellen", astronaut)

    services.switch_network(casia, change)
    assert services.settings.storage == other
    assert services.settings.min_confidence == 0.7
    assert services.settings.network == CASIA.key
    assert services.recognizer().network.spec is CASIA
    assert services.recognizer().identify(astronaut)[0].match.name == "Ellen"  # type: ignore[union-attr]


def test_a_photo_enrolled_during_a_switch_is_embedded_by_the_end_of_it(
    services: Services, casia: str, astronaut: Picture, hopper: Picture
) -> None:
    enroll(services, "Eileen", astronaut)

    def enroll_another(fraction: float, text: str) -> None:
        if "photos" in text and services.gallery.find("Grace") is None:
            enroll(services, "Grace", hopper)

    assert services.switch_network(casia, enroll_another) == 2
    index = services.recognizer().index
    assert len(index) == 2
    assert index.waiting == {}


def test_a_network_that_can_t_be_loaded_leaves_everything_as_it_was(services: Services) -> None:
    before = services.recognizer()
    with pytest.raises(NetworkError):
        services.use_settings(services.settings.model_copy(update={"network": CASIA.key}))
    assert services.recognizer() is before
    assert services.settings.network == BUILT_IN.key


def test_a_folder_that_can_t_be_used_leaves_everything_as_it_was(services: Services, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    gallery = services.gallery
    with pytest.raises(RecognitionError):
        services.use_settings(services.settings.model_copy(update={"storage": tmp_path / "file"}))
    assert services.gallery is gallery


def test_another_folder_is_another_gallery(services: Services, tmp_path: Path, astronaut: Picture) -> None:
    enroll(services, "Eileen", astronaut)
    home = services.settings
    services.use_settings(home.model_copy(update={"storage": tmp_path / "other"}))
    assert services.gallery.counts().people == 0
    services.use_settings(home)
    assert services.gallery.counts().people == 1


def test_a_gallery_keeps_the_network_that_it_was_made_with(tmp_path: Path, astronaut: Picture) -> None:
    """As of galleries of versions whose default was another network: nobody chose one, and nothing is embedded anew."""
    before = Services(load_settings(storage=tmp_path / "storage", network="dlib"))
    enroll(before, "Eileen", astronaut)
    before.gallery.close()
    now = Services(load_settings(storage=tmp_path / "storage"))
    assert now.settings.network == "dlib"
    now.use_settings(load_settings(storage=tmp_path / "storage", min_confidence=0.7))
    assert (now.settings.network, now.settings.min_confidence) == ("dlib", 0.7)
    assert now.recognizer().identify(astronaut)[0].match.name == "Eileen"  # type: ignore[union-attr]
    assert now.gallery.template_counts() == {"dlib": 1}
    now.switch_network(BUILT_IN.key, lambda fraction, text: None)
    now.use_settings(load_settings(storage=tmp_path / "storage"))
    assert now.settings.network == BUILT_IN.key
    now.gallery.close()
