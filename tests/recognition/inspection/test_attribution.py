"""Why this name: CAM against its own definition, occlusion against a network that looks at one place only."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from recognition.inspection.attribution import class_maps, occlusion_maps, similarity_maps
from recognition.inspection.errors import FitError, InspectionError, NotAnImageError
from recognition.pictures import Picture


@pytest.fixture
def templates() -> NDArray[np.float32]:
    return np.random.default_rng(0).normal(size=(2, 12)).astype(np.float32)


def test_gradcam_is_its_formula(chain: nn.Sequential, batch: Tensor, templates: NDArray[np.float32]) -> None:
    maps = similarity_maps(chain, batch, templates, "1", "gradcam")
    activation = chain[:2](batch).detach().requires_grad_(True)
    for found, template in zip(maps, templates, strict=True):
        score = nn.functional.cosine_similarity(chain[2:](activation)[0], torch.from_numpy(template), dim=0)
        [gradient] = torch.autograd.grad(score, activation)
        expected = (gradient.mean((2, 3), keepdim=True) * activation).sum(1).relu()[0].detach().numpy()
        np.testing.assert_allclose(found, expected / max(expected.max(), 1e-12), atol=1e-5)


def test_layercam_is_its_formula(chain: nn.Sequential, batch: Tensor, templates: NDArray[np.float32]) -> None:
    [found, _] = similarity_maps(chain, batch, templates, "4")
    activation = chain[:5](batch).detach().requires_grad_(True)
    score = nn.functional.cosine_similarity(chain[5:](activation)[0], torch.from_numpy(templates[0]), dim=0)
    [gradient] = torch.autograd.grad(score, activation)
    expected = (gradient.relu() * activation).sum(1)[0].detach().numpy()
    np.testing.assert_allclose(found, expected / expected.max(), atol=1e-5)


def test_a_class_is_asked_for_by_its_logit(chain: nn.Sequential, batch: Tensor) -> None:
    maps = class_maps(chain, batch, [7, 2], "1", "gradcam")
    activation = chain[:2](batch).detach().requires_grad_(True)
    for found, number in zip(maps, (7, 2), strict=True):
        [gradient] = torch.autograd.grad(chain[2:](activation)[0, number], activation)
        expected = (gradient.mean((2, 3), keepdim=True) * activation).sum(1).relu()[0].detach().numpy()
        np.testing.assert_allclose(found, expected / max(expected.max(), 1e-12), atol=1e-5)
    with pytest.raises(FitError, match="tells 12 classes apart"):
        class_maps(chain, batch, [12], "1")


def test_frozen_networks_and_in_place_relus_can_be_asked_too(branches: nn.Module, batch: Tensor) -> None:
    templates = np.ones((1, 8), np.float32)
    for layer in ("stem", "conv", "relu", "pool"):
        [heat] = similarity_maps(branches, batch, templates, layer)
        assert np.isfinite(heat).all() and heat.max() <= 1 + 1e-6 and heat.min() >= 0


@pytest.mark.parametrize(
    ("layer", "method", "error"),
    [
        ("7", "layercam", NotAnImageError),
        ("5", "layercam", NotAnImageError),
        ("nothing", "layercam", InspectionError),
        ("1", "magic", InspectionError),
    ],
)
def test_wrong_questions_get_clear_answers(
    chain: nn.Sequential, batch: Tensor, templates: NDArray[np.float32], layer: str, method: str, error: type
) -> None:
    with pytest.raises(error):
        similarity_maps(chain, batch, templates, layer, method)


def test_templates_of_another_network_are_refused(chain: nn.Sequential, batch: Tensor) -> None:
    with pytest.raises(FitError, match="templates have"):
        similarity_maps(chain, batch, np.ones((1, 5), np.float32), "1")
    with pytest.raises(FitError, match="One picture"):
        similarity_maps(chain, batch.repeat(2, 1, 1, 1), np.ones((1, 12), np.float32), "1")


def test_occlusion_finds_the_only_place_that_counts(face: Picture) -> None:
    sizes = []

    def score(crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        sizes.append(len(crops))
        # Looks at one square only: unchanged it is person 0, changed person 1.
        same = (crops[:, 60:75, 90:105] == face[60:75, 90:105]).mean((1, 2, 3))
        return np.stack([same, np.sqrt(np.maximum(1 - same**2, 0))], axis=1).astype(np.float32)

    first, second = occlusion_maps(score, face, batch_size=16)
    assert first.shape == (150, 150)
    assert first[60:75, 90:105].min() > 0.4
    assert np.abs(first[:30, :30]).max() == 0
    # Covering it helps the other person.
    assert second[60:75, 90:105].max() < 0
    assert max(sizes) == 16 and sum(sizes) == 1 + 81


@pytest.mark.parametrize(("patch", "stride"), [(0, 1), (151, 10), (30, 0), (30, 31)])
def test_patches_that_do_not_fit_are_refused(face: Picture, patch: int, stride: int) -> None:
    with pytest.raises(FitError):
        occlusion_maps(lambda crops: np.ones((len(crops), 2), np.float32), face, patch=patch, stride=stride)
