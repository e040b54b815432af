"""Convolution and pooling against the course's examples by hand, and against torch."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from recognition.inspection.errors import FitError
from recognition.inspection.sliding_window import Sliding
from training.course import convolution as conv


def digits(*rows: str) -> conv.Grid:
    return np.array([[float(digit) for digit in row] for row in rows])


CROSS_PICTURE = digits("11100", "01110", "00111", "00110", "01100")
DIGITS = digits("301274", "158931", "272513", "013178", "421628", "245239")
POOLED = np.array([[2, 1, 1, 3], [4, 5, 2, 1], [1, 4, 5, 3], [5, 1, 7, 6]], dtype=float)


def test_cross_kernel_gives_4_in_the_first_cell() -> None:
    result = conv.convolve(CROSS_PICTURE, conv.KERNELS["Cross"])
    assert result.shape == (3, 3)
    assert result[0, 0] == 4
    # Worked by hand: the count of ones under the cross at each place.
    np.testing.assert_array_equal(result, [[4, 3, 4], [2, 4, 3], [2, 3, 4]])


def test_half_bright_picture_has_one_vertical_edge() -> None:
    picture = np.repeat([[9.0, 9, 9, 0, 0, 0]], 6, axis=0)
    result = conv.convolve(picture, conv.KERNELS["Vertical edge"])
    np.testing.assert_array_equal(result, [[0, 27, 27, 0]] * 4)


def test_six_by_six_digits_under_the_vertical_edge_kernel() -> None:
    result = conv.convolve(DIGITS, conv.KERNELS["Vertical edge"])
    np.testing.assert_array_equal(result, [[-5, -4, 0, 8], [-10, -2, 2, 3], [0, -2, -4, -7], [-3, -2, -3, -16]])


RGB_KERNEL = np.stack(
    [
        np.array([[-1, -1, 1], [0, 1, -1], [0, 1, 1]], dtype=float),
        np.array([[1, 0, 0], [1, -1, -1], [1, 0, -1]], dtype=float),
        np.array([[0, 1, 1], [0, 1, 0], [1, -1, 1]], dtype=float),
    ],
    axis=2,
)


def test_three_channels_and_a_bias_add_up_to_minus_25() -> None:
    corner = np.array([[[156, 167, 163], [155, 166, 162]], [[153, 164, 160], [154, 165, 161]]], dtype=float)
    same = Sliding(3, padding="same")
    step = conv.step(corner, RGB_KERNEL, 0, 0, same, bias=1)
    np.testing.assert_array_equal(step.sums, [308, -498, 164])
    assert step.total == -25
    assert (step.top, step.left) == (-1, -1)
    assert conv.convolve(corner, RGB_KERNEL, same, bias=1)[0, 0] == -25


def test_sobel_answers_plus_and_minus_one_point_two() -> None:
    stroke = np.zeros((6, 6))
    stroke[2, 1:5] = 0.6
    edges = conv.convolve(stroke, conv.KERNELS["Sobel x"])
    # A horizontal stroke under the kernel's middle row: its ends are vertical edges of 2 · 0.6.
    assert edges[1, 0] == pytest.approx(-1.2)
    assert edges[1, 3] == pytest.approx(1.2)


def test_pooling_examples() -> None:
    np.testing.assert_array_equal(conv.pool(POOLED, 2, 1), [[5, 5, 3], [5, 5, 5], [5, 7, 7]])
    np.testing.assert_array_equal(conv.pool(POOLED, 2, 2, "average"), [[3, 1.75], [2.75, 5.25]])
    first = np.array([[2, 3, 1, 9], [4, 7, 3, 5], [8, 2, 2, 2], [1, 3, 4, 5]], dtype=float)
    np.testing.assert_array_equal(conv.pool(first, 2), [[7, 9], [8, 5]])
    second = np.array([[5, 3, 2, 6], [7, 4, 2, 1], [7, 5, 8, 1], [9, 5, 4, 1]], dtype=float)
    np.testing.assert_array_equal(conv.pool(second, 2), [[7, 6], [9, 8]])
    np.testing.assert_array_equal(conv.pool(second, 2, kind="min"), [[3, 1], [5, 1]])


def test_pooling_keeps_channels_apart() -> None:
    both = np.stack([POOLED, -POOLED], axis=2)
    np.testing.assert_array_equal(conv.pool(both, 2)[:, :, 0], conv.pool(POOLED, 2))
    np.testing.assert_array_equal(conv.pool(both, 2)[:, :, 1], -conv.pool(POOLED, 2, kind="min"))


def test_four_filters_over_eight_by_eight_rgb_give_6_6_4() -> None:
    picture = np.random.default_rng(0).random((8, 8, 3))
    maps = [conv.convolve(picture, np.full((3, 3, 3), weight)) for weight in (1.0, 2.0, 3.0, 4.0)]
    assert np.stack(maps, axis=2).shape == (6, 6, 4)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_every_step_is_the_cell_that_torch_computes(data: st.DataObject) -> None:
    kernel_side, channels = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 3))
    window = Sliding(
        kernel_side,
        data.draw(st.integers(1, 3)),
        data.draw(st.sampled_from(["none", "same", "full"]) | st.integers(0, 3)),
        data.draw(st.integers(1, 2)),
    )
    generator = np.random.default_rng(data.draw(st.integers(0, 99)))
    height, width = window.reach + data.draw(st.integers(0, 4)), window.reach + data.draw(st.integers(0, 4))
    grid = generator.normal(size=(height, width, channels))
    kernel = generator.normal(size=(kernel_side, kernel_side, channels))
    result = conv.convolve(grid, kernel, window, bias=0.5)
    assert result.shape == (window.positions(height), window.positions(width))
    for row in range(result.shape[0]):
        for column in range(result.shape[1]):
            step = conv.step(grid, kernel, row, column, window, bias=0.5)
            assert step.total == pytest.approx(result[row, column])


def test_identity_leaves_the_picture_and_blur_its_mean() -> None:
    picture = np.random.default_rng(1).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    np.testing.assert_allclose(conv.filter_picture(picture, conv.KERNELS["Identity"]), conv.grey(picture))
    colour = conv.filter_picture(picture, conv.KERNELS["Identity"], colour=True)
    np.testing.assert_allclose(colour, conv.unit_grid(picture))
    for name, kernel in conv.KERNELS.items():
        if "blur" in name:
            assert kernel.sum() == pytest.approx(1), name
        elif name.startswith(("Edge", "Lap", "Sobel", "Vert")):
            assert kernel.sum() == pytest.approx(0), name


def test_kernels_can_be_resized_between_3_and_5() -> None:
    kernel = conv.KERNELS["Sobel x"]
    large = conv.resized_kernel(kernel, 5)
    assert large.shape == (5, 5) and large.sum() == kernel.sum()
    np.testing.assert_array_equal(conv.resized_kernel(large, 3), kernel)
    np.testing.assert_array_equal(conv.resized_kernel(kernel, 3), kernel)


def test_random_kernels_repeat_with_their_seed_and_stay_in_range() -> None:
    np.testing.assert_array_equal(conv.random_kernel(5, 3), conv.random_kernel(5, 3))
    bound = 1 / np.sqrt(torch.nn.Conv2d(1, 1, 5).weight[0].numel())
    assert np.abs(conv.random_kernel(5, 3)).max() <= bound


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([["a", 1], [1, 1]], "must be a number"),
        ([[None, 1], [1, 1]], "must be a number"),
        ([[float("nan"), 1], [1, 1]], "NaN"),
        ([[float("inf"), 1], [1, 1]], "NaN"),
        ([[1, 2], [3]], "equally long"),
        ([[1, 2]], "square"),
        ([], "rows and columns"),
        (7, "must be a number"),
        (np.ones((17, 17)), "at most 15"),
    ],
)
def test_kernels_that_are_no_numbers_are_refused(rows: object, message: str) -> None:
    with pytest.raises(conv.KernelError, match=message):
        conv.parse_kernel(rows)


def test_typed_text_that_is_a_number_counts() -> None:
    np.testing.assert_array_equal(conv.parse_kernel([["1", " -2.5"], ["0", "1e1"]]), [[1, -2.5], [0, 10]])


def test_misfits_are_refused() -> None:
    with pytest.raises(FitError, match="larger than the picture"):
        conv.convolve(np.ones((2, 2)), np.ones((3, 3)))
    with pytest.raises(FitError, match="one slice per channel"):
        conv.convolve(np.ones((5, 5, 3)), np.ones((3, 3)))
    with pytest.raises(FitError, match="no cell"):
        conv.step(np.ones((5, 5)), np.ones((3, 3)), 3, 0)
    with pytest.raises(FitError, match="stride"):
        conv.pool(np.ones((5, 5)), 2, 0)
    with pytest.raises(FitError, match="wide"):
        conv.convolve(np.ones((5, 5)), np.ones((3, 3)), Sliding(5))


def test_a_moved_picture_repeats_its_edge() -> None:
    picture = np.arange(27, dtype=np.uint8).reshape(3, 3, 3)
    moved = conv.translate(picture, 1, 0)
    np.testing.assert_array_equal(moved[:, 1:], picture[:, :2])
    np.testing.assert_array_equal(moved[:, 0], picture[:, 0])
    with pytest.raises(FitError, match="can't be moved"):
        conv.translate(picture, 3, 0)


def test_pooling_forgives_a_small_move() -> None:
    generator = np.random.default_rng(2)
    picture = generator.integers(0, 256, (96, 96, 3), dtype=np.uint8)
    stages = conv.moved_maps(picture, conv.KERNELS["Vertical edge"], 1, 0)
    assert [stage.before.shape for stage in stages] == [(94, 94), (47, 47), (23, 23), (11, 11)]
    likenesses = [stage.likeness for stage in stages]
    assert likenesses == sorted(likenesses)
    assert likenesses[-1] > likenesses[0] + 0.2
    still = conv.moved_maps(picture, conv.KERNELS["Vertical edge"], 0, 0)
    assert all(stage.likeness == pytest.approx(1) for stage in still)


@given(filters=st.integers(1, 20), kernel=st.integers(1, 7), channels=st.integers(1, 9))
def test_parameter_counts_are_torchs(filters: int, kernel: int, channels: int) -> None:
    convolution = torch.nn.Conv2d(channels, filters, kernel)
    assert conv.parameter_count(filters, kernel, channels) == sum(parameter.numel() for parameter in convolution.parameters())


def test_parameter_counts_of_the_course() -> None:
    assert conv.parameter_count(64, 3, 3) == 1_792
    assert conv.parameter_count(5, 3, 3) == 140
