"""A model and the gallery it was made from, which goes on changing."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from recognition.gallery import Gallery
from recognition.networks.tuned import Key
from training.errors import DataError, TrainingError
from training.models.record import TunedModel
from training.models.store import delete_model


@dataclass(frozen=True)
class NewData:
    """What the gallery has and a model has not learned from: people none of whose photos it saw, and photos of anybody."""

    people: int
    photos: int


def of_this_gallery(model: TunedModel, gallery: Gallery) -> bool:
    """Whether the model's keys are numbers of this gallery's people and photos. They are not if it was received from
    somebody, or made from a folder."""
    return model.training.gallery == gallery.identity()


def deleted_people(model: TunedModel, gallery: Gallery) -> int:
    """How many of the people a model learned from are not in the gallery any more. Their traces are in its weights.

    0 for a model of another gallery.
    """
    if not of_this_gallery(model, gallery):
        return 0
    return len(set(model.training.people) - {str(person.id) for person in gallery.people()})


def new_data(model: TunedModel, gallery: Gallery) -> NewData:
    """Who and what came to the gallery after a model's training. Everybody, for a model of another gallery.

    NewData are recognised all the same, by their templates; a new training would tell them apart better.
    """
    known = model.training if of_this_gallery(model, gallery) else None
    people = set(known.people) if known else set()
    photos = set(known.photos) if known else set()
    enrolled = [person for person in gallery.people() if person.photo_count]
    return NewData(
        people=sum(str(person.id) not in people for person in enrolled),
        photos=sum(str(photo.id) not in photos for person in enrolled for photo in gallery.photos(person.id)),
    )


@contextmanager
def unless_deleted(gallery: Gallery, photos: Collection[str]) -> Iterator[None]:
    """Around the moment a model appears: whose photo was deleted during the training is not in any model.

    Args:
        gallery: that the photos were read from.
        photos: keys of the photos learned from, as in `FaceSet.photos`.

    Raises:
        DataError: some are gone.
    """
    with gallery.hold_photos([int(photo) for photo in photos]) as complete:
        if not complete:
            raise DataError(
                "Photos were deleted from the gallery during the training, so what it learned from them is not kept. "
                "Start a new training."
            )
        yield


def remove_model(gallery: Gallery, storage: Path, key: Key, in_use: str) -> int:
    """Delete a model with the templates it made.

    Args:
        gallery: whose templates.
        storage: the storage folder.
        key: of the model.
        in_use: key of the network in use, which is kept.

    Returns:
        how many templates there were.

    Raises:
        TrainingError: the model is in use.
        NetworkError: there is no such model.
        StorageError, GalleryBusyError: it can't be removed.
    """
    if key == in_use:
        raise TrainingError("This model is in use. Switch to another network first, then delete it.")
    # Templates first: stopped in between, there is a model that makes them again, not templates that nobody can read.
    dropped = gallery.drop_templates(key)
    delete_model(storage, key)
    return dropped
