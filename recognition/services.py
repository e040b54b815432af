"""The parts of the running app, made once and shared by pages, the API and the command line."""

import functools
import logging
import threading
from dataclasses import dataclass, field

import numpy as np

from recognition.detection import Detector, FineDetector
from recognition.erasure import Erasure
from recognition.errors import NotEnrolledError, StorageError
from recognition.gallery import Gallery, repair
from recognition.identification import GalleryIndex
from recognition.networks import Network, NetworkSpec, load_network
from recognition.networks.base import choose_device
from recognition.recognizer import Recognizer
from recognition.server.sessions import SessionRegistry
from recognition.server.tokens import Tokens
from recognition.settings import Settings, load_settings
from recognition.tasks import Report, TaskBoard

log = logging.getLogger(__name__)

EMBED_BATCH = 32

REBUILD_BEHIND = 5_000
"""People from which a rebuild of the index takes longer than a frame may wait (20 ms)."""


@dataclass(frozen=True)
class Cameras:
    """The camera sessions of this process and the tokens that let a camera connect to one."""

    sessions: SessionRegistry = field(default_factory=SessionRegistry)
    tokens: Tokens = field(default_factory=Tokens)


class Services:
    """Settings, gallery, models and background tasks. Safe between threads.

    Models load on first use, once; `warm_up` does it ahead of time.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.gallery = Gallery.open(settings.storage, settings.database_url)
        self.tasks = TaskBoard()
        self.erasure = Erasure(lambda: self.gallery)
        self.erasure.subscribe("the recognizer", lambda erased: self._forget())
        self._lock = threading.RLock()
        self._recognizer: Recognizer | None = None
        self._index: tuple[int, str, GalleryIndex] | None = None

    def recognizer(self) -> Recognizer:
        """The recognizer for the network in the settings.

        Raises:
            NetworkError: the network can't be loaded.
        """
        # Read without the lock: every frame of every camera comes through here.
        ready = self._recognizer
        if ready is not None:
            return ready
        with self._lock:
            if self._recognizer is None:
                self._recognizer = self._load(self.settings)
            return self._recognizer

    def index(self) -> GalleryIndex:
        """The gallery as it is now, for the network in use; rebuilt only after a change.

        A large one is rebuilt behind the scenes, so that no camera waits: for that second the old one answers.
        """
        network = self.recognizer().network.spec
        ready = self._index
        if ready is not None and ready[1] == network.key:
            if ready[0] == self.gallery.revision():
                return ready[2]
            if len(ready[2]) >= REBUILD_BEHIND:
                self.tasks.start("index", lambda report: self._build_index(network))
                return ready[2]
        with self._lock:
            return self._build_index(network)

    def _build_index(self, network: NetworkSpec) -> GalleryIndex:
        templates = self.gallery.templates(network.key)
        index = GalleryIndex(templates.person_ids, templates.vectors, templates.names, network.calibration)
        self._index = (templates.revision, network.key, index)
        return index

    def warm_up(self) -> None:
        """Repair what a crash left behind, load the models and run them once: the first frame doesn't wait for it."""
        report = repair(self.gallery)
        if report.orphan_files or report.missing_files:
            log.warning(
                "storage check: removed %d files without an owner; %d files of photos are missing",
                len(report.orphan_files),
                len(report.missing_files),
            )
        recognizer = self.recognizer()
        blank = np.zeros((480, 640, 3), np.uint8)
        recognizer.detector.detect(blank)
        recognizer.detector.follow(blank, [np.array([100, 100, 200, 200], np.float32)])
        for faces in (1, 2):
            recognizer.embed([blank[:150, :150]] * faces)
        self.index()

    def _forget(self) -> None:
        """Read the index anew, now: the old one holds templates of whoever was erased."""
        if self._recognizer is not None:
            with self._lock:
                self._build_index(self._recognizer.network.spec)

    def use_settings(self, settings: Settings) -> None:
        """Switch to other settings. Whatever can't be opened or loaded leaves everything as it was.

        Raises:
            RecognitionError: the storage can't be opened or the network can't be loaded.
        """
        with self._lock:
            moved = (settings.storage, settings.database_url) != (self.settings.storage, self.settings.database_url)
            gallery = Gallery.open(settings.storage, settings.database_url) if moved else self.gallery
            reload = (settings.network, settings.device, settings.min_face) != (
                self.settings.network,
                self.settings.device,
                self.settings.min_face,
            )
            recognizer = self._load(settings) if reload or moved else self._recognizer
            left = self.gallery if moved else None
            self.settings, self.gallery, self._recognizer, self._index = settings, gallery, recognizer, None
        if left is not None:
            left.close()

    def switch_network(self, settings: Settings, report: Report) -> int:
        """Embed every stored photo with the network of `settings`, then switch to it.

        Templates are stored batch by batch beside those of the network in use, which stays in use until all are there:
        stopped midway, nothing is lost, and the next try goes on where this one stopped.

        Returns:
            How many photos were embedded.

        Raises:
            CancelledError: a person stopped it.
            RecognitionError: the network can't be loaded or the storage failed.
        """
        report(0.0, "Loading the network")
        network = load_network(settings.network, settings.storage, choose_device(settings.device))
        count = embed_missing(self.gallery, network, report)
        self.use_settings(settings)
        return count

    def _load(self, settings: Settings) -> Recognizer:
        device = choose_device(settings.device)
        return Recognizer(
            detector=Detector(settings.min_face, device),
            fine_detector=FineDetector(device),
            network=load_network(settings.network, settings.storage, device),
            index=self.index,
        )


def embed_missing(gallery: Gallery, network: Network, report: Report = lambda fraction, text: None) -> int:
    """Make the templates that a network lacks, from the stored crops. Returns how many were made."""
    missing = gallery.photos_without_template(network.spec.key)
    made = 0
    for start in range(0, len(missing), EMBED_BATCH):
        report(start / len(missing), f"{start} of {len(missing)} photos")
        made += _embed_batch(gallery, network, missing[start : start + EMBED_BATCH])
    return made


def _embed_batch(gallery: Gallery, network: Network, photo_ids: list[int]) -> int:
    crops = {}
    for photo_id in photo_ids:
        try:
            crops[photo_id] = gallery.crop(photo_id)
        except NotEnrolledError:
            continue  # deleted meanwhile
        except StorageError:
            log.warning("photo %d has no readable crop file; it gets no template", photo_id)
    if crops:
        vectors = network.embed(np.stack(list(crops.values())), mirrored=True)
        gallery.put_templates(network.spec.key, dict(zip(crops, vectors, strict=True)))
    return len(crops)


@functools.cache
def shared_cameras() -> Cameras:
    """The cameras of this process. They exist even where no storage can be opened, so that the API can say so."""
    return Cameras()


@functools.cache
def shared_services() -> Services:
    """The services of this process, opened on first use with the settings in force.

    Raises:
        RecognitionError: the settings are unusable or the storage can't be opened; the next call tries again.
    """
    services = Services(load_settings())
    services.erasure.subscribe("the open camera pages", shared_cameras().sessions.forget)
    return services


def keep_house() -> None:
    """What has to happen now and then though nobody asks for it: abandoned camera sessions end, and whoever was deleted by
    another process is forgotten."""
    shared_cameras().sessions.sweep()
    shared_services().erasure.follow()
