"""Weights files as they are published, of random parameters: the real ones can't be shipped."""

from pathlib import Path

import pytest
import torch
import torchvision
from facenet_pytorch import InceptionResnetV1


@pytest.fixture(scope="session")
def facenet_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As facenet-pytorch publishes them, with the classifier."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "w.pt"
    torch.save(InceptionResnetV1(pretrained=None, classify=True, num_classes=10).state_dict(), path)
    return path


@pytest.fixture(scope="session")
def resnet50_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As torchvision publishes them, with the classifier."""
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "resnet50.pth"
    torch.save(torchvision.models.resnet50(weights=None).state_dict(), path)
    return path
