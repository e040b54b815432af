"""The parts of the running app, made once and shared by pages, the API and the command line."""

import functools
import logging
import threading
from dataclasses import dataclass, field

import numpy as np

from recognition.alignment import CROP_SIZE
from recognition.detection import FineDetector, MtcnnDetector
from recognition.erasure import Erasure
from recognition.gallery import Gallery, repair
from recognition.identification import GalleryIndex
from recognition.networks import BUILT_IN, NETWORKS, Network, load_network
from recognition.networks.base import choose_device
from recognition.recognizer import Recognizer
from recognition.server.sessions import SessionRegistry
from recognition.server.tokens import Tokens
from recognition.settings import Settings, load_settings
from recognition.snapshots import Snapshots, complete_templates
from recognition.tasks import Report, TaskBoard

log = logging.getLogger(__name__)


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
        self.gallery = Gallery.open(settings.storage, settings.database_url)
        self.settings = _with_network(settings, self.gallery)
        self.tasks = TaskBoard()
        self.erasure = Erasure(lambda: self.gallery)
        self.erasure.subscribe("the recognizer", lambda erased: self._forget())
        self._lock = threading.RLock()
        self._snapshots: Snapshots | None = None

    def recognizer(self) -> Recognizer:
        """The recognizer in force: the network in the settings and the gallery as it is now.

        Raises:
            NetworkError: the network can't be loaded.
            StorageError, GalleryBusyError: the gallery can't be read.
        """
        # Read without the lock: every frame of every camera comes through here.
        snapshots = self._snapshots
        if snapshots is None:
            with self._lock:
                if self._snapshots is None:
                    self._snapshots = Snapshots(self.gallery, _load(self.settings), self.tasks)
                snapshots = self._snapshots
        return snapshots.current()

    def complete_templates(self, report: Report = lambda fraction, text: None) -> int:
        """Make the templates that the network in use lacks, now and here. Returns how many were made.

        Raises:
            CancelledError: `report` stopped it.
            RecognitionError: the network can't be loaded or the storage failed.
        """
        with self._lock:
            if self._snapshots is not None:
                return complete_templates(self.gallery, self._snapshots.current().network, report)
            models = _load(self.settings)
            made = complete_templates(self.gallery, models.network, report)
            self._snapshots = Snapshots(self.gallery, models, self.tasks)
            return made

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
            recognizer.embed([blank[:CROP_SIZE, :CROP_SIZE]] * faces)

    def _forget(self) -> None:
        """Read the gallery anew, now: the old snapshot holds the templates of whoever was erased."""
        if self._snapshots is not None:
            self._snapshots.refresh()

    def use_settings(self, settings: Settings) -> None:
        """Switch to other settings. Whatever can't be opened or loaded leaves everything as it was.

        Raises:
            RecognitionError: the storage can't be opened or the network can't be loaded.
        """
        with self._lock:
            old = self.settings
            moved = (settings.storage, settings.database_url) != (old.storage, old.database_url)
            gallery = Gallery.open(settings.storage, settings.database_url) if moved else self.gallery
            settings = _with_network(settings, gallery)
            reload = (settings.network, settings.device, settings.min_face) != (old.network, old.device, old.min_face)
            if moved or reload:
                try:
                    snapshots = Snapshots(gallery, _load(settings), self.tasks)
                except BaseException:
                    if moved:
                        gallery.close()
                    raise
                left, self._snapshots, self.gallery = self.gallery, snapshots, gallery
                if moved:
                    left.close()
            self.settings = settings

    def switch_network(self, key: str, report: Report) -> int:
        """Embed every stored photo with another network, then switch to it. All other settings stay as they are by then.

        Templates are stored batch by batch beside those of the network in use, which stays in use until all are there:
        stopped midway, nothing is lost, and the next try goes on where this one stopped.

        Returns:
            How many photos were embedded.

        Raises:
            CancelledError: a person stopped it.
            RecognitionError: the network can't be loaded or the storage failed.
        """
        made = 0
        while True:
            report(0.0, "Loading the network")
            settings, gallery = self.settings.model_copy(update={"network": key}), self.gallery
            models = _load(settings)
            made += complete_templates(gallery, models.network, report)
            with self._lock:
                # Whoever chose another folder or device meanwhile means to keep it.
                if self.settings.model_copy(update={"network": key}) == settings:
                    self._snapshots = Snapshots(gallery, models, self.tasks)
                    self.settings = settings
                    return made


def _with_network(settings: Settings, gallery: Gallery) -> Settings:
    """Where nobody chose a network, a gallery keeps the one that it was made with, even if another is the default by now."""
    if "network" in settings.model_fields_set:
        return settings
    counts = {key: count for key, count in gallery.template_counts().items() if key in NETWORKS}
    if not counts or BUILT_IN.key in counts:
        return settings
    return settings.model_copy(update={"network": max(counts, key=counts.__getitem__)})


def _load(settings: Settings) -> Recognizer:
    """The models of the settings, without anybody in the index."""
    device = choose_device(settings.device)
    network: Network = load_network(settings.network, settings.storage, device)
    nobody = GalleryIndex(np.zeros(0, np.int64), np.zeros((0, 0), np.float32), {}, network.spec.calibration)
    return Recognizer(MtcnnDetector(settings.min_face, device), FineDetector(device), network, nobody)


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


def housekeeping() -> None:
    """What has to happen now and then though nobody asks for it: abandoned camera sessions end, and whoever was deleted by
    another process is forgotten."""
    shared_cameras().sessions.sweep()
    shared_services().erasure.follow()
