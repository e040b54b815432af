"""Erasing somebody where networks have learned from them: trainings, checkpoints and models forget too."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from recognition.errors import NotEnrolledError, RecognitionError
from recognition.services import Services
from recognition.settings import fixed_by, save_settings
from recognition.tasks import Report
from training.compression.store import delete_compression, list_compressions
from training.course.experiments.store import delete_experiment, list_experiments
from training.errors import TrainingError
from training.faces.settings import FitSettings
from training.jobs import board_of
from training.models import Compressed, TunedModel, is_default_name, list_models, network_before, of_this_gallery, remove_model

ERASE_TASK = "erase"
"""Name of the background task that erases for good."""

ModelChoice = Literal["retrain", "delete", "keep"]

CHOICES: dict[ModelChoice, str] = {
    "retrain": "Delete these networks, and train new ones with the same settings from the people who stay.",
    "delete": "Delete these networks: the app goes back to the network they were tuned from.",
    "keep": "Keep these networks: traces of the face stay in their numbers.",
}
"""What can become of the models that learned from somebody who is erased, the usual first."""


@dataclass(frozen=True)
class ErasureOutcome:
    """What an erasure did.

    Attributes:
        photos: how many were erased.
        models: names of the models that were deleted.
        trainings: ids of the trainings that were started, or wait for another to end.
        left: a sentence for each place where something may be left; empty when all is gone.
    """

    photos: int
    models: tuple[str, ...] = ()
    trainings: tuple[int, ...] = ()
    left: tuple[str, ...] = ()


def subscribe(app: Services) -> None:
    """Have trainings forget whoever is erased from this app's gallery."""
    app.erasure.subscribe("the trainings", lambda erased: board_of(app).erase_deleted_photos())
    app.erasure.subscribe("the experiments", lambda erased: _erase_experiments(app))
    app.erasure.subscribe("the compressions", lambda erased: _erase_compressions(app))


def finish_erasures(app: Services) -> None:
    """Do what a deletion left undone when its process ended: stop trainings that read deleted photos, remove their files.

    Raises:
        RecognitionError: something can't be removed.
    """
    board_of(app).erase_deleted_photos()
    _erase_experiments(app)
    _erase_compressions(app)


def _erase_experiments(app: Services) -> None:
    """Delete the experiments that learned from photos which are not in the gallery any more."""
    storage = app.settings.storage
    for record in list_experiments(storage):
        if _looked_at_deleted_photos(app, record.gallery, record.photos):
            delete_experiment(storage, record.id)


def _erase_compressions(app: Services) -> None:
    """The same for compressions. What was put to use is an experiment or a model, and goes with those."""
    storage = app.settings.storage
    for compression in list_compressions(storage):
        if _looked_at_deleted_photos(app, compression.gallery, compression.photos):
            delete_compression(storage, compression.id)


def _looked_at_deleted_photos(app: Services, gallery: str | None, photos: Collection[str]) -> bool:
    if gallery != app.gallery.identity():
        return False
    with app.gallery.hold_photos([int(photo) for photo in photos]) as complete:
        return not complete


def models_of_people(app: Services, person_ids: Collection[int]) -> list[TunedModel]:
    """The models that learned from the faces of some people, or were chosen by them."""
    return models_of_photos(app, [photo.id for person_id in person_ids for photo in app.gallery.photos(person_id)])


def models_of_photos(app: Services, photo_ids: Collection[int]) -> list[TunedModel]:
    """The models that learned from some photos, or were chosen by them."""
    photos = {str(photo_id) for photo_id in photo_ids}
    models = list_models(app.settings.storage)
    return [one for one in models if of_this_gallery(one, app.gallery) and not photos.isdisjoint(one.training.photos)]


def erase(app: Services, removal_id: int, report: Report = lambda fraction, text: None) -> ErasureOutcome:
    """Erase what was removed everywhere; then deal with the models that learned from it, as its `aftermath` says.

    If a model that has to go is in use, the app first goes back to the network that it was tuned from. With `retrain`, a
    training that was stopped because it learned from somebody erased is started anew too.

    Args:
        app: whose gallery.
        removal_id: what.
        report: hears how far it is. It may stop it once the faces are erased: the models that are left then stay.

    Raises:
        NotEnrolledError: it was undone or erased.
        StorageError, GalleryBusyError: the gallery can't be changed; nothing was.
    """
    removal = app.gallery.removal(removal_id)
    choice: ModelChoice = next((choice for choice in CHOICES if choice == removal.aftermath), "retrain")
    models, running = models_of_photos(app, removal.photo_ids), _trainings(app)
    subscribe(app)
    receipt = app.erasure.erase(removal_id)
    return _Aftermath(app, choice, report).settle(receipt.photos, receipt.left, models, running)


def erase_people(
    app: Services, person_ids: Collection[int], choice: ModelChoice, report: Report = lambda fraction, text: None
) -> ErasureOutcome:
    """Erase people at once, so that it can't be undone. Raises what `erase` does."""
    return erase(app, app.erasure.hide_people(person_ids, choice).id, report)


def erase_photos(
    app: Services, photo_ids: Collection[int], choice: ModelChoice, report: Report = lambda fraction, text: None
) -> ErasureOutcome:
    """Erase photos at once, so that it can't be undone. Raises what `erase` does, and GalleryError for somebody's last."""
    return erase(app, app.erasure.hide_photos(photo_ids, choice).id, report)


def start_due(app: Services) -> None:
    """Erase, in the background, what was removed so long ago that it can't be undone any more.

    Raises:
        StorageError, GalleryBusyError: the gallery can't be read.
    """
    if app.erasure.due():
        app.tasks.start(ERASE_TASK, lambda report: _erase_due(app, report))


def _erase_due(app: Services, report: Report) -> ErasureOutcome:
    outcomes = []
    for removal in app.erasure.due():
        # Undone in the last moment, or erased by another process.
        with suppress(NotEnrolledError):
            outcomes.append(erase(app, removal.id, report))
    return ErasureOutcome(
        sum(outcome.photos for outcome in outcomes),
        tuple(chain.from_iterable(outcome.models for outcome in outcomes)),
        tuple(chain.from_iterable(outcome.trainings for outcome in outcomes)),
        tuple(chain.from_iterable(outcome.left for outcome in outcomes)),
    )


@dataclass(frozen=True)
class _Wanted:
    """A training to be started."""

    settings: FitSettings
    name: str | None


class _Aftermath:
    """What remains to be done about models when the gallery and the trainings have forgotten."""

    def __init__(self, app: Services, choice: ModelChoice, report: Report) -> None:
        self._app = app
        self._board = board_of(app)
        self._choice = choice
        self._report = report
        self._left: list[str] = []

    def settle(
        self, photos: int, left: Collection[str], models: list[TunedModel], before: dict[int, _Wanted]
    ) -> ErasureOutcome:
        self._left += left
        gone = [model for model in models if self._choice != "keep" and self._delete(model)]
        trainings = self._retrain(gone, before) if self._choice == "retrain" else []
        return ErasureOutcome(photos, tuple(model.manifest.name for model in gone), tuple(trainings), tuple(self._left))

    def _delete(self, model: TunedModel) -> bool:
        app, key = self._app, model.manifest.key
        try:
            if key == app.settings.network:
                self._put_out_of_use(model)
            remove_model(app.gallery, app.settings.storage, key, app.settings.network)
        except RecognitionError as error:
            self._left.append(f"The network {model.manifest.name} is still there: {error}")
            return False
        for job in self._board.list():
            if job.model == key:
                self._board.delete(job.id)
        return True

    def _put_out_of_use(self, model: TunedModel) -> None:
        if fixed := fixed_by("network"):
            raise TrainingError(f"It is in use, set by {fixed}. Change it there, then delete the network on the Train page.")
        key = network_before(self._app.settings.storage, model.manifest.key)
        self._app.switch_network(key, self._report)
        save_settings(network=key)

    def _retrain(self, gone: list[TunedModel], before: dict[int, _Wanted]) -> list[int]:
        """Start what the deleted models and the stopped trainings were; one training for those with the same settings."""
        there = {job.id for job in self._board.list()}
        wanted = [training for job_id, training in before.items() if job_id not in there]
        roots = {model.manifest.key: model.manifest.parent for model in gone}
        for model in gone:
            settings, name = model.training.settings, model.manifest.name
            if isinstance(settings, Compressed):
                # What it was made from is trained anew; whether that is to be compressed again is a person's choice.
                continue
            # What was tuned from a network that is gone too starts from that one's own.
            settings = settings.model_copy(update={"network": roots.get(settings.network, settings.network)})
            wanted.append(_Wanted(settings, None if is_default_name(name) else name))
        started: dict[FitSettings, int] = {}
        for training in wanted:
            if training.settings not in started:
                try:
                    started[training.settings] = self._board.enqueue(training.settings, training.name)
                except RecognitionError as error:
                    self._left.append(f"No new training was started: {error}")
        return list(started.values())


def _trainings(app: Services) -> dict[int, _Wanted]:
    """The trainings on faces that are running or waiting, by id."""
    return {
        job.id: _Wanted(job.settings, job.name)
        for job in board_of(app).list(FitSettings)
        if not job.ended and isinstance(job.settings, FitSettings)
    }
