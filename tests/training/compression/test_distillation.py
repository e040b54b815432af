"""What a student learns from."""

import pytest
import torch
from torch import nn

from training.compression.distillation import Distillation, distance


def test_the_distance_is_hintons() -> None:
    student, teacher = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 2.0]])
    p, q = ((logits / 2).softmax(1) for logits in (student, teacher))
    assert float(distance(student, teacher, 2.0)) == pytest.approx(4.0 * float((q * (q / p).log()).sum()))
    assert float(distance(teacher, teacher, 5.0)) == pytest.approx(0.0, abs=1e-6)


def test_gradients_hardly_depend_on_a_high_temperature() -> None:
    teacher = torch.tensor([[0.3, -0.2, 0.1]])

    def gradient(temperature: float) -> torch.Tensor:
        student = torch.zeros(1, 3, requires_grad=True)
        distance(student, teacher, temperature).backward()
        assert student.grad is not None
        return student.grad

    assert torch.allclose(gradient(20.0), gradient(80.0), atol=5e-3)


def test_the_weight_decides_who_is_listened_to() -> None:
    student, teacher = nn.Linear(2, 3), nn.Linear(2, 3)
    batch = torch.randn(4, 2), torch.tensor([0, 1, 2, 0])
    logits = student(batch[0])
    labels = float(nn.functional.cross_entropy(logits, batch[1]).detach())
    taught = float(distance(logits, teacher(batch[0]), 4.0).detach())
    for weight in (0.0, 0.3, 1.0):
        result = Distillation(teacher, 4.0, weight)(student, batch)
        assert float(result.loss.detach()) == pytest.approx((1 - weight) * labels + weight * taught, abs=1e-5)
    assert not list(Distillation(teacher, 4.0, 0.5).parameters())
