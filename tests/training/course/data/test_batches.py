"""Pictures as batches."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from training.course.data.augmentation import Changes
from training.course.data.balance import Balance
from training.course.data.batches import PictureBatches, in_order
from training.course.data.pictures import Pictures


def numbered(count: int, classes: int = 3) -> Pictures:
    """Pictures whose one value is their number."""
    images = np.arange(count, dtype=np.uint8).reshape(count, 1, 1, 1).repeat(4, 1).repeat(4, 2)
    return Pictures(images, np.arange(count) % classes)


NOTHING = Changes()


def batches(
    pictures: Pictures, size: int, changes: Changes = NOTHING, balance: Balance = "none", seed: int = 0
) -> PictureBatches:
    return PictureBatches(pictures, size, (0.0,), (1.0,), changes, balance, seed)


@given(st.integers(1, 90), st.integers(1, 40), st.integers(0, 9))
def test_an_epoch_shows_every_picture_once_in_batches_of_like_size(count: int, size: int, seed: int) -> None:
    made = batches(numbered(count), size, seed=seed)
    parts = list(made.epoch(1))
    assert len(parts) == len(made)
    sizes = [len(labels) for _, labels in parts]
    assert max(sizes) <= size
    assert max(sizes) - min(sizes) <= 1
    seen = torch.cat([inputs[:, 0, 0, 0] for inputs, _ in parts]).int().tolist()
    assert sorted(seen) == list(range(count))
    assert torch.cat([labels for _, labels in parts]).tolist() == [number % 3 for number in seen]


def test_the_order_depends_on_seed_and_epoch() -> None:
    def order(seed: int, epoch: int) -> list[float]:
        inputs, _ = next(iter(batches(numbered(50), 50, seed=seed).epoch(epoch)))
        return [float(value) for value in inputs[:, 0, 0, 0]]

    assert order(0, 1) == order(0, 1)
    assert order(0, 1) != order(0, 2)
    assert order(0, 1) != order(1, 1)


def test_sampling_draws_a_small_class_as_often_as_a_large_one() -> None:
    labels = np.array([0] * 180 + [1] * 20)
    pictures = Pictures(np.zeros((200, 4, 4, 1), np.uint8), labels)
    drawn = torch.cat([part for _, part in batches(pictures, 50, balance="sampling").epoch(1)])
    assert 60 <= int((drawn == 1).sum()) <= 140


def test_augmentation_for_balance_changes_only_what_is_drawn_again() -> None:
    labels = np.array([0] * 40 + [1] * 4)
    pictures = Pictures(np.full((44, 8, 8, 1), 100, np.uint8), labels)
    made = batches(pictures, 11, Changes(light=0.5), "augmentation")
    shown = torch.cat([inputs for inputs, _ in made.epoch(1)])
    labels_shown = torch.cat([part for _, part in made.epoch(1)])
    untouched = (shown.flatten(1) == 100).all(dim=1)
    # Four pictures of the small class can be drawn for the first time only four times.
    assert int(untouched[labels_shown == 1].sum()) <= 4
    assert not bool(untouched[labels_shown == 1].all())


def test_pictures_are_normalised_by_channel() -> None:
    images = np.stack([np.full((5, 5), 10), np.full((5, 5), 20), np.full((5, 5), 30)], axis=2).astype(np.uint8)[None]
    inputs, labels = next(in_order(Pictures(images, np.zeros(1, np.int64)), 8, (10.0, 10.0, 10.0), (1.0, 2.0, 4.0)))
    assert inputs[0, :, 0, 0].tolist() == [0.0, 5.0, 5.0]
    assert inputs.is_contiguous(memory_format=torch.channels_last)
    assert labels.tolist() == [0]
