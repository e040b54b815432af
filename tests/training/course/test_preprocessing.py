"""Drawings and photos become what MNIST's and scikit-learn's makers would have made of them."""

import io
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from recognition.pictures import Picture
from training.course.data.digits import digits
from training.course.preprocessing import (
    PHOTO_SIDE,
    Ink,
    Reading,
    as_digits,
    as_mnist,
    from_ink,
    from_picture,
    ink_of_drawing,
    ink_of_photo,
    region_of,
)

SEVEN = ((0.3, 0.25), (0.68, 0.25), (0.45, 0.8))

ALIKE = 0.8
"""Correlation of two pictures of a digit of which one is rounded to the next pixel."""

points = st.lists(st.tuples(st.floats(0.2, 0.7), st.floats(0.2, 0.7)), min_size=1, max_size=6)
sides = st.integers(1, 200)


def drawn(*points: tuple[float, float], width: int = 22, side: int = 280) -> Picture:
    """A line through points in shares of the side, black on white."""
    page = np.full((side, side, 3), 255, np.uint8)
    corners = (np.array(points) * side).astype(int)
    for corner in corners:
        cv2.circle(page, corner.tolist(), width // 2, (0, 0, 0), -1, cv2.LINE_AA)
    cv2.polylines(page, [corners.astype(np.int32)], False, (0, 0, 0), width, cv2.LINE_AA)
    return page


def photographed(drawing: Picture, *, light_ink: bool = False, fingers: bool = False) -> Picture:
    """A drawing on paper that is lit from one side, a little blurred and noisy."""
    ink = cv2.GaussianBlur(1 - drawing[:, :, 0] / 255, (0, 0), 1.5)
    light = np.linspace(0.5, 1.0, drawing.shape[1])[None, :]
    paper, pen = (60.0, 255.0) if light_ink else (220.0, 40.0)
    grey = light * (paper + (pen - paper) * ink)
    if fingers:
        cv2.ellipse(grey, (140, 285), (40, 45), 0, 0, 360, 100.0, -1)
    noisy = grey + np.random.default_rng(0).normal(0, 4, grey.shape)
    return np.repeat(np.clip(noisy, 0, 255).astype(np.uint8)[:, :, None], 3, axis=2)


def overlap(one: NDArray[np.generic], other: NDArray[np.generic]) -> float:
    """Correlation of two pictures."""
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


@given(height=sides, width=sides, rows=st.integers(1, 64), columns=st.integers(1, 64))
def test_the_region_lies_in_the_middle_and_has_the_network_s_aspect_ratio(
    height: int, width: int, rows: int, columns: int
) -> None:
    x1, y1, x2, y2 = region_of(np.zeros((height, width, 3), np.uint8), (rows, columns, 3))
    assert 0 <= x1 < x2 <= width and 0 <= y1 < y2 <= height
    assert abs(x1 - (width - x2)) <= 1 and abs(y1 - (height - y2)) <= 1
    assert (x1, x2) == (0, width) or (y1, y2) == (0, height)
    # As well as whole pixels can.
    assert abs((x2 - x1) * rows - (y2 - y1) * columns) <= max(rows, columns)


@given(points=points, width=st.integers(8, 44))
def test_mnist_s_digits_fit_a_box_of_20_pixels_and_are_centred_by_mass(points: list[tuple[float, float]], width: int) -> None:
    made = as_mnist(ink_of_drawing(drawn(*points, width=width)))
    assert made.shape == (28, 28) and made.dtype == np.uint8
    rows, columns = np.nonzero(made)
    assert np.ptp(rows) < 20 and np.ptp(columns) < 20
    mass = made.astype(float)
    middle = [float(np.arange(28) @ mass.sum(axis=axis) / mass.sum()) for axis in (0, 1)]
    assert np.allclose(middle, 14, atol=0.55)


@given(points=points, down=st.integers(0, 60), right=st.integers(0, 60))
def test_where_on_the_canvas_something_is_drawn_does_not_matter(
    points: list[tuple[float, float]], down: int, right: int
) -> None:
    ink = ink_of_drawing(drawn(*points))
    moved = np.zeros((400, 400), np.float32)
    moved[down : down + 280, right : right + 280] = ink
    assert np.array_equal(as_mnist(moved), as_mnist(ink))
    assert np.array_equal(as_digits(moved), as_digits(ink))


@pytest.mark.parametrize("side", [100, 560])
def test_nor_does_its_size(side: int) -> None:
    small = as_mnist(ink_of_drawing(drawn(*SEVEN, side=side, width=round(22 * side / 280))))
    assert overlap(small, as_mnist(ink_of_drawing(drawn(*SEVEN)))) > ALIKE


@given(points=points, width=st.integers(8, 44))
def test_scikit_learn_s_digits_are_counts_of_sixteen_pixels(points: list[tuple[float, float]], width: int) -> None:
    made = as_digits(ink_of_drawing(drawn(*points, width=width)))
    assert made.shape == (8, 8) and made.dtype == np.uint8
    assert set(made.ravel()) <= {round(count * 255 / 16) for count in range(17)}


def test_thin_and_thick_strokes_become_alike_as_in_scikit_learn_s_digits() -> None:
    """There, a digit has 311 ± 40 pixels of 1,024, whoever wrote it with whatever pen."""
    images = digits().train.images
    usual = images.sum(axis=(1, 2, 3)) / 255 * 16
    for width in (8, 22, 40):
        pixels = as_digits(ink_of_drawing(drawn(*SEVEN, width=width))).sum() / 255 * 16
        assert abs(pixels - usual.mean()) < 3 * usual.std()


def test_a_digit_of_the_set_drawn_large_becomes_what_it_was() -> None:
    found = []
    for image in digits().train.images[:60, :, :, 0]:
        large = cv2.resize(image, (280, 280), interpolation=cv2.INTER_CUBIC) > 127
        found.append(overlap(as_digits(large.astype(np.float32)), image))
    assert np.mean(found) > 0.85


def test_mnist_s_own_pictures_drawn_large_become_what_they_were(shared: Path) -> None:
    with zipfile.ZipFile(shared / "data" / "mnist.zip") as archive:
        names = [name for name in archive.namelist() if "test/" in name and name.endswith(".png")][::500]
        pictures = [np.asarray(Image.open(io.BytesIO(archive.read(name))).convert("L")) for name in names]
    found = []
    for picture in pictures:
        large = cv2.resize(picture, (280, 280), interpolation=cv2.INTER_CUBIC) > 110
        found.append(overlap(as_mnist(large.astype(np.float32)), picture))
    assert len(found) >= 20 and np.mean(found) > 0.93


@pytest.mark.parametrize("ink", [np.zeros((280, 280), np.float32), np.full((5, 3), 0.4, np.float32)])
def test_without_ink_the_page_stays_empty(ink: Ink) -> None:
    assert not as_mnist(ink).any()
    assert not as_digits(ink).any()


@given(
    points=points,
    height=st.integers(4, 40),
    width=st.integers(4, 40),
    channels=st.sampled_from([1, 3]),
    reading=st.sampled_from(["mnist", "digits", "paper"]),
)
def test_every_network_gets_its_own_shape(
    points: list[tuple[float, float]], height: int, width: int, channels: int, reading: Reading
) -> None:
    shape = (height, width, channels)
    ink = ink_of_drawing(drawn(*points))
    made = from_ink(ink, shape, reading)
    assert made.shape == shape and made.dtype == np.uint8
    assert np.array_equal(made[:, :, 0], made[:, :, -1])
    if reading == "paper":
        assert np.array_equal(255 - made, from_ink(ink, shape, "mnist"))


def test_a_picture_as_it_is_keeps_its_colours_where_the_network_has_any() -> None:
    picture = np.zeros((20, 20, 3), np.uint8)
    picture[:, :10] = (255, 0, 0)
    coloured = from_picture(picture, (10, 10, 3))
    assert tuple(coloured[5, 0]) == (255, 0, 0) and tuple(coloured[5, 9]) == (0, 0, 0)
    grey = from_picture(picture, (40, 40, 1))
    assert grey.shape == (40, 40, 1) and grey[20, 0, 0] == 76 and grey[20, 39, 0] == 0


@pytest.mark.parametrize("light_ink", [False, True])
@pytest.mark.parametrize("fingers", [False, True])
def test_ink_is_found_in_a_photo_whatever_the_light(light_ink: bool, fingers: bool) -> None:
    drawing = drawn(*SEVEN)
    photo = photographed(drawing, light_ink=light_ink, fingers=fingers)
    found = ink_of_photo(photo)
    assert found.shape == (PHOTO_SIDE, PHOTO_SIDE)
    assert overlap(as_mnist(found), as_mnist(ink_of_drawing(drawing))) > ALIKE


def test_a_photo_of_nothing_has_no_ink() -> None:
    noise = np.random.default_rng(0).normal(128, 8, (200, 300, 3)).clip(0, 255).astype(np.uint8)
    assert not ink_of_photo(np.full((90, 120, 3), 128, np.uint8)).any()
    assert not ink_of_photo(noise).any()


def test_ink_that_reaches_the_edge_counts_where_there_is_no_other() -> None:
    assert ink_of_photo(photographed(drawn((0.5, 0.0), (0.5, 1.0)))).any()


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1))
def test_ink_is_looked_for_in_any_picture(height: int, width: int, seed: int) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    assert set(np.unique(ink_of_photo(picture))) <= {0.0, 1.0}
