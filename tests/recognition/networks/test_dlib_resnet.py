import json
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from recognition.alignment import CROP_SIZE, FACE
from recognition.errors import WeightsCorruptError, WeightsMissingError
from recognition.networks import Network, load_network
from recognition.networks.dlib_resnet import DlibResNet, fold, load_dlib_resnet, unfold

PACKAGED = "dlib_face_recognition_resnet_model_v1.dat"


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """dlib's own."""
    return load_network("dlib", tmp_path_factory.mktemp("storage"), torch.device("cpu"))


def test_parity_with_dlib(shared: Path, network: Network) -> None:
    crop = np.zeros((CROP_SIZE, CROP_SIZE, 3), np.uint8)
    FACE.cut(crop)[:] = np.asarray(Image.open(shared / "reference" / "astronaut_chip_150.png").convert("RGB"))
    reference = np.array(json.loads((shared / "reference" / "astronaut_dlib.json").read_text())["descriptor"])
    with torch.inference_mode():
        ours = network.module(network.preprocess(crop[None]))[0].numpy()
    assert np.abs(ours - reference).max() < 1e-5


def test_dlib_would_call_the_astronaut_the_same_person_mirrored_and_blurred(
    network: Network, collins_crop: NDArray[np.uint8], hopper_crop: NDArray[np.uint8]
) -> None:
    # dlib's own rule: descriptors nearer than 0.6 are one person. Holds without any reference file.
    with torch.inference_mode():
        crops = np.stack([collins_crop, np.ascontiguousarray(collins_crop[:, ::-1]), hopper_crop])
        a, mirrored, other = network.module(network.preprocess(crops)).numpy()
    assert np.linalg.norm(a - mirrored) < 0.6 < np.linalg.norm(a - other)


def test_it_has_the_parameters_of_the_original() -> None:
    network = DlibResNet()
    assert sum(isinstance(module, torch.nn.Conv2d) for module in network.modules()) == 29
    assert sum(parameter.numel() for parameter in network.parameters()) == 5_614_592


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissingError, match=r"nothing\.dat"):
        load_dlib_resnet(tmp_path / "nothing.dat")


@pytest.mark.parametrize("damage", ["cut", "foreign", "shifted"])
def test_a_damaged_file_is_never_loaded(tmp_path: Path, damage: str) -> None:
    import importlib.util

    spec = importlib.util.find_spec("face_recognition_models")
    assert spec is not None
    assert spec.submodule_search_locations
    good = (Path(spec.submodule_search_locations[0]) / "models" / PACKAGED).read_bytes()
    bad = tmp_path / "bad.dat"
    bad.write_bytes(
        {
            "cut": good[: len(good) // 2],
            "foreign": b"not a network" * 1000,
            "shifted": good.replace(b"\x01\x05con_4", b"\x01\x05con_9", 1),
        }[damage]
    )
    with pytest.raises(WeightsCorruptError, match=r"bad\.dat"):
        load_dlib_resnet(bad)


def test_batch_normalisation_can_be_put_back_and_changes_nothing(network: Network, collins_crop: NDArray[np.uint8]) -> None:
    inputs = network.preprocess(np.stack([collins_crop, collins_crop[:, ::-1]]))
    unfolded = unfold(network.module, [inputs, inputs])
    normalised = [module for module in unfolded.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    assert len(normalised) == 29
    with torch.inference_mode():
        wanted = network.module(inputs)
        assert torch.allclose(unfolded(inputs), wanted, atol=1e-5)
        assert torch.allclose(fold(unfolded)(inputs), wanted, atol=1e-5)
        # On the very pictures that the statistics are of it computes the same while it learns.
        assert torch.allclose(unfolded.train()(inputs), wanted, atol=1e-3)
