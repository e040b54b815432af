"""Random variants of a face."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from training.faces.augmentation import PARTS, Augmentation, Part, draws, line_kernel

Crop = NDArray[np.uint8]


@pytest.mark.parametrize("part", PARTS)
def test_every_part_changes_a_face_and_keeps_its_shape(collins_crop: Crop, part: Part) -> None:
    made = draws(collins_crop, Augmentation(strength="strong", parts=frozenset({part})), 24, seed=1)
    assert made.shape == (24, *collins_crop.shape)
    assert made.dtype == np.uint8
    assert any(not np.array_equal(one, collins_crop) for one in made)


@pytest.mark.parametrize("settings", [Augmentation(strength="none"), Augmentation(parts=frozenset())])
def test_nothing_chosen_changes_nothing(collins_crop: Crop, settings: Augmentation) -> None:
    assert (draws(collins_crop, settings, 3, seed=0) == collins_crop).all()


def test_the_same_seed_draws_the_same_and_another_one_differs(collins_crop: Crop) -> None:
    first, again, other = (draws(collins_crop, Augmentation(), 4, seed) for seed in (5, 5, 6))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_drawing_leaves_the_random_numbers_of_others_alone(collins_crop: Crop) -> None:
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    draws(collins_crop, Augmentation(), 2, seed=9)
    assert torch.rand(1) == expected


def test_strong_changes_more_than_light(collins_crop: Crop) -> None:
    def change(strength: str) -> float:
        made = draws(collins_crop, Augmentation.model_validate({"strength": strength}), 40, seed=2)
        return float(np.abs(made.astype(float) - collins_crop).mean())

    assert change("strong") > change("light") > 0


def test_a_mask_covers_the_mouth_and_leaves_the_eyes(collins_crop: Crop) -> None:
    made = draws(collins_crop, Augmentation(parts=frozenset({"occlusion"})), 60, seed=0)
    masked = [one for one in made if (one[120:] == one[140, 70]).all()]
    assert masked
    assert all(np.array_equal(one[:70], collins_crop[:70]) for one in masked)


@pytest.mark.parametrize("angle", [0.0, 0.3, np.pi / 2, 2.5])
def test_a_motion_kernel_keeps_the_brightness(angle: float) -> None:
    kernel = line_kernel(13.0, angle)
    assert kernel.shape[0] == kernel.shape[1]
    assert kernel.shape[0] % 2 == 1
    assert float(kernel.sum()) == pytest.approx(1.0, abs=1e-5)
