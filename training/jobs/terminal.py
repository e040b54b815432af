"""Trainings in a terminal, which have no job: a file in their work folder names the photos they read, so that deleting one
reaches them."""

import json
import secrets
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from recognition.errors import StorageError
from recognition.gallery import Gallery
from recognition.whole_files import write_whole
from training.errors import DataError
from training.jobs import paths
from training.loop.observer import EpochRecord, NullObserver

_CLAIM = "photos.json"
_PREFIX = "command-line-"


def new_work_folder(storage: Path) -> Path:
    """Where a training in a terminal keeps its checkpoints, unless a person names another folder."""
    return paths.work_root(storage) / f"{_PREFIX}{secrets.token_hex(4)}"


def claim_photos(folder: Path, photos: Collection[str]) -> None:
    """Write down which photos of the gallery are read by the training in a folder, which is made.

    Args:
        folder: of its checkpoints.
        photos: keys, as in `FaceSet.photos`.

    Raises:
        StorageError: it can't be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / _CLAIM, json.dumps(sorted(int(photo) for photo in photos)).encode())
    except OSError as error:
        raise StorageError(f"The work folder {folder} can't be written to ({error.strerror or error}).") from error


def remove_erased(storage: Path, gallery: Gallery) -> None:
    """Remove the work folders below the storage folder in which photos were read that are not in the gallery any more.

    Raises:
        StorageError: one can't be removed.
    """
    for claim in paths.work_root(storage).glob(f"{_PREFIX}*/{_CLAIM}"):
        # Removed meanwhile, or damaged: then nobody knows whom it learned from.
        photos: list[int] | None = None
        with suppress(OSError, ValueError):
            photos = json.loads(claim.read_bytes())
        if photos is None or not _are_stored(gallery, photos):
            paths.remove(claim.parent)


class StopWhenDeleted(NullObserver):
    """Ends a training after the epoch in which a photo that it reads was deleted.

    Args:
        gallery: that the photos were read from.
        photos: keys, as in `FaceSet.photos`.
    """

    def __init__(self, gallery: Gallery, photos: Collection[str]) -> None:
        self._gallery = gallery
        self._photos = [int(photo) for photo in photos]

    def epoch(self, record: EpochRecord) -> None:  # noqa: ARG002  # it is the moment that counts
        """Raises DataError if one is gone."""
        if not _are_stored(self._gallery, self._photos):
            raise DataError("Photos were deleted from the gallery during the training. Start a new training.")


def _are_stored(gallery: Gallery, photos: Collection[int]) -> bool:
    with gallery.hold_photos(photos) as complete:
        return complete
