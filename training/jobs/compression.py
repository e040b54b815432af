"""The kind of job that makes a network smaller."""

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Generic

from recognition.gallery import Gallery
from recognition.names import clean_name
from recognition.networks import load_network, network_spec
from recognition.networks.base import choose_device
from recognition.networks.tuned import is_key, read_manifest
from recognition.networks.variants import Exported
from recognition.settings import load_settings
from training.compression.classifiers import load_subject
from training.compression.errors import CompressionError
from training.compression.faces import FaceNetworkSubject, gallery_data, photos_of
from training.compression.record import Compression
from training.compression.running import compress
from training.compression.settings import CompressionSettings, ExperimentSubject, FaceSubject
from training.compression.subjects import BatchT, Subject
from training.course.data.batches import Batch
from training.course.data.pictures import PictureSet
from training.course.experiments.store import read_experiment
from training.errors import DataError
from training.faces.dataset import FaceSet, from_gallery
from training.faces.objectives import FaceBatch
from training.folders import Publish
from training.jobs.enrolled import faces_as_pictures
from training.jobs.kinds import JobContext, register
from training.loop.observer import Observer
from training.models import unless_deleted


class CompressionKind:
    """A `Kind`. Every method that is done stays, however the job ends."""

    key = "compression"
    settings = CompressionSettings

    def epochs(self, settings: CompressionSettings) -> int:
        return len(settings.methods)

    def clean_name(self, name: str, storage: Path) -> str:  # noqa: ARG002  # its rows have names of their own
        return clean_name(name)

    def check(self, settings: CompressionSettings, gallery: Gallery, storage: Path) -> None:
        """Raises CompressionError for a network that was exported, TrainingError for an experiment that is gone, DataError
        for fewer than two people to tell apart."""
        match settings.subject:
            case ExperimentSubject(experiment=experiment):
                read_experiment(storage, experiment)
            case FaceSubject(network=network):
                check_face_network(storage, network)
                if sum(person.photo_count > 0 for person in gallery.people()) < 2:
                    raise DataError(
                        "A face network is measured on the people enrolled, and needs at least two of them. "
                        "Enroll somebody else first."
                    )

    def run(self, context: JobContext[CompressionSettings]) -> str:
        """Read faces or pictures, compress, and return the compression's id."""
        gallery, settings, storage = context.gallery, context.settings, context.storage
        context.observer.log("Reading the pictures.")

        def read() -> FaceSet:
            context.claim_photos()
            faces = from_gallery(gallery, lambda done, total: context.check_cancelled())
            # Those enrolled meanwhile may have been read too.
            context.claim_photos()
            return faces

        match settings.subject:
            case ExperimentSubject(experiment=experiment):
                pictured = experiment_subject(storage, gallery, experiment, read)
                return pictured.compress(settings, storage, context.observer, pictured.publish(gallery)).id
            case FaceSubject(network=network):
                faced = face_subject(storage, gallery, network, read, settings.seed)
                return faced.compress(settings, storage, context.observer, faced.publish(gallery)).id


@dataclass(frozen=True, eq=False)
class Prepared(Generic[BatchT]):
    """What is compressed, and what of the gallery went into it.

    Attributes:
        photos: numbers of photos; gallery: whose (`Gallery.identity`).
    """

    subject: Subject[BatchT]
    photos: tuple[str, ...] = ()
    gallery: str | None = None

    def publish(self, gallery: Gallery) -> Publish:
        """Lets nothing appear that a deleted photo went into."""
        return partial(unless_deleted, gallery, self.photos) if self.photos else nullcontext

    def compress(self, settings: CompressionSettings, storage: Path, observer: Observer, publish: Publish) -> Compression:
        """See `training.compression.running.compress`."""
        return compress(self.subject, settings, storage, observer, photos=self.photos, gallery=self.gallery, publish=publish)


def experiment_subject(storage: Path, gallery: Gallery, experiment: str, read: Callable[[], FaceSet]) -> Prepared[Batch]:
    """An experiment's network with its pictures.

    Args:
        read: gives the enrolled faces, where the experiment is about them.

    Raises:
        RecognitionError: see `training.compression.classifiers.load_subject`.
    """
    photos: set[str] = set()

    def pictures() -> PictureSet:
        faces = read()
        photos.update(faces.photos)
        return faces_as_pictures(faces)

    subject = load_subject(storage, experiment, pictures)
    record = subject.record
    if record.gallery == gallery.identity():
        photos.update(record.photos)
    return Prepared(subject, tuple(sorted(photos)), gallery.identity() if photos else None)


def face_subject(storage: Path, gallery: Gallery, network: str, read: Callable[[], FaceSet], seed: int) -> Prepared[FaceBatch]:
    """A face network, measured on everybody enrolled.

    Args:
        read: gives the enrolled faces.
        seed: of their division.

    Raises:
        NetworkError: it can't be loaded.
        DataError, CompressionError: the faces are too few.
    """
    parent = load_network(network, storage, choose_device(load_settings().device))
    data = gallery_data(read(), gallery.identity(), photos_of(storage, network, gallery.identity()), seed)
    return Prepared(FaceNetworkSubject(parent, data, seed), data.photos, data.gallery)


def check_face_network(storage: Path, network: str) -> None:
    """Refuse a face network that has nothing left to compress.

    Raises:
        CompressionError: ONNX Runtime runs it.
        NetworkError: there is none with this key.
    """
    spec = network_spec(network, storage)
    if is_key(network) and isinstance(read_manifest(storage, network).architecture, Exported):
        raise CompressionError(f"{spec.title} is compressed already. Choose the network that it was made from.")


register(CompressionKind())
