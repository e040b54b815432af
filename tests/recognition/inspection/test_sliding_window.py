"""The formulas against torch, against each other and against the course's worked examples."""

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from recognition.inspection.errors import FitError
from recognition.inspection.sliding_window import Sliding, Span, receptive_field


@pytest.mark.parametrize(
    ("n", "window", "expected"),
    [
        (5, Sliding(3), 3),
        (6, Sliding(3), 4),
        (52, Sliding(12, stride=2), 21),
        (4, Sliding(3), 2),
        (5, Sliding(3, stride=2), 2),
        (5, Sliding(3, padding=1), 5),
        (5, Sliding(3, padding="same"), 5),
        (5, Sliding(3, padding=2), 7),
        (5, Sliding(3, padding="full"), 7),
        (8, Sliding(3), 6),
        (32, Sliding(3), 30),
        (128, Sliding(3, stride=2, padding="same"), 64),
        (26, Sliding(2, stride=2), 13),
        (11, Sliding(2, stride=2), 5),
    ],
)
def test_output_sizes_of_the_course(n: int, window: Sliding, expected: int) -> None:
    assert window.positions(n) == expected


windows = st.builds(
    Sliding,
    kernel=st.integers(1, 9),
    stride=st.integers(1, 5),
    padding=st.sampled_from(["none", "same", "full"]) | st.integers(0, 6),
    dilation=st.integers(1, 3),
)


@given(n=st.integers(1, 60), window=windows)
def test_the_formula_is_what_torch_gives(n: int, window: Sliding) -> None:
    assume(n + sum(window.ends) >= window.reach)
    picture = torch.zeros(1, 1, n + sum(window.ends), 16 + window.reach)
    convolution = torch.nn.Conv2d(1, 1, window.kernel, window.stride, dilation=window.dilation)
    assert window.positions(n) == convolution(picture).shape[2]


@given(n=st.integers(1, 60), kernel=st.integers(1, 9), dilation=st.integers(1, 3))
def test_same_padding_is_torchs_own(n: int, kernel: int, dilation: int) -> None:
    convolution = torch.nn.Conv2d(1, 1, kernel, padding="same", dilation=dilation)
    window = Sliding(kernel, padding="same", dilation=dilation)
    assert window.positions(n) == n == convolution(torch.zeros(1, 1, n, n)).shape[2]


@given(n=st.integers(1, 60), window=windows)
def test_every_cell_is_covered_or_counted_as_uncovered(n: int, window: Sliding) -> None:
    assume(n + sum(window.ends) >= window.reach)
    covered = (window.positions(n) - 1) * window.stride + window.reach
    assert covered + window.uncovered(n) == n + sum(window.ends)
    assert 0 <= window.uncovered(n) < window.stride


def test_a_stride_that_leaves_pixels_out_is_warned_of() -> None:
    assert Sliding(3, stride=2).warning(5) is None
    warning = Sliding(3, stride=2).warning(6)
    assert warning is not None and "the last 1 of 6 rows and columns are never looked at" in warning
    padded = Sliding(3, stride=2, padding="same").warning(128)
    assert padded is not None and "no pixel is lost" in padded


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"kernel": 3, "stride": 0}, "stride"),
        ({"kernel": 0}, "at least 1 cell"),
        ({"kernel": 3, "dilation": 0}, "dilation"),
        ({"kernel": 3, "padding": -1}, "padding"),
        ({"kernel": 3, "padding": "some"}, "padding"),
    ],
)
def test_impossible_windows_are_refused(fields: dict[str, int], message: str) -> None:
    with pytest.raises(FitError, match=message):
        Sliding(**fields)


def test_a_kernel_larger_than_the_picture_is_refused() -> None:
    with pytest.raises(FitError, match="larger than the picture of 5"):
        Sliding(7).positions(5)
    with pytest.raises(FitError, match="with its dilation"):
        Sliding(3, dilation=3).positions(5)


def test_receptive_field_grows_layer_by_layer() -> None:
    assert receptive_field([Sliding(3), Sliding(3)]) == Span(0, 5, 1)
    assert receptive_field([Sliding(7, stride=2), Sliding(3, stride=2)]) == Span(0, 11, 4)
    assert receptive_field([Sliding(3, padding="same")] * 3) == Span(-3, 7, 1)


def test_what_a_cell_sees_is_cut_at_the_picture() -> None:
    span = Span(-3, 7, 1)
    assert span.seen(0, 10) == (0, 4)
    assert span.seen(5, 10) == (2, 9)
    assert span.seen(9, 10) == (6, 10)
