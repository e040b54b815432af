"""What is kept of a training, also by earlier versions."""

from math import isnan

from tests.training import made
from training.models import Training

BEFORE = """{"settings": {"network": "dlib", "scope": "all", "head": "cosface",
"augmentation": {"strength": "strong", "parts": ["jpeg", "mirror"]}, "epochs": 2, "epoch_faces": 480, "batch_size": 32,
"learning_rate": 3e-05, "head_rate": 3e-05, "layer_decay": 1.0, "warmup": 0.15, "weight_decay": 0.0001, "clip_norm": 1.0,
"label_smoothing": 0.0, "dropout": 0.3, "classify": 1.0, "distil": 16.0, "mixes": 4.0, "whitening": 1200, "patience": 8,
"validation": 0.2, "test": 0.2, "held_out": 0.2, "seed": 0}, "fingerprint": "0123", "people": ["1", "2"],
"photos": ["1", "2", "3", "4"], "split": {"train": ["1", "3"], "validation": ["2"], "test": ["4"], "held_out": []},
"history": [
{"epoch": 1, "train_loss": 2.5, "validation_loss": NaN, "train_accuracy": 0.5, "validation_rank1": 0.75,
"validation_tpir": 0.25, "learning_rate": 3e-05, "seconds": 1.5},
{"epoch": 2, "train_loss": 1.5, "validation_loss": 1.25, "train_accuracy": 0.75, "validation_rank1": 1.0,
"validation_tpir": 0.5, "learning_rate": 1e-06, "seconds": 1.25}],
"report": {"validation": {
"untuned": {"clean": {"rank1": 1.0, "tpir_at_fpir_1": 1.0, "tpir_at_fpir_5": 1.0, "threshold": 0.9},
"hard": {"rank1": 0.5, "tpir_at_fpir_1": 0.25, "tpir_at_fpir_5": 0.25, "threshold": 0.9}},
"tuned": {"clean": {"rank1": 1.0, "tpir_at_fpir_1": 1.0, "tpir_at_fpir_5": 1.0, "threshold": 0.8},
"hard": {"rank1": 0.75, "tpir_at_fpir_1": 0.5, "tpir_at_fpir_5": 0.5, "threshold": 0.8}}, "probes": 1, "strangers": 2},
"test": null, "recommended": true, "verdict": "Better.", "weight": 0.35, "whitened": true, "best_epoch": 2,
"guesses": [{"photo": "4", "truth": "2", "guess": "1", "score": 0.9, "untuned_guess": "2", "untuned_score": 0.91}],
"similarities": {"same": [0.97], "different": [0.8]}, "untuned_similarities": {"same": [0.96], "different": [0.82]},
"map": {"photos": ["1"], "people": ["1"], "untuned": [[0.0, 1.0]], "tuned": [[0.5, 1.0]]}},
"seconds": 12.5, "gallery": "abc"}"""
"""A `training.json` made before epochs had their metrics by name and settings the names of today."""


def test_a_training_of_an_earlier_version_is_read() -> None:
    found = Training.model_validate_json(BEFORE)
    assert (found.settings.classification_weight, found.settings.distillation_weight, found.settings.mixup_ratio) == (1, 16, 4)
    first, second = found.history
    assert (first.epoch, first.train_loss, first.learning_rate, first.seconds) == (1, 2.5, 3e-5, 1.5)
    assert isnan(first.validation_loss)
    assert second.metrics == {"train_accuracy": 0.75, "validation_rank1": 1.0, "validation_tpir": 0.5}
    assert found.report.whitened
    assert found.split.test == ("4",)


def test_what_is_written_is_read() -> None:
    record = Training.of(made.trained(), gallery="g")
    again = Training.model_validate_json(record.model_dump_json())
    assert again.model_dump_json() == record.model_dump_json()
    assert again.history[0].metrics == made.record(1).metrics


def test_without_a_gallery_nobodys_name_is_kept() -> None:
    trained = made.trained(people=("Ada Lovelace", "Grace Hopper"), photos=("Ada Lovelace/1.jpg", "Grace Hopper/1.jpg"))
    assert "Ada" in Training.of(trained, gallery="g").model_dump_json()
    text = Training.of(trained, gallery=None).model_dump_json()
    assert "Ada" not in text and "Grace" not in text
