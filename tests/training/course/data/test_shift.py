"""Pictures moved by some pixels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hn

from training.course.data.digits import digits
from training.course.data.pictures import Images
from training.course.data.shift import shifted
from training.errors import DataError

pictures = hn.arrays(np.uint8, st.tuples(st.integers(1, 4), st.integers(4, 9), st.integers(4, 9), st.sampled_from([1, 3])))


@given(pictures, st.integers(0, 3), st.integers(0, 9))
def test_each_picture_is_one_move_of_itself(images: Images, pixels: int, seed: int) -> None:
    before = images.copy()
    moved = shifted(images, pixels, seed)
    assert moved.shape == images.shape and moved.dtype == np.uint8
    assert np.array_equal(images, before), "the original stays"
    for picture, result in zip(images, moved, strict=True):
        assert any(
            np.array_equal(result, moved_by(picture, down, right))
            for down in range(-pixels, pixels + 1)
            for right in range(-pixels, pixels + 1)
        )


def moved_by(picture: Images, down: int, right: int) -> Images:
    """The same, pixel by pixel."""
    border = np.concatenate([picture[0], picture[-1], picture[1:-1, 0], picture[1:-1, -1]])
    result = np.empty_like(picture)
    height, width, _ = picture.shape
    for row in range(height):
        for column in range(width):
            y, x = row - down, column - right
            inside = 0 <= y < height and 0 <= x < width
            result[row, column] = picture[y, x] if inside else np.median(border, axis=0).astype(np.uint8)
    return result


def test_digits_move_over_black_and_every_move_comes() -> None:
    images = np.zeros((300, 9, 9, 1), np.uint8)
    images[:, 4, 4] = 255
    moved = shifted(images, 2, seed=0)
    _, rows, columns, _ = np.nonzero(moved)
    assert moved.sum(axis=(1, 2, 3)).tolist() == [255] * 300
    assert set(rows) == set(columns) == {2, 3, 4, 5, 6}


def test_one_seed_moves_one_way() -> None:
    images = digits().train.images[:50]
    assert np.array_equal(shifted(images, 2, 1), shifted(images, 2, 1))
    assert not np.array_equal(shifted(images, 2, 1), shifted(images, 2, 2))


def test_pictures_are_not_moved_out_of_sight() -> None:
    with pytest.raises(DataError, match="8 pixels moves 8×8 pictures out of sight"):
        shifted(digits().train.images, 8, 0)
