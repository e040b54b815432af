"""Networks of ImageNet with weights made here: the published ones can't be shipped."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
import torchvision

from recognition.errors import WeightsCorruptError, WeightsMissingError
from recognition.networks import BACKBONES, NETWORKS, Network, Weights, architecture, load_network
from recognition.networks.base import weights_path
from recognition.networks.imagenet import load


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file as torchvision publishes them, with the classifier, of random parameters."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "resnet50.pth"
    torch.save(torchvision.models.resnet50(weights=None).state_dict(), path)
    return path


def test_the_classifier_of_a_published_file_is_left_out(published: Path) -> None:
    module = load("resnet50", published, Weights("", published.name))
    network = Network(BACKBONES["resnet50"], module, architecture("resnet50"), torch.device("cpu"))
    embeddings = network.embed(np.zeros((1, 150, 150, 3), np.uint8))
    assert embeddings.shape == (1, 2048)


def test_the_first_digits_of_a_checksum_are_enough_to_refuse_a_file(published: Path) -> None:
    digits = hashlib.sha256(published.read_bytes()).hexdigest()[:8]
    load("resnet50", published, Weights("", published.name, sha256=digits))
    with pytest.raises(WeightsCorruptError, match="checksum"):
        load("resnet50", published, Weights("", published.name, sha256="0" * 8))


def test_weights_of_another_network_are_refused(published: Path) -> None:
    with pytest.raises(WeightsCorruptError, match="VGG-16"):
        load("vgg16", published, Weights("", published.name))


def test_missing_weights_are_told_and_nothing_is_downloaded(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissingError, match="download it first"):
        load_network("resnet50", tmp_path, torch.device("cpu"))
    weights = BACKBONES["resnet50"].weights
    assert weights is not None
    assert not weights_path(tmp_path, weights).exists()


def test_they_are_not_offered_for_recognising_people() -> None:
    assert "resnet50" not in NETWORKS
    assert set(NETWORKS) < set(BACKBONES)
