"""The kind of job that runs an experiment of the course."""

from functools import partial
from pathlib import Path

from recognition.gallery import Gallery
from recognition.names import clean_name
from recognition.networks.tuned import is_key
from training.course.data.choice import EnrolledFaces
from training.course.data.loading import load_split
from training.course.data.pictures import PictureSet
from training.course.experiments.keeping import keep_outcome
from training.course.experiments.recipe import ExperimentNetwork, Recipe, TransferNetwork
from training.course.experiments.store import read_experiment
from training.course.experiments.training import run_experiment
from training.errors import DataError
from training.faces.dataset import from_gallery
from training.jobs.busy import try_while_busy
from training.jobs.enrolled import faces_as_pictures
from training.jobs.kinds import JobContext, register
from training.models import read_model, unless_deleted


class Experiment:
    """A `Kind`."""

    key = "experiment"
    settings = Recipe

    def epochs(self, settings: Recipe) -> int:
        return settings.training.epochs

    def clean_name(self, name: str, storage: Path) -> str:  # noqa: ARG002  # experiments may share a name
        return clean_name(name)

    def check(self, settings: Recipe, gallery: Gallery, storage: Path) -> None:
        """Raises DataError for fewer than two people to tell apart, TrainingError for an earlier experiment that is gone."""
        if isinstance(settings.network, ExperimentNetwork):
            read_experiment(storage, settings.network.experiment)
        if isinstance(settings.data.source, EnrolledFaces) and sum(person.photo_count > 0 for person in gallery.people()) < 2:
            raise DataError("Telling faces apart needs at least two people with photos. Enroll somebody else first.")

    def run(self, context: JobContext[Recipe]) -> str:
        """Read the pictures, train, keep the experiment."""
        gallery, storage, recipe, observer = context.gallery, context.storage, context.settings, context.observer
        photos = set(inherited_photos(recipe, gallery, storage))

        def enrolled() -> PictureSet:
            context.claim_photos()
            faces = from_gallery(gallery, lambda done, total: context.check_cancelled())
            # Those enrolled meanwhile may have been read too.
            context.claim_photos()
            photos.update(faces.photos)
            return faces_as_pictures(faces)

        observer.log("Reading the pictures.")
        split = load_split(recipe.data, recipe.split, storage, enrolled)
        observer.log(
            f"{len(split.train)} pictures to learn from, {len(split.validation)} to validate, {len(split.test)} to test."
        )
        outcome = run_experiment(recipe, split, storage, folder=context.checkpoints, observer=observer)
        context.keep_history(outcome.history)
        record = try_while_busy(
            lambda: keep_outcome(
                storage,
                recipe,
                split,
                outcome,
                name=context.name,
                photos=sorted(photos),
                gallery=gallery.identity() if photos else None,
                publish=partial(unless_deleted, gallery, photos),
            )
        )
        return record.id


def inherited_photos(recipe: Recipe, gallery: Gallery, storage: Path) -> tuple[str, ...]:
    """The gallery's photos that the network an experiment starts from has learned from."""
    match recipe.network:
        case ExperimentNetwork(experiment=experiment):
            record = read_experiment(storage, experiment)
            return record.photos if record.gallery == gallery.identity() else ()
        case TransferNetwork(backbone=backbone) if is_key(backbone):
            training = read_model(storage, backbone).training
            return tuple(training.photos) if training.gallery == gallery.identity() else ()
        case _:
            return ()


register(Experiment())
