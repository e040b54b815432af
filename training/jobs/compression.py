"""The kind of job that makes a network smaller."""

from functools import partial
from pathlib import Path

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
from training.compression.running import compress
from training.compression.settings import CompressionSettings, ExperimentSubject, FaceSubject
from training.course.data.pictures import PictureSet
from training.course.experiments.store import read_experiment
from training.errors import DataError
from training.faces.dataset import FaceSet, from_gallery
from training.jobs.enrolled import faces_as_pictures
from training.jobs.kinds import JobContext, register
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

        def enrolled() -> FaceSet:
            context.claim_photos()
            faces = from_gallery(gallery, lambda done, total: context.check_cancelled())
            # Those enrolled meanwhile may have been read too.
            context.claim_photos()
            return faces

        def pictures() -> PictureSet:
            return faces_as_pictures(enrolled())

        match settings.subject:
            case ExperimentSubject(experiment=experiment):
                record = read_experiment(storage, experiment)
                done = compress(
                    load_subject(storage, experiment, pictures),
                    settings,
                    storage,
                    context.observer,
                    photos=record.photos,
                    gallery=record.gallery,
                    publish=partial(unless_deleted, gallery, record.photos),
                )
            case FaceSubject(network=network):
                parent = load_network(network, storage, choose_device(load_settings().device))
                before = photos_of(storage, network, gallery.identity())
                data = gallery_data(enrolled(), gallery.identity(), before, settings.seed)
                done = compress(
                    FaceNetworkSubject(parent, data, settings.seed),
                    settings,
                    storage,
                    context.observer,
                    photos=data.photos,
                    gallery=data.gallery,
                    publish=partial(unless_deleted, gallery, data.photos),
                )
        return done.id


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
