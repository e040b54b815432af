"""An experiment in a process of its own."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from recognition.errors import InvalidNameError
from recognition.gallery import Gallery
from recognition.networks import Network
from recognition.services import Services
from recognition.settings import load_settings
from tests.recognition.gallery.photos import photo
from tests.training.course.conftest import RECIPE
from tests.waiting import TRAINING_SECONDS, wait_until
from training.course.data.choice import DataChoice, EnrolledFaces
from training.course.data.pictures import SplitSettings
from training.course.experiments.recipe import ExperimentNetwork, Recipe, StackNetwork, TrainingChoice
from training.course.experiments.store import list_experiments, load_classifier, read_experiment
from training.course.presets import PRESETS
from training.erasure import erase_people
from training.errors import DataError, TrainingError
from training.faces.augmentation import Augmentation, draws
from training.jobs import JobBoard, board_of

until = partial(wait_until, seconds=TRAINING_SECONDS)

FACES = Recipe(
    data=DataChoice(source=EnrolledFaces(), side=32),
    split=SplitSettings(validation=0.3, test=0.3),
    network=StackNetwork(stack=PRESETS["softmax-regression"].stack),
    training=TrainingChoice(epochs=2, batch=4),
)


def test_an_experiment_runs_and_is_kept_under_its_name(gallery: Gallery, storage: Path) -> None:
    board = JobBoard(gallery, storage)
    job_id = board.start(RECIPE, "My digits")
    until(lambda: board.get(job_id).ended)
    job = board.get(job_id)
    assert job.status == "done", job.error
    assert job.model is not None
    record = read_experiment(storage, job.model)
    assert record.name == "My digits"
    assert record.recipe == RECIPE
    assert record.test_accuracy > 0.6
    assert len(board.epochs(job_id)) == len(record.history) == RECIPE.training.epochs
    assert load_classifier(storage, record.id).classes == tuple("0123456789")


def test_what_can_not_become_an_experiment_is_refused_at_once(gallery: Gallery, storage: Path) -> None:
    board = JobBoard(gallery, storage)
    with pytest.raises(DataError, match="two people"):
        board.start(FACES)
    with pytest.raises(TrainingError, match="may have been deleted"):
        board.start(RECIPE.model_copy(update={"network": ExperimentNetwork(experiment="0" * 12)}))
    with pytest.raises(InvalidNameError):
        board.start(RECIPE, " ")
    assert board.list() == []


def test_an_experiment_on_enrolled_faces_goes_with_the_face(
    tmp_path: Path, network: Network, collins_crop: NDArray[np.uint8], hopper_crop: NDArray[np.uint8]
) -> None:
    app = Services(load_settings(storage=tmp_path / "storage"))
    light = Augmentation(strength="strong", parts=frozenset({"rotation", "shift", "zoom", "colour", "mirror"}))
    people = []
    for name, face in (("Eileen", collins_crop), ("Grace", hopper_crop)):
        crops = draws(face, light, 8, 0)
        vectors = network.embed(crops)
        photos = [
            photo(0, picture=crop, crop=crop, templates={network.spec.key: vector})
            for crop, vector in zip(crops, vectors, strict=True)
        ]
        people.append(app.gallery.enroll(name, photos, consented=True).person.id)
    board = board_of(app)
    job_id = board.start(FACES)
    until(lambda: board.get(job_id).ended)
    (record,) = list_experiments(app.settings.storage)
    assert record.classes == ("Eileen", "Grace")
    assert len(record.photos) == 16
    # One that goes on from it has learned from the same photos.
    again = board.start(FACES.model_copy(update={"data": DataChoice(), "network": ExperimentNetwork(experiment=record.id)}))
    until(lambda: board.get(again).ended)
    erase_people(app, [people[0]], "delete")
    assert list_experiments(app.settings.storage) == []
    app.gallery.close()
