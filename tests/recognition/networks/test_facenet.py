"""FaceNet with weights made here: the published ones can't be shipped."""

import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from facenet_pytorch import InceptionResnetV1
from numpy.typing import NDArray

from recognition.errors import WeightsCorruptError, WeightsMissingError
from recognition.networks import NETWORKS, is_available, load_network
from recognition.networks.base import Weights, weights_path
from recognition.networks.facenet import adopt_weights, load_facenet

UNKNOWN = Weights("", "w.pt")
CASIA = NETWORKS["facenet-casia"]


@pytest.fixture(scope="session")
def weights_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as facenet-pytorch publishes them (with the classifier), of random parameters."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "w.pt"
    torch.save(InceptionResnetV1(pretrained=None, classify=True, num_classes=10).state_dict(), path)
    return path


def test_a_file_of_ones_own_makes_the_network_available(
    tmp_path: Path, weights_file: Path, collins_crop: NDArray[np.uint8]
) -> None:
    assert CASIA.weights is not None
    assert not is_available(CASIA, tmp_path)
    adopt_weights(weights_file, CASIA.weights, weights_path(tmp_path, CASIA.weights))
    assert is_available(CASIA, tmp_path)
    network = load_network(CASIA.key, tmp_path, torch.device("cpu"))
    embeddings = network.embed(collins_crop[None], mirrored=True)
    assert embeddings.shape == (1, CASIA.dimension)
    assert abs(float(np.linalg.norm(embeddings)) - 1.0) < 1e-5


def test_a_file_with_the_wrong_checksum_is_not_adopted(tmp_path: Path, weights_file: Path) -> None:
    vggface2 = NETWORKS["facenet-vggface2"].weights
    assert vggface2 is not None
    target = weights_path(tmp_path, vggface2)
    with pytest.raises(WeightsCorruptError, match="checksum"):
        adopt_weights(weights_file, vggface2, target)
    assert not target.exists()


def test_missing_weights_are_told(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissingError, match="settings"):
        load_network(CASIA.key, tmp_path, torch.device("cpu"))


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (print, ("a pickle was executed",))


@pytest.mark.parametrize("content", ["pickle", "text", "empty", "another network"])
def test_what_is_not_the_network_is_refused_and_never_unpickled(
    tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "w.pt"
    match content:
        case "pickle":
            path.write_bytes(pickle.dumps(Evil()))
        case "text":
            path.write_text("hello")
        case "empty":
            path.touch()
        case _:
            torch.save(torch.nn.Linear(2, 2).state_dict(), path)
    with pytest.raises(WeightsCorruptError, match=r"w\.pt"):
        load_facenet(path, UNKNOWN)
    assert "executed" not in capsys.readouterr().out
