"""The one way to erase a person or a photo: from the gallery, and from everybody else who holds something of them.

It has two steps. What is removed is hidden at once, everywhere, and can be restored for `UNDO_FOR`; then it is erased for
good, which can also be asked for earlier.

Whoever keeps a name, a picture or numbers of a person beside the gallery subscribes: camera sessions, the recognizer's index,
trainings. They are asked one after the other, at both steps; the error of one does not keep the others from forgetting.
"""

import logging
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from recognition.calibration import OPERATING_CONFIDENCE
from recognition.errors import GalleryError, RecognitionError
from recognition.gallery import DeletionReceipt, Gallery, PersonSummary, RemovalRecord, repair
from recognition.networks.base import NetworkSpec

log = logging.getLogger(__name__)

UNDO_FOR = timedelta(minutes=10)
"""How long a deletion or a merge can be undone."""


@dataclass(frozen=True, eq=False)
class Erased:
    """What was erased from the gallery, or hidden in it.

    Attributes:
        person_id: who is gone; None where only photos are, and when those who were hidden before are erased.
        photo_ids: which photos are gone; empty where another process removed the person.
        faces: the person's mean template, (D,) float32 of unit length, by network. Empty where it is not known.
    """

    person_id: int | None
    photo_ids: frozenset[int] = frozenset()
    faces: Mapping[str, NDArray[np.float32]] = field(default_factory=dict)

    def resembles(self, network: NetworkSpec, embedding: NDArray[np.float32]) -> bool:
        """Whether a face that nobody named may be the erased person's; always where there is nothing to compare with.

        Args:
            network: that made the embedding.
            embedding: (D,) float32 of unit length.
        """
        if self.person_id is None:
            return False
        face = self.faces.get(network.key)
        return face is None or network.calibration.accepts(float(face @ embedding), OPERATING_CONFIDENCE)


Forget = Callable[[Erased], None]
"""Drops what somebody holds of what was erased. May be called twice for the same. Raises where something is left."""


@dataclass(frozen=True)
class ErasureReceipt:
    """What an erasure did.

    Attributes:
        photos: how many were erased.
        left: a sentence for each place where something may be left; empty when all is gone.
    """

    photos: int
    left: tuple[str, ...] = ()


class Erasure:
    """Erases people and photos of one app. Safe between threads.

    Args:
        gallery: gives the gallery in use.
    """

    def __init__(self, gallery: Callable[[], Gallery]) -> None:
        self._gallery = gallery
        self._holders: dict[str, Forget] = {}
        self._lock = threading.Lock()
        self._known: tuple[str, int, frozenset[int]] | None = None
        self._unheard: dict[int, list[str]] = {}

    def subscribe(self, what: str, forget: Forget) -> None:
        """Have `forget` called for all that is erased. `what` names the holder in messages; the same name replaces it."""
        self._holders[what] = forget

    def hide_people(self, person_ids: Collection[int], aftermath: str = "") -> RemovalRecord:
        """Remove people from everywhere, so that it can be undone: nobody finds them from now on.

        Args:
            person_ids: who.
            aftermath: what whoever erases them has to do then.

        Raises:
            NotEnrolledError: one of them is not there.
            StorageError, GalleryBusyError: the gallery can't be changed; nothing was.
        """
        gallery = self._gallery()
        hidden = []
        for person_id in sorted(person_ids):
            photos = [photo.id for photo in gallery.photos(person_id)]
            hidden.append(Erased(person_id, frozenset(photos), _mean_faces(gallery, photos)))
        return self._hide(gallery.hide_people(person_ids, aftermath), *hidden)

    def hide_photos(self, photo_ids: Collection[int], aftermath: str = "") -> RemovalRecord:
        """The same for photos. Their people stay.

        Raises:
            NotEnrolledError: there is no such photo.
            GalleryError: they are all the photos that somebody has.
            StorageError, GalleryBusyError: the gallery can't be changed; nothing was.
        """
        removal = self._gallery().hide_photos(photo_ids, aftermath)
        return self._hide(removal, Erased(None, removal.photo_ids))

    def merge(self, source_id: int, into_id: int) -> RemovalRecord:
        """Give all photos of one person to another, and remove the first, so that it can be undone.

        Raises:
            NotEnrolledError: one of them is not there.
            GalleryError: both are the same person.
            StorageError, GalleryBusyError: the gallery can't be changed; nothing was.
        """
        removal = self._gallery().merge(source_id, into_id)
        self._forget_known(source_id)
        # Nobody's face is gone: only the name is.
        return self._hide(removal, Erased(None))

    def undo(self, removal_id: int) -> list[PersonSummary]:
        """Restore what was removed; the people who are back. See `Gallery.undo`.

        Raises:
            NotEnrolledError: it was undone or erased.
            StorageError, GalleryBusyError: the gallery can't be changed; nothing was.
        """
        self._unheard.pop(removal_id, None)
        return self._gallery().undo(removal_id)

    def due(self) -> list[RemovalRecord]:
        """The removals that can't be undone any more, the oldest first: they have to be erased now."""
        now = datetime.now(UTC)
        return [removal for removal in reversed(self._gallery().removals()) if removal.at + UNDO_FOR <= now]

    def erase(self, removal_id: int) -> ErasureReceipt:
        """Erase what was removed everywhere: photos, templates, and what the subscribers hold.

        Raises:
            NotEnrolledError: it was undone or erased.
            StorageError, GalleryBusyError: the gallery can't be changed; nothing was.
        """
        gallery = self._gallery()
        removal = gallery.removal(removal_id)
        receipt = gallery.erase(removal_id)
        # Who it was has been forgotten when they were hidden; a face that came later is another matter.
        left = dict.fromkeys([*self._unheard.pop(removal_id, []), *self._notify(Erased(None, removal.photo_ids))])
        if not _is_clean(gallery, receipt):
            left[
                "The storage folder or the database could not be cleaned of every trace. "
                "“Check the files” in the settings tries again."
            ] = None
        return ErasureReceipt(receipt.photos, tuple(left))

    def follow(self) -> None:
        """Notice who was deleted by another process since the last call, and have the subscribers forget them.

        Cheap while the gallery does not change.

        Raises:
            StorageError, GalleryBusyError: the gallery can't be read.
        """
        with self._lock:
            gallery = self._gallery()
            identity, revision, before = self._known or ("", -1, frozenset())
            if self._known and revision == gallery.revision() and identity == gallery.identity():
                return
            revision, people = gallery.revision(), frozenset(person.id for person in gallery.people())
            # Another storage folder has other people: nobody of the former one was deleted.
            gone = before - people if identity == gallery.identity() else frozenset[int]()
            self._known = gallery.identity(), revision, people
        for person_id in sorted(gone):
            self._notify(Erased(person_id))

    def _hide(self, removal: RemovalRecord, *hidden: Erased) -> RemovalRecord:
        for one in hidden:
            if one.person_id is not None:
                self._forget_known(one.person_id)
            self._unheard.setdefault(removal.id, []).extend(self._notify(one))
        return removal

    def _forget_known(self, person_id: int) -> None:
        """`follow` need not notice somebody whom everybody is told of here."""
        with self._lock:
            if self._known is not None:
                identity, revision, people = self._known
                self._known = identity, revision, people - {person_id}

    def _notify(self, erased: Erased) -> list[str]:
        """Have everybody forget; a sentence for each who could not."""
        left = []
        for what, forget in list(self._holders.items()):
            try:
                forget(erased)
            except RecognitionError as error:
                left.append(f"{what}: {error}")
            except Exception as error:  # noqa: BLE001  # whatever is wrong with one must not keep the others from forgetting
                # Not its message or its frames, which may quote names.
                log.error("%s could not forget what was erased: %s", what, type(error).__name__)
                left.append(f"{what}: something unexpected went wrong. Restart the app.")
        return left


def _mean_faces(gallery: Gallery, photo_ids: Collection[int]) -> dict[str, NDArray[np.float32]]:
    """The mean template of these photos by network, (D,) float32 of unit length."""
    faces = {}
    for network in gallery.template_counts():
        templates = gallery.templates(network)
        own = templates.vectors[np.isin(templates.photo_ids, list(photo_ids))]
        if len(own):
            total = own.sum(axis=0, dtype=np.float64)
            faces[network] = np.asarray(total / max(float(np.linalg.norm(total)), 1e-12), np.float32)
    return faces


def _is_clean(gallery: Gallery, receipt: DeletionReceipt) -> bool:
    """Whether files, rows and the database's log are free of what was deleted, after one more try where that failed."""
    try:
        if not receipt.erased:
            repair(gallery)
        # The subscribers may have deleted rows after the gallery did.
        return gallery.database.erase_traces()
    except GalleryError:
        return False
