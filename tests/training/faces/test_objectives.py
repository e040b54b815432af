"""What a fine-tuning minimises."""

import pytest
import torch
from torch import nn

from training.faces.heads import MarginHead
from training.faces.objectives import FaceBatch, FaceObjective, distillation_loss


def unit(*rows: list[float]) -> torch.Tensor:
    return nn.functional.normalize(torch.tensor(rows, dtype=torch.float32), dim=1)


PROTOTYPES = unit([1, 0, 0], [0, 1, 0], [0, 0, 1])
BATCH = FaceBatch(unit([1, 0.1, 0], [1, 0, 0], [0.1, 0, 1]), torch.tensor([0, 1, 2]), PROTOTYPES)
"""Two people, the second of whom is taken for the first, and an invented face."""


def objective(classification: float, distillation: float) -> FaceObjective:
    head = MarginHead("cosface", PROTOTYPES, 0.0)
    return FaceObjective(head, people=2, classification_weight=classification, distillation_weight=distillation)


def test_the_terms_are_weighed_and_added() -> None:
    model = nn.Identity()
    both, classification, distillation = (
        float(objective(*weights)(model, BATCH).loss.detach()) for weights in ((2.0, 3.0), (1.0, 0.0), (0.0, 1.0))
    )
    assert both == pytest.approx(2 * classification + 3 * distillation)
    assert classification > 0
    assert distillation == pytest.approx(float(distillation_loss(BATCH.pictures, BATCH.targets)))


def test_distillation_is_the_distance_to_what_the_untuned_network_said() -> None:
    assert float(distillation_loss(PROTOTYPES, PROTOTYPES)) == pytest.approx(0)
    assert float(distillation_loss(PROTOTYPES, -PROTOTYPES)) == pytest.approx(2)
    assert float(distillation_loss(PROTOTYPES, PROTOTYPES.roll(1, 0))) == pytest.approx(1)


def test_the_accuracy_is_over_people_not_over_invented_faces() -> None:
    found = objective(1.0, 0.0)(nn.Identity(), BATCH)
    assert found.metrics == {"accuracy": (1, 2)}
    assert found.size == 3


def test_the_head_belongs_to_what_is_trained() -> None:
    made = objective(1.0, 0.0)
    made(nn.Identity(), BATCH).loss.backward()
    assert [name for name, _ in made.named_parameters()] == ["head.loss.W"]
    assert all(parameter.grad is not None for parameter in made.parameters())
