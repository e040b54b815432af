"""Backbones: what learns and what stays."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from recognition.alignment import CROP_SIZE
from recognition.networks import BACKBONES, Architecture, Network, NetworkSpec, architecture, pretrained
from recognition.networks.dlib_resnet import DlibResNet
from training.errors import TrainingError
from training.faces.backbone import make_backbone, parameter_groups, training_mode
from training.faces.settings import FitSettings
from training.loop.stages import stages


@pytest.mark.parametrize(("scope", "share"), [("head", 0.0), ("last", 0.5), ("all", 1.0), ("scratch", 1.0)])
def test_the_scope_says_what_learns(network: Network, scope: str, share: float) -> None:
    settings = FitSettings.model_validate({"scope": scope})
    backbone = make_backbone(network, settings.scope)
    groups = parameter_groups(backbone, settings)
    learning = {name for name, parameter in backbone.named_parameters() if parameter.requires_grad}
    assert ("stem.conv.weight" in learning) == (share == 1.0)
    assert ("dense.weight" in learning) == (share > 0.0)
    assert sum(len(group["params"]) for group in groups) == len(learning)  # type: ignore[arg-type]


def test_stages_further_in_front_learn_more_slowly(network: Network) -> None:
    groups = parameter_groups(make_backbone(network, "all"), FitSettings(layer_decay=0.5, learning_rate=1e-3))
    rates = [float(group["lr"]) for group in groups]  # type: ignore[arg-type]
    assert rates == sorted(rates, reverse=True)
    assert rates[:2] == [1e-3, 0.5e-3]


def test_training_never_touches_the_parent(network: Network) -> None:
    backbone = make_backbone(network, "all")
    with torch.no_grad():
        next(backbone.parameters()).zero_()
    assert float(next(network.module.parameters()).detach().abs().sum()) > 0


def test_pretrained_statistics_stay_as_they_are(tmp_path: Path) -> None:
    tiny = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    before = tiny[1].running_mean.clone()  # type: ignore[union-attr, operator]
    with training_mode(tiny, "all"):
        assert tiny.training
        tiny(torch.rand(8, 3, 9, 9))
    assert torch.equal(tiny[1].running_mean, before)  # type: ignore[arg-type]
    assert not tiny.training
    with training_mode(tiny, "scratch"):
        tiny(torch.rand(8, 3, 9, 9))
    assert not torch.equal(tiny[1].running_mean, before)  # type: ignore[arg-type]


def test_batch_norms_of_a_network_from_scratch_fold_into_scale_and_shift(network: Network) -> None:
    torch.manual_seed(0)
    scratch = make_backbone(network, "scratch")
    pictures = torch.rand(6, 3, 150, 150)
    with training_mode(scratch, "scratch"), torch.no_grad():
        scratch(pictures)
    folded = network.architecture.finish(scratch)
    assert isinstance(folded, DlibResNet)
    assert folded.state_dict().keys() == network.module.state_dict().keys()
    with torch.inference_mode():
        assert torch.allclose(folded.eval()(pictures), scratch(pictures), atol=1e-4)


@pytest.mark.parametrize("key", ["vgg16", "resnet50", "facenet-vggface2"])
def test_every_backbone_gives_embeddings_and_has_stages(key: str) -> None:
    built: Architecture = architecture(key)
    spec: NetworkSpec = BACKBONES[key]
    network = Network(spec, built.build(), built, torch.device("cpu"))
    embeddings = network.embed(np.random.default_rng(0).integers(0, 255, (2, CROP_SIZE, CROP_SIZE, 3), dtype=np.uint8))
    assert embeddings.shape == (2, spec.dimension)
    assert len(stages(network.module)) > 8


def test_a_scope_that_makes_no_sense_for_a_network_is_refused() -> None:
    known = pretrained("vgg16")
    network = Network(known.spec, known.architecture.build(), known.architecture, torch.device("cpu"))
    with pytest.raises(TrainingError, match=r"VGG-16 can't be trained with the scope head\. Choose one of: last, all, scratch"):
        make_backbone(network, "head")
