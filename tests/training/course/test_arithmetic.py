"""Parameter counts."""

import torch
from hypothesis import given
from hypothesis import strategies as st

from training.course.arithmetic import convolution_parameters, dense_parameters


@given(filters=st.integers(1, 20), kernel=st.integers(1, 7), channels=st.integers(1, 9), bias=st.booleans())
def test_parameter_counts_are_torchs(filters: int, kernel: int, channels: int, bias: bool) -> None:
    convolution = torch.nn.Conv2d(channels, filters, kernel, bias=bias)
    dense = torch.nn.Linear(channels, filters, bias=bias)
    assert convolution_parameters(filters, kernel, channels, bias=bias) == _count(convolution)
    assert dense_parameters(channels, filters, bias=bias) == _count(dense)


def _count(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_parameters_of_the_course() -> None:
    assert convolution_parameters(64, 3, 3) == 1_792
    assert convolution_parameters(5, 3, 3) == 140
    assert dense_parameters(57_600, 32) == 1_843_232
    assert dense_parameters(626 * 417 * 3, 5, bias=False) == 3_915_630
    assert dense_parameters(626 * 417 * 3, 5) == 3_915_635
