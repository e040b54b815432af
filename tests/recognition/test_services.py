"""The whole app without its pages."""

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
from recognition.services import EMBED_BATCH, Services
from recognition.settings import Settings, load_settings

Picture = NDArray[np.uint8]
CASIA = NETWORKS["facenet-casia"]


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = Services(load_settings(storage=tmp_path / "storage"))
    yield services
    services.gallery.close()


@pytest.fixture
def with_casia(services: Services) -> Settings:
    """Random FaceNet weights in the storage folder; the settings that use them."""
    assert CASIA.weights is not None
    path = weights_path(services.settings.storage, CASIA.weights)
    path.parent.mkdir(parents=True)
    torch.manual_seed(0)
    torch.save(InceptionResnetV1(pretrained=None).state_dict(), path)
    return services.settings.model_copy(update={"network": CASIA.key})


def enroll(services: Services, name: str, *pictures: Picture) -> None:
    files = [ArchivedPicture(name, f"{number}.png", encode_png(picture)) for number, picture in enumerate(pictures)]
    enroll_pictures(files, services.gallery, services.recognizer(), source="upload", consented=True)


def test_the_index_follows_the_gallery(services: Services, astronaut: Picture, hopper: Picture) -> None:
    services.warm_up()
    recognizer = services.recognizer()
    (face,) = recognizer.identify(astronaut)
    assert face.match is None
    assert face.named(0.0) is None
    enroll(services, "Eileen", astronaut)
    assert services.index() is services.index()
    (face,) = recognizer.identify(astronaut)
    assert face.named(0.5) is not None
    (other,) = recognizer.identify(hopper)
    assert other.match is not None
    assert other.named(0.5) is None
    person = services.gallery.find("eileen")
    assert person is not None
    services.gallery.rename(person.id, "Colonel")
    assert recognizer.identify(astronaut)[0].match.name == "Colonel"  # type: ignore[union-attr]
    services.gallery.delete_person(person.id)
    assert recognizer.identify(astronaut)[0].match is None


def test_switching_the_network_embeds_everybody_anew_and_back_is_quick(
    services: Services, with_casia: Settings, astronaut: Picture, hopper: Picture
) -> None:
    enroll(services, "Eileen", astronaut)
    enroll(services, "Grace", hopper)
    reports: list[float] = []
    assert services.switch_network(with_casia, lambda fraction, text: reports.append(fraction)) == 2
    assert services.recognizer().network.spec is CASIA
    assert services.gallery.templates(CASIA.key).vectors.shape == (2, CASIA.dimension)
    (face,) = services.recognizer().identify(astronaut)
    assert face.match is not None
    assert face.match.name == "Eileen"
    back = with_casia.model_copy(update={"network": BUILT_IN.key})
    assert services.switch_network(back, lambda fraction, text: None) == 0
    assert services.gallery.template_counts() == {BUILT_IN.key: 2, CASIA.key: 2}


def test_a_switch_stopped_midway_loses_nothing_and_goes_on_later(
    services: Services, with_casia: Settings, astronaut: Picture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recognition.services.EMBED_BATCH", 1)
    assert EMBED_BATCH > 1
    shades = [np.clip(astronaut * gain, 0, 255).astype(np.uint8) for gain in (0.9, 1.0, 1.1)]
    enroll(services, "Eileen", *shades)

    def stop(fraction: float, text: str) -> None:
        if fraction > 0.3:
            raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        services.switch_network(with_casia, stop)
    assert services.recognizer().network.spec.key == BUILT_IN.key
    assert services.recognizer().identify(astronaut)[0].match is not None
    assert services.gallery.template_counts() == {BUILT_IN.key: 3, CASIA.key: 1}
    assert services.switch_network(with_casia, lambda fraction, text: None) == 2


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
