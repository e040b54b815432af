"""The models made by training: kept, listed, compared, renamed, deleted, sent as one file and received.

A model is a folder that `recognition.networks.tuned` reads, with `training.json` beside it: how it was made and what it
gained.
"""

from training.models.archive import ImportedModel, export_model, export_to_memory, import_model
from training.models.people import NewData, deleted_people, new_data, of_this_gallery, remove_model, unless_deleted
from training.models.record import Compressed, Training, TunedModel
from training.models.store import (
    add_model,
    damaged_models,
    default_name,
    delete_model,
    find_by_weights,
    find_model,
    free_name,
    is_default_name,
    list_models,
    network_before,
    read_model,
    remove_leftovers,
    rename_model,
    save_model,
)

__all__ = [
    "Compressed",
    "ImportedModel",
    "NewData",
    "Training",
    "TunedModel",
    "add_model",
    "damaged_models",
    "default_name",
    "delete_model",
    "deleted_people",
    "export_model",
    "export_to_memory",
    "find_by_weights",
    "find_model",
    "free_name",
    "import_model",
    "is_default_name",
    "list_models",
    "network_before",
    "new_data",
    "of_this_gallery",
    "read_model",
    "remove_leftovers",
    "remove_model",
    "rename_model",
    "save_model",
    "unless_deleted",
]
