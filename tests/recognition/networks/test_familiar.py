"""The app's own network, from its file."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from recognition.errors import WeightsCorruptError, WeightsMissingError
from recognition.networks import BUILT_IN, load_network
from recognition.networks.familiar import FILE, load_familiar
from training.distillation.weights import RECIPE, Recipe


def test_it_knows_a_face_in_bad_light_and_tells_two_people_apart(
    tmp_path: Path, collins_crop: NDArray[np.uint8], hopper_crop: NDArray[np.uint8]
) -> None:
    network = load_network(BUILT_IN.key, tmp_path, torch.device("cpu"))
    dark = (collins_crop * 0.3).astype(np.uint8)
    clear, same, other = network.embed(np.stack([collins_crop, dark, hopper_crop]), mirrored=True)
    threshold = network.spec.calibration.threshold
    assert clear @ same > threshold > clear @ other


def test_its_file_is_small_and_says_how_it_was_made() -> None:
    assert FILE.stat().st_size <= 12_000_000
    with safe_open(FILE, "pt") as file:
        recipe = Recipe.model_validate_json(file.metadata()[RECIPE])
    assert (recipe.teacher, recipe.student) == ("mobilefacenet", "dlib")
    assert {value.dtype for value in load_file(FILE).values()} == {torch.float16}


@pytest.mark.parametrize("change", ["truncated", "renamed", "no file"])
def test_a_damaged_file_is_told(tmp_path: Path, change: str) -> None:
    file = tmp_path / "familiar.safetensors"
    if change == "truncated":
        file.write_bytes(FILE.read_bytes()[:100_000])
    elif change == "renamed":
        save_file({f"x.{name}": value for name, value in load_file(FILE).items()}, file)
    error = WeightsMissingError if change == "no file" else WeightsCorruptError
    with pytest.raises(error, match=r"familiar\.safetensors|Install the app again"):
        load_familiar(file)
