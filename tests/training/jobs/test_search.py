"""A study as a job. Its real process is in the test of the command."""

from pathlib import Path

import pytest

from recognition.errors import CancelledError
from recognition.gallery import Gallery
from tests.recognition.gallery.photos import photo
from training.course.experiments.recipe import ExperimentNetwork, PerceptronNetwork, Recipe, TrainingChoice
from training.errors import DataError, SearchError, TrainingError
from training.faces.settings import FitSettings
from training.jobs import JobBoard
from training.jobs.kinds import JobContext
from training.jobs.search import RunStudy, Search
from training.loop.observer import NullObserver
from training.search.settings import Base, Budget, ExperimentBase, FacesBase, StudySettings
from training.search.space import Choice, RealRange, Space
from training.search.study import Study, create_study, study_folder

ONE_EPOCH = ExperimentBase(recipe=Recipe(network=PerceptronNetwork(), training=TrainingChoice(epochs=1)))


@pytest.fixture
def board(gallery: Gallery, storage: Path) -> JobBoard:
    return JobBoard(gallery, storage)


def made(storage: Path, base: Base, **dimensions: Choice | RealRange) -> Study:
    settings = StudySettings(base=base, space=Space(dimensions=dict(dimensions)), budget=Budget(trials=2))
    return create_study(storage, "A study", settings)


class Stop(NullObserver):
    """Stops at the first look at the trials."""

    def step(self, done: int, total: int, seconds_left: float) -> None:
        raise CancelledError("stopped")


def test_a_study_of_faces_claims_the_photos_and_keeps_numbers_only(storage: Path, gallery: Gallery) -> None:
    gallery.enroll("Eileen", [photo(1), photo(2)], consented=True)
    gallery.enroll("Grace", [photo(3), photo(4)], consented=True)
    study = made(storage, FacesBase(settings=FitSettings(epochs=1)), whitening_floor=RealRange(low=1, high=4))
    claims: list[str] = []
    context = JobContext(
        gallery=gallery,
        storage=storage,
        settings=RunStudy(study=study.id),
        name=None,
        checkpoints=storage / "work",
        observer=Stop(),
        check_cancelled=lambda: claims.append("read"),
        claim_photos=lambda: claims.append("claim"),
        keep_history=lambda records: None,
    )
    with pytest.raises(CancelledError):
        Search().run(context)
    assert claims[0] == claims[-1] == "claim" and "read" in claims, "before photos are read, and again after"
    assert not (storage / "work").exists()
    kept = {path.name: path.read_bytes() for path in study_folder(storage, study.id).iterdir()}
    assert set(kept) == {"study.json", "trials.db", "running.lock", "turn.lock"}
    assert not any(b"Eileen" in content for content in kept.values())


def test_what_can_t_be_searched_is_refused_before_it_starts(board: JobBoard, storage: Path) -> None:
    with pytest.raises(SearchError, match="not there"):
        board.start(RunStudy(study="0" * 12))
    with pytest.raises(DataError, match="two people"):
        board.start(RunStudy(study=made(storage, FacesBase(settings=FitSettings()), head_rate=RealRange(low=1, high=1)).id))
    gone = ExperimentBase(recipe=Recipe(network=ExperimentNetwork(experiment="0" * 12)))
    study = create_study(
        storage, "Another", StudySettings(base=gone, space=Space(dimensions={"training.rate": RealRange(low=1, high=1)}))
    )
    with pytest.raises(TrainingError, match="not here"):
        board.start(RunStudy(study=study.id))
