"""A distilled network as one file, as the app ships it: float16 in safetensors, with the recipe beside the numbers."""

import json
from pathlib import Path

import torch
from pydantic import BaseModel, ConfigDict
from safetensors.torch import save

from recognition.errors import StorageError
from recognition.whole_files import write_whole
from training.distillation.distil import Distilled, DistilSettings

RECIPE = "recipe"
"""Name of the metadata that the recipe is under, as JSON."""


class Recipe(BaseModel):
    """How a network was made.

    Attributes:
        teacher, student: keys of the networks.
        faces: how many it learned from, those held back included.
        fingerprint: SHA-256 of their pixels.
        seconds: the training took.
        cosine_clear, cosine_corrupted: mean cosine similarity to the teacher on the faces held back.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    settings: DistilSettings
    teacher: str
    student: str
    faces: int
    fingerprint: str
    seconds: float
    cosine_clear: float
    cosine_corrupted: float


def write_weights(distilled: Distilled, recipe: Recipe, file: Path) -> None:
    """Write the network's parameters, rounded to float16.

    Raises:
        StorageError: the file can't be written; one that was there before still is.
    """
    tensors = {
        name: value.detach().cpu().to(torch.float16).contiguous()
        for name, value in distilled.network.module.state_dict().items()
    }
    try:
        write_whole(file, save(tensors, {RECIPE: json.dumps(recipe.model_dump(mode="json"))}))
    except OSError as error:
        raise StorageError(f"{file} can't be written: {error.strerror or error}.") from error
