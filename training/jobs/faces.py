"""The kind of job that fine-tunes a network on everybody enrolled."""

from functools import partial
from pathlib import Path
from typing import Protocol

from recognition.errors import WeightsMissingError
from recognition.gallery import Gallery
from recognition.networks import Network, is_available, load_network, network_spec
from recognition.networks.base import choose_device
from recognition.settings import load_settings
from training.errors import DataError
from training.faces.dataset import FaceSet, from_gallery
from training.faces.fine_tuning import fit
from training.faces.result import Trained
from training.faces.settings import FitSettings
from training.jobs.busy import try_while_busy
from training.jobs.kinds import JobContext, register
from training.loop.observer import Observer
from training.models import default_name, free_name, save_model, unless_deleted


class Fit(Protocol):
    """`training.faces.fine_tuning.fit`, as far as a job uses it."""

    def __call__(
        self,
        faces: FaceSet,
        settings: FitSettings,
        parent: Network,
        folder: Path,
        observer: Observer,
        *,
        resume: bool,
    ) -> Trained: ...


class FaceFineTuning:
    """A `Kind`. fit: what trains."""

    key = "faces"
    settings = FitSettings

    def __init__(self, fit: Fit = fit) -> None:
        self._fit = fit

    def epochs(self, settings: FitSettings) -> int:
        return settings.epochs

    def clean_name(self, name: str, storage: Path) -> str:
        return free_name(storage, name)

    def check(self, settings: FitSettings, gallery: Gallery, storage: Path) -> None:
        """Raises DataError for fewer than two people with photos, NetworkError for a network that is not here."""
        spec = network_spec(settings.network, storage)
        if not is_available(spec, storage):
            raise WeightsMissingError(f"{spec.title} is not on this machine yet. Download it first.")
        if sum(person.photo_count > 0 for person in gallery.people()) < 2:
            raise DataError("Training needs at least two people with photos. Enroll somebody else first.")

    def run(self, context: JobContext[FitSettings]) -> str:
        """Read the photos, train, keep the model."""
        gallery, storage, observer = context.gallery, context.storage, context.observer
        observer.log("Reading the photos.")
        context.claim_photos()
        faces = from_gallery(gallery, lambda done, total: context.check_cancelled())
        # Those enrolled meanwhile may have been read too.
        context.claim_photos()
        parent = load_network(context.settings.network, storage, choose_device(load_settings().device))
        # A folder without a checkpoint is a training at its beginning.
        trained = self._fit(faces, context.settings, parent, context.checkpoints, observer, resume=True)
        context.keep_history(trained.history)
        observer.log("Saving the model.")
        manifest = try_while_busy(
            lambda: save_model(
                storage,
                context.name or default_name(trained.parent, len(faces.people)),
                trained,
                parent.spec.licence,
                gallery=gallery.identity(),
                publish=partial(unless_deleted, gallery, faces.photos),
            )
        )
        observer.log(trained.report.verdict)
        return manifest.key


register(FaceFineTuning())
