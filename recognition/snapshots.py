"""The recognizer in force: one network and the gallery as it is now, swapped as one when either changes."""

import logging
import threading
from dataclasses import replace

import numpy as np

from recognition.errors import NotEnrolledError, PictureError, StorageError
from recognition.gallery import Gallery
from recognition.identification import GalleryIndex
from recognition.networks import Network
from recognition.recognizer import Recognizer
from recognition.tasks import Report, TaskBoard

log = logging.getLogger(__name__)

TEMPLATES_TASK = "templates"
"""Name of the background task that makes the templates which the network in use lacks."""

INDEX_TASK = "index"

EMBED_BATCH = 32
"""Photos embedded between two reports of progress."""

REBUILD_BEHIND = 5_000
"""People from which a rebuild of the index takes longer than a frame may wait (20 ms): it happens behind the scenes."""


class Snapshots:
    """Gives the current recognizer of one gallery. Safe between threads: a change is read once, however many cameras wait.

    Templates that the network lacks (photos enrolled by another network, imported, or enrolled during a switch) are made in
    the background as soon as they are noticed; until then their people are in `GalleryIndex.waiting`.

    Args:
        gallery: whose people.
        models: a recognizer with the detectors and the network to use; its index is replaced.
        tasks: where the background work runs and shows its progress.
    """

    def __init__(self, gallery: Gallery, models: Recognizer, tasks: TaskBoard) -> None:
        self._gallery = gallery
        self._tasks = tasks
        self._lock = threading.Lock()
        self._unreadable: frozenset[int] = frozenset()
        self._current = self._read(models)

    def current(self) -> Recognizer:
        """The recognizer for the gallery as it is now.

        A large gallery is read again behind the scenes, so that no camera waits: for that second the old one answers.
        """
        ready = self._current
        revision = self._gallery.revision()
        if ready.revision == revision:
            return ready
        if len(ready.index) >= REBUILD_BEHIND:
            self._tasks.start(INDEX_TASK, lambda report: self.refresh())
            return ready
        return self.refresh()

    def refresh(self) -> Recognizer:
        """The recognizer for the gallery as it is now, however large it is. One thread reads it, the others wait."""
        with self._lock:
            # Whoever waited for the lock finds the work done.
            if self._current.revision != self._gallery.revision():
                self._current = self._read(self._current)
            return self._current

    def _read(self, models: Recognizer) -> Recognizer:
        network = models.network.spec
        templates = self._gallery.templates(network.key)
        missing = self._gallery.photos_without_template(network.key)
        waiting = {}
        if missing:
            people = self._gallery.people()
            waiting = {one.id: one.name for one in people if one.photo_count and one.id not in templates.names}
            if not self._unreadable.issuperset(missing):
                self._tasks.start(TEMPLATES_TASK, lambda report: self._complete(models.network, report))
        index = GalleryIndex(templates.person_ids, templates.vectors, templates.names, network.calibration, waiting)
        return replace(models, index=index, revision=templates.revision)

    def _complete(self, network: Network, report: Report) -> int:
        """Make the missing templates; photos whose file is unreadable are not tried again."""
        made = complete_templates(self._gallery, network, report)
        self._unreadable = frozenset(self._gallery.photos_without_template(network.spec.key))
        return made


def complete_templates(gallery: Gallery, network: Network, report: Report = lambda fraction, text: None) -> int:
    """Make the templates that a network lacks from the stored crops, those of photos enrolled meanwhile included.

    Each batch is stored at once: stopped midway, nothing is lost, and the next call goes on where this one stopped. A photo
    without a readable crop file gets no template.

    Returns:
        How many templates were made.

    Raises:
        CancelledError: `report` stopped it.
        StorageError, GalleryBusyError: the gallery can't be read or written.
    """
    tried: set[int] = set()
    made = 0
    while missing := [photo for photo in gallery.photos_without_template(network.spec.key) if photo not in tried]:
        for start in range(0, len(missing), EMBED_BATCH):
            batch = missing[start : start + EMBED_BATCH]
            report(start / len(missing), f"{start} of {len(missing)} photos")
            made += _embed_batch(gallery, network, batch)
            tried.update(batch)
    return made


def _embed_batch(gallery: Gallery, network: Network, photo_ids: list[int]) -> int:
    crops = {}
    for photo_id in photo_ids:
        try:
            crops[photo_id] = gallery.crop(photo_id)
        except NotEnrolledError:
            continue  # deleted meanwhile
        except (PictureError, StorageError):
            log.warning("photo %d has no readable crop file; it gets no template", photo_id)
    if crops:
        vectors = network.embed(np.stack(list(crops.values())), mirrored=True)
        gallery.put_templates(network.spec.key, dict(zip(crops, vectors, strict=True)))
    return len(crops)
