"""Fine-tuning itself, small but real."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from recognition.alignment import CROP_SIZE
from recognition.errors import CancelledError
from recognition.networks import Network
from tests.training.conftest import SMALL
from training.errors import CheckpointError, DataError, TrainingError
from training.faces.dataset import FaceSet
from training.faces.fine_tuning import fit
from training.faces.heads import MarginHead
from training.faces.result import Trained
from training.faces.settings import FitSettings
from training.loop.observer import EpochRecord, NullObserver


class Recorder(NullObserver):
    """Remembers what it hears, and can stop after some epochs."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.records: list[EpochRecord] = []
        self.steps: list[tuple[int, int, float]] = []
        self.stop_after = stop_after

    def step(self, done: int, total: int, seconds_left: float) -> None:
        self.steps.append((done, total, seconds_left))

    def epoch(self, record: EpochRecord) -> None:
        self.records.append(record)
        if len(self.records) == self.stop_after:
            raise CancelledError("stopped")


def chosen(faces: FaceSet, rows: NDArray[np.int64]) -> FaceSet:
    photos = tuple(faces.photos[row] for row in rows)
    return FaceSet(faces.crops[rows], faces.labels[rows], faces.people, faces.names, photos)


def same_curve(first: list[EpochRecord], second: list[EpochRecord]) -> bool:
    return [(one.train_loss, one.validation_loss) for one in first] == [(one.train_loss, one.validation_loss) for one in second]


@pytest.fixture(scope="module")
def trained(faces: FaceSet, network: Network, tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return fit(faces, SMALL, network, tmp_path_factory.mktemp("whole"))


def test_a_training_ends_with_a_network_its_metrics_and_its_history(trained: Trained, faces: FaceSet, network: Network) -> None:
    assert len(trained.history) == 2
    assert trained.history[0].metrics.keys() == {"train_accuracy", "validation_quality", "validation_rank1", "validation_tpir"}
    # What the page calls the best so far is what is kept in the end.
    best = max(trained.history, key=lambda record: (record.metrics["validation_quality"], -record.epoch))
    assert trained.report.best_epoch == best.epoch
    assert trained.fingerprint == faces.fingerprint
    assert trained.report.test is not None
    assert {guess.photo for guess in trained.report.guesses} <= set(trained.split.test)
    assert len(trained.report.guesses) == trained.report.test.probes
    assert len(trained.report.map.tuned) == len(faces)
    assert -1 < trained.calibration.threshold < 1
    assert trained.module.state_dict().keys() == network.module.state_dict().keys()
    assert any(
        not torch.equal(own, other) for own, other in zip(trained.module.parameters(), network.module.parameters(), strict=True)
    )


def test_the_same_seed_gives_the_same_curve_and_resuming_continues_it(
    trained: Trained, faces: FaceSet, network: Network, tmp_path: Path
) -> None:
    with pytest.raises(CancelledError):
        fit(faces, SMALL, network, tmp_path, Recorder(stop_after=1))
    listener = Recorder()
    resumed = fit(faces, SMALL, network, tmp_path, listener, resume=True)
    assert [record.epoch for record in listener.records] == [2]
    assert same_curve(resumed.history, trained.history)
    assert listener.steps[-1][:2] == (4, 4)
    for own, other in zip(resumed.module.parameters(), trained.module.parameters(), strict=True):
        assert torch.equal(own, other)


def test_a_checkpoint_of_another_training_is_refused(faces: FaceSet, network: Network, tmp_path: Path) -> None:
    with pytest.raises(CancelledError):
        fit(faces, SMALL, network, tmp_path, Recorder(stop_after=1))
    with pytest.raises(CheckpointError, match="other settings"):
        fit(faces, SMALL.model_copy(update={"learning_rate": 1e-4}), network, tmp_path, resume=True)


def test_photos_deleted_meanwhile_stop_a_resumed_training(faces: FaceSet, network: Network, tmp_path: Path) -> None:
    with pytest.raises(CancelledError):
        fit(faces, SMALL, network, tmp_path, Recorder(stop_after=1))
    fewer = FaceSet(faces.crops[1:], faces.labels[1:], faces.people, faces.names, faces.photos[1:])
    with pytest.raises(DataError, match="gone"):
        fit(fewer, SMALL, network, tmp_path, resume=True)


def test_only_the_head_leaves_the_network_as_it_is(faces: FaceSet, network: Network, tmp_path: Path) -> None:
    settings = SMALL.model_copy(update={"scope": "head", "epochs": 1})
    trained = fit(faces, settings, network, tmp_path)
    for own, other in zip(trained.module.parameters(), network.module.parameters(), strict=True):
        assert torch.equal(own, other)
    assert not trained.report.recommended


def test_a_network_from_scratch_is_never_recommended(faces: FaceSet, network: Network, tmp_path: Path) -> None:
    settings = SMALL.model_copy(update={"scope": "scratch", "epochs": 1, "learning_rate": 1e-3})
    trained = fit(faces, settings, network, tmp_path)
    assert not trained.report.recommended
    assert trained.module.state_dict().keys() == network.module.state_dict().keys()


def test_strangers_are_used_where_there_are_any(faces: FaceSet, network: Network, tmp_path: Path) -> None:
    strangers = np.random.default_rng(0).integers(0, 255, (3, CROP_SIZE, CROP_SIZE, 3), dtype=np.uint8)
    trained = fit(faces, SMALL.model_copy(update={"epochs": 1}), network, tmp_path, strangers=strangers)
    assert trained.split.held_out == ()
    assert trained.report.validation.strangers == 3


def test_a_loss_that_runs_away_is_told(
    faces: FaceSet, network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nan(self: MarginHead, embeddings: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return embeddings.sum() * float("nan")

    monkeypatch.setattr(MarginHead, "forward", nan)
    with pytest.raises(TrainingError, match="not a number any more"):
        fit(faces, SMALL, network, tmp_path)


@pytest.mark.parametrize(("photos", "sentence"), [([0, 1, 2], "at least two people"), ([0, 5], "Nobody has two photos")])
def test_too_little_to_learn_from_is_told(
    faces: FaceSet, network: Network, tmp_path: Path, photos: list[int], sentence: str
) -> None:
    rows = np.array(photos)
    few = chosen(faces, rows)
    with pytest.raises(DataError, match=sentence):
        fit(few, SMALL, network, tmp_path)


def test_two_people_with_two_photos_can_be_trained_on(faces: FaceSet, network: Network, tmp_path: Path) -> None:
    rows = np.array([0, 1, 5, 6])
    few = chosen(faces, rows)
    trained = fit(few, SMALL.model_copy(update={"epochs": 1}), network, tmp_path)
    assert trained.split.held_out == ()
    assert trained.report.test is None


def test_settings_out_of_bounds_are_refused() -> None:
    with pytest.raises(ValueError, match="learning_rate"):
        FitSettings(learning_rate=0)
