"""Rosenblatt's rule in the training loop."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch.optim import SGD

from training.course.experiments.perceptron import Perceptron, PerceptronRule


@given(
    arrays(np.float32, (1, 1, 2, 2), elements=st.floats(0, 1, width=16)),
    arrays(np.float32, (3, 4), elements=st.floats(-1, 1, width=16)),
    st.integers(0, 2),
    st.sampled_from([0.01, 0.5, 1.0]),
)
def test_one_step_is_the_rule_by_hand(x: np.ndarray, weights: np.ndarray, label: int, rate: float) -> None:
    model = Perceptron(4, 3)
    with torch.no_grad():
        model.units.weight.copy_(torch.from_numpy(weights))
    optimizer = SGD(model.parameters(), rate)
    PerceptronRule()(model, (torch.from_numpy(x), torch.tensor([label]))).loss.backward()
    optimizer.step()
    flat = x.ravel()
    said = (weights @ flat >= 0).astype(np.float32)
    error = np.eye(3, dtype=np.float32)[label] - said
    assert np.allclose(model.units.weight.detach().numpy(), weights + rate * error[:, None] * flat, atol=1e-6)
    assert np.allclose(model.units.bias.detach().numpy(), rate * error, atol=1e-6)


def test_it_starts_from_zeros() -> None:
    assert all(not parameter.any() for parameter in Perceptron(4, 3).parameters())
