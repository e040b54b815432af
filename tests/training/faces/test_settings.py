"""Settings, also those that earlier versions stored."""

import pytest
from pydantic import ValidationError

from training.faces.settings import PRESETS, FitSettings

BEFORE = """{"network": "dlib", "scope": "all", "head": "cosface",
"augmentation": {"strength": "strong", "parts": ["jpeg", "mirror", "noise"]},
"epochs": 4, "epoch_faces": 480, "batch_size": 32, "learning_rate": 3e-05, "head_rate": 3e-05, "layer_decay": 1.0,
"warmup": 0.15, "weight_decay": 0.0001, "clip_norm": 1.0, "label_smoothing": 0.0, "dropout": 0.3,
"classify": 0.5, "distil": 8.0, "mixes": 4.0, "whitening": 1200, "patience": 8, "validation": 0.2, "test": 0.2,
"held_out": 0.2, "seed": 7}"""
"""As jobs, models and checkpoints have it, made before the fields got the names of today."""


def test_settings_of_an_earlier_version_are_read() -> None:
    found = FitSettings.model_validate_json(BEFORE)
    assert (found.classification_weight, found.distillation_weight, found.mixup_ratio) == (0.5, 8.0, 4.0)
    assert (found.epochs, found.whitening, found.seed) == (4, 1200, 7)
    assert found.augmentation.parts == {"jpeg", "mirror", "noise"}


@pytest.mark.parametrize("settings", PRESETS.values(), ids=PRESETS)
def test_what_is_written_is_read(settings: FitSettings) -> None:
    text = settings.model_dump_json()
    assert FitSettings.model_validate_json(text) == settings
    assert "distillation_weight" in text and '"distil"' not in text


@pytest.mark.parametrize(("name", "value"), [("distil", -1), ("unknown", 1)])
def test_what_is_out_of_bounds_or_unknown_is_refused(name: str, value: int) -> None:
    with pytest.raises(ValidationError):
        FitSettings.model_validate({name: value})
