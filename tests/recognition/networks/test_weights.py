"""Weights files of any downloadable network: what is accepted, what is refused, and with which words."""

import hashlib
import pickle
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from recognition.alignment import CROP_SIZE
from recognition.errors import StorageError, WeightsCorruptError, WeightsMissingError
from recognition.networks import NETWORKS, Network, Pretrained, is_available, load_network, pretrained
from recognition.networks.weights import install_from_file, read_weights, weights_path

CASIA = pretrained("facenet-casia")
VGGFACE2 = pretrained("facenet-vggface2")


def unchecked(key: str) -> Pretrained:
    """The network, with a checksum that any file has: the published files are not here."""
    network = pretrained(key)
    assert network.spec.weights is not None
    return replace(network, spec=replace(network.spec, weights=replace(network.spec.weights, sha256=None)))


def test_a_file_of_ones_own_makes_the_network_available(
    tmp_path: Path, facenet_file: Path, collins_crop: NDArray[np.uint8]
) -> None:
    assert not is_available(CASIA.spec, tmp_path)
    assert install_from_file(CASIA, facenet_file, tmp_path).is_file()
    assert is_available(CASIA.spec, tmp_path)
    embeddings = load_network(CASIA.spec.key, tmp_path, torch.device("cpu")).embed(collins_crop[None], mirrored=True)
    assert embeddings.shape == (1, CASIA.spec.dimension)
    assert abs(float(np.linalg.norm(embeddings)) - 1.0) < 1e-5


def test_weights_of_imagenet_can_be_taken_from_a_file_too(tmp_path: Path, resnet50_file: Path) -> None:
    network = unchecked("resnet50")
    target = install_from_file(network, resnet50_file, tmp_path)
    assert target.read_bytes() == resnet50_file.read_bytes()
    assert list(target.parent.iterdir()) == [target]
    module = read_weights(network, target)
    loaded = Network(network.spec, module, network.architecture, torch.device("cpu"))
    assert loaded.embed(np.zeros((1, CROP_SIZE, CROP_SIZE, 3), np.uint8)).shape == (1, 2048)


def test_a_file_with_the_wrong_checksum_is_not_installed(tmp_path: Path, facenet_file: Path) -> None:
    with pytest.raises(WeightsCorruptError, match="checksum"):
        install_from_file(VGGFACE2, facenet_file, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_first_digits_of_a_checksum_are_enough_to_refuse_a_file(resnet50_file: Path) -> None:
    network = unchecked("resnet50")
    weights = network.spec.weights
    assert weights is not None
    digits = hashlib.sha256(resnet50_file.read_bytes()).hexdigest()[:8]
    read_weights(replace(network, spec=replace(network.spec, weights=replace(weights, sha256=digits))), resnet50_file)
    with pytest.raises(WeightsCorruptError, match="checksum"):
        read_weights(replace(network, spec=replace(network.spec, weights=replace(weights, sha256="0" * 8))), resnet50_file)


@pytest.mark.parametrize("key", [CASIA.spec.key, "resnet50"])
def test_missing_weights_are_reported_and_nothing_is_downloaded(tmp_path: Path, key: str) -> None:
    with pytest.raises(WeightsMissingError, match="download it, or name a file"):
        load_network(key, tmp_path, torch.device("cpu"))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_weights_file(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissingError, match="is not on this machine"):
        install_from_file(CASIA, tmp_path, tmp_path)


def test_a_storage_that_can_t_be_written_leaves_a_sentence(tmp_path: Path, facenet_file: Path) -> None:
    (tmp_path / "weights").write_text("a file where the folder should be")
    with pytest.raises(StorageError, match=r"w\.pt can't be copied"):
        install_from_file(CASIA, facenet_file, tmp_path)


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (print, ("a pickle was executed",))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (pickle.dumps(Evil()), "not a PyTorch weights file"),
        (b"hello", "not a PyTorch weights file"),
        (b"", "not a PyTorch weights file"),
    ],
    ids=["pickle", "text", "empty"],
)
def test_what_is_no_weights_file_is_refused_and_never_unpickled(
    tmp_path: Path, content: bytes, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "own.pt"
    path.write_bytes(content)
    with pytest.raises(WeightsCorruptError, match=rf"own\.pt is {message}"):
        install_from_file(CASIA, path, tmp_path)
    assert "executed" not in capsys.readouterr().out
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
def test_a_truncated_file_is_refused(tmp_path: Path, facenet_file: Path, legacy: bool) -> None:
    path = tmp_path / "cut.pt"
    if legacy:  # how torchvision's older files are written
        torch.save(torch.load(facenet_file, weights_only=True), path, _use_new_zipfile_serialization=False)
    else:
        path.write_bytes(facenet_file.read_bytes())
    read_weights(CASIA, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(WeightsCorruptError, match=r"cut\.pt is not a PyTorch weights file, or only a part"):
        read_weights(CASIA, path)


def without_one(state: dict[str, Tensor]) -> object:
    del state["last_linear.weight"]
    return state


def with_one_more(state: dict[str, Tensor]) -> object:
    return state | {"extra.weight": torch.zeros(1)}


def with_another_shape(state: dict[str, Tensor]) -> object:
    return state | {"last_bn.weight": torch.zeros(3)}


def with_no_number(state: dict[str, Tensor]) -> object:
    return state | {"last_bn.weight": torch.full((512,), torch.nan)}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (without_one, "FaceNet, CASIA-WebFace: last_linear.weight missing"),
        (with_one_more, "extra.weight too much"),
        (with_another_shape, "last_bn.weight of another shape"),
        (with_no_number, "not numbers"),
        (lambda _: torch.nn.Linear(2, 2).state_dict(), r"and \d+ more missing, weight, bias too much"),
        (lambda _: [torch.zeros(2)], "does not hold the parameters of a network"),
        (lambda _: {"last_bn.weight": "text"}, "does not hold the parameters of a network"),
    ],
)
def test_parameters_that_are_not_exactly_the_networks_are_refused(
    tmp_path: Path, facenet_file: Path, change: Callable[[dict[str, Tensor]], object], message: str
) -> None:
    path = tmp_path / "own.pt"
    torch.save(change(torch.load(facenet_file, weights_only=True)), path)
    with pytest.raises(WeightsCorruptError, match=message):
        install_from_file(CASIA, path, tmp_path)
    assert not weights_path(tmp_path, NETWORKS[CASIA.spec.key].weights).parent.exists()  # type: ignore[arg-type]


def test_another_networks_file_is_refused(resnet50_file: Path) -> None:
    with pytest.raises(WeightsCorruptError, match=r"VGG-16: features\.0\.weight.* missing, .* too much"):
        read_weights(unchecked("vgg16"), resnet50_file)


def test_files_from_before_batch_normalisation_counted_still_fit(tmp_path: Path, resnet50_file: Path) -> None:
    old = {name: value for name, value in torch.load(resnet50_file).items() if not name.endswith("num_batches_tracked")}
    torch.save(old, tmp_path / "old.pth")
    read_weights(unchecked("resnet50"), tmp_path / "old.pth")
