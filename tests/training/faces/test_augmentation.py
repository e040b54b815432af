"""Random variants of a face."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from recognition.alignment import CROP_SIZE, TEMPLATE
from training.faces.augmentation import PARTS, Augmentation, Part, augment, draws, line_kernel

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


NOMINAL: dict[Part, float] = {
    "mirror": 0.5,
    "rotation": 0.5,
    "shift": 0.5,
    "zoom": 0.5,
    "colour": 0.5,
    "greyscale": 0.1,
    "darkness": 0.3,
    "noise": 0.3,
    "blur": 0.3,
    "motion": 0.3,
    "resolution": 0.3,
    "jpeg": 0.3,
    "erasing": 0.15,
    "occlusion": 0.3,
}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_happens_as_often_as_it_should(collins_crop: Crop, part: Part) -> None:
    made = draws(collins_crop, Augmentation(parts=frozenset({part})), 400, seed=4)
    happened = float((made != collins_crop).any(axis=(1, 2, 3)).mean())
    # Four standard errors; a shift of less than half a pixel moves nothing.
    assert happened == pytest.approx(NOMINAL[part], abs=0.14 if part == "shift" else 0.1)


def test_what_happens_to_a_face_does_not_depend_on_the_others(collins_crop: Crop, hopper_crop: Crop) -> None:
    crops = np.stack([collins_crop, hopper_crop, collins_crop])
    others = np.stack([hopper_crop, hopper_crop, np.zeros_like(collins_crop)])
    made, again = (augment(one, Augmentation(), np.random.default_rng(8)) for one in (crops, others))
    assert np.array_equal(made[1], again[1])
    assert not np.array_equal(made[0], made[2])


def test_the_faces_themselves_stay_as_they_are(collins_crop: Crop) -> None:
    crops = np.stack([collins_crop] * 20)
    before = crops.copy()
    augment(crops, Augmentation(), np.random.default_rng(0))
    assert np.array_equal(crops, before)


def test_no_face_is_no_variant() -> None:
    nothing = np.zeros((0, CROP_SIZE, CROP_SIZE, 3), np.uint8)
    assert augment(nothing, Augmentation(), np.random.default_rng(0)).shape == nothing.shape


def test_a_shift_moves_a_face_by_whole_pixels_within_its_bounds(collins_crop: Crop) -> None:
    made = draws(collins_crop, Augmentation(parts=frozenset({"shift"})), 60, seed=3)
    middle, inner = made[:, 20:-20, 20:-20], CROP_SIZE - 20
    ways = [(down, right) for down in range(-6, 7) for right in range(-6, 7)]
    found = [[np.array_equal(one, collins_crop[20 - y : inner - y, 20 - x : inner - x]) for y, x in ways] for one in middle]
    assert all(sum(one) == 1 for one in found)
    used = {ways[one.index(True)] for one in found}
    assert len(used) > 20


def test_colour_keeps_its_mean_within_the_factor_of_brightness(collins_crop: Crop) -> None:
    made = draws(collins_crop, Augmentation(parts=frozenset({"darkness"})), 200, seed=3)
    shares = made.mean(axis=(1, 2, 3)) / collins_crop.mean()
    darkened = shares[shares < 0.99]
    assert 0.19 < darkened.min() < 0.3 and 0.8 < darkened.max() < 0.91
    grey = draws(collins_crop, Augmentation(parts=frozenset({"greyscale"})), 60, seed=0)
    without = [one for one in grey if not np.array_equal(one, collins_crop)]
    assert without and all(np.ptp(one.astype(int), axis=2).max() <= 1 for one in without)
    assert all(one.mean() == pytest.approx(cv2.cvtColor(collins_crop, cv2.COLOR_RGB2GRAY).mean(), abs=1) for one in without)


def test_settings_have_one_json_whatever_the_order_of_their_parts() -> None:
    one = Augmentation(parts=frozenset(PARTS)).model_dump_json()
    assert one == Augmentation(parts=frozenset(reversed(PARTS))).model_dump_json()
    assert Augmentation.model_validate_json(one) == Augmentation()
    assert one.index("mirror") < one.index("occlusion")


def test_strong_changes_more_than_light(collins_crop: Crop) -> None:
    def change(strength: str) -> float:
        made = draws(collins_crop, Augmentation.model_validate({"strength": strength}), 40, seed=2)
        return float(np.abs(made.astype(float) - collins_crop).mean())

    assert change("strong") > change("light") > 0


def test_a_mask_covers_the_mouth_and_leaves_the_eyes(collins_crop: Crop) -> None:
    made = draws(collins_crop, Augmentation(parts=frozenset({"occlusion"})), 60, seed=0)
    mouth, eyes = int(TEMPLATE[3:, 1].min()), int(TEMPLATE[:2, 1].max())
    masked = [one for one in made if (one[mouth:] == one[-1, -1]).all()]
    assert masked
    assert all(np.array_equal(one[: eyes + 20], collins_crop[: eyes + 20]) for one in masked)


@pytest.mark.parametrize("angle", [0.0, 0.3, np.pi / 2, 2.5])
def test_a_motion_kernel_keeps_the_brightness(angle: float) -> None:
    kernel = line_kernel(13.0, angle)
    assert kernel.shape[0] == kernel.shape[1]
    assert kernel.shape[0] % 2 == 1
    assert float(kernel.sum()) == pytest.approx(1.0, abs=1e-5)
