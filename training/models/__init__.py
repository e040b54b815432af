"""The models made by training: kept, listed, compared, renamed, deleted, sent as one file and received.

A model is a folder that `recognition.networks.tuned` reads, with `training.json` beside it: how it was made and what it
gained.
"""

from training.models.archive import ImportedModel, export_model, import_model
from training.models.people import Newcomers, forgotten_people, of_this_gallery, remove_model, retrain_due, unless_deleted
from training.models.record import Training, TunedModel
from training.models.store import (
    damaged_models,
    default_name,
    delete_model,
    find_model,
    free_name,
    list_models,
    read_model,
    rename_model,
    save_model,
)

__all__ = [
    "ImportedModel",
    "Newcomers",
    "Training",
    "TunedModel",
    "damaged_models",
    "default_name",
    "delete_model",
    "export_model",
    "find_model",
    "forgotten_people",
    "free_name",
    "import_model",
    "list_models",
    "of_this_gallery",
    "read_model",
    "remove_model",
    "rename_model",
    "retrain_due",
    "save_model",
    "unless_deleted",
]
