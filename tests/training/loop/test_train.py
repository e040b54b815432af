"""The loop on its own: a softmax classifier of handwritten digits, which has nothing to do with faces."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isnan
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_digits
from torch import Tensor, nn

from recognition.errors import CancelledError
from training.errors import CheckpointError, TrainingError
from training.loop.checkpoint import read
from training.loop.objective import BatchResult, Classification, Objective, measure
from training.loop.observer import EpochRecord, NullObserver
from training.loop.schedule import LAST_SHARE, warmup_cosine
from training.loop.train import Checkpoints, LoopResult, LoopSettings, Task, Validation, train

Batch = tuple[Tensor, Tensor]

EPOCHS = 6


@dataclass(frozen=True)
class Shuffled:
    """Digits in a new order every epoch."""

    inputs: Tensor
    labels: Tensor
    size: int = 64

    def __len__(self) -> int:
        return -(-len(self.labels) // self.size)

    def epoch(self, number: int) -> Iterator[Batch]:
        for rows in torch.randperm(len(self.labels)).split(self.size):
            yield self.inputs[rows], self.labels[rows]


class Recorder(NullObserver):
    """Remembers what is reported, and can stop the training after some epochs or steps."""

    def __init__(self, stop_after: int | None = None, stop_at_step: int | None = None) -> None:
        self.records: list[EpochRecord] = []
        self.steps: list[tuple[int, int, float]] = []
        self.lines: list[str] = []
        self.stop_after, self.stop_at_step = stop_after, stop_at_step

    def log(self, text: str) -> None:
        self.lines.append(text)

    def step(self, done: int, total: int, seconds_left: float) -> None:
        self.steps.append((done, total, seconds_left))
        if done == self.stop_at_step:
            raise CancelledError("stopped")

    def epoch(self, record: EpochRecord) -> None:
        self.records.append(record)
        if len(self.records) == self.stop_after:
            raise CancelledError("stopped")


class Head(Objective[Batch]):
    """A classifier in the objective: its parameters belong to the training as well."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = nn.Linear(32, 10)
        self.softmax = Classification()

    def forward(self, model: nn.Module, batch: Batch) -> BatchResult:
        result: BatchResult = self.softmax(nn.Sequential(model, self.dense), batch)
        return result


@pytest.fixture(scope="module")
def digits() -> tuple[Shuffled, Batch]:
    """Scikit-learn's 8×8 digits: two thirds to learn from, one third to validate."""
    found = load_digits()
    inputs = torch.from_numpy(found.data).float() / 16 - 0.5
    labels = torch.from_numpy(found.target).long()
    return Shuffled(inputs[600:], labels[600:]), (inputs[:600], labels[:600])


def task(digits: tuple[Shuffled, Batch], epochs: int = EPOCHS, rate: float = 0.05) -> Task[Batch]:
    """A small network with dropout, and its head in the objective."""
    train_on, held_back = digits
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.1))
    head = Head()
    optimizer = torch.optim.AdamW(
        [{"params": list(model.parameters())}, {"params": list(head.parameters()), "lr": 0.01}], lr=rate
    )

    def validate() -> Validation:
        found = measure(model, head, [held_back])
        return Validation(found.metrics["accuracy"], found.loss, found.metrics)

    return Task(model, head, train_on, optimizer, warmup_cosine(optimizer, epochs * len(train_on), 0.1), validate)


def curve(result: LoopResult) -> list[tuple[object, ...]]:
    return [(one.train_loss, one.validation_loss, one.metrics, one.learning_rate) for one in result.history]


def test_a_softmax_classifier_learns_digits(digits: tuple[Shuffled, Batch]) -> None:
    recorder = Recorder()
    made = task(digits)
    result = train(made, LoopSettings(EPOCHS, clip_norm=1.0), observer=recorder)
    assert result.history[-1].metrics["validation_accuracy"] > 0.9
    assert result.history[-1].train_loss < result.history[0].train_loss
    assert result.history[-1].learning_rate == pytest.approx(0.05 * LAST_SHARE, rel=0.01)
    assert recorder.records == result.history
    assert recorder.steps[-1] == (EPOCHS * len(made.batches), EPOCHS * len(made.batches), 0.0)
    assert not made.model.training


def test_the_model_ends_with_the_weights_of_its_best_epoch(digits: tuple[Shuffled, Batch]) -> None:
    qualities = iter([0.2, 0.9, 0.4])
    kept: list[Tensor] = []
    made = task(digits)

    def validate() -> Validation:
        kept.append(made.model[0].weight.detach().clone())  # type: ignore[index, union-attr, operator]
        return Validation(next(qualities))

    scripted = Task(made.model, made.objective, made.batches, made.optimizer, made.scheduler, validate)
    result = train(scripted, LoopSettings(3))
    assert result.best_epoch == 2
    assert torch.equal(made.model[0].weight, kept[1])  # type: ignore[index, arg-type]
    assert not torch.equal(made.model[0].weight, kept[2])  # type: ignore[index, arg-type]


def test_a_resumed_training_equals_one_that_was_not_interrupted(digits: tuple[Shuffled, Batch], tmp_path: Path) -> None:
    whole = task(digits)
    expected = train(whole, LoopSettings(EPOCHS, clip_norm=1.0))
    place = Checkpoints(tmp_path, {"seed": 0}, resume=True)
    with pytest.raises(CancelledError):
        train(task(digits), LoopSettings(EPOCHS, clip_norm=1.0), place, Recorder(stop_after=2))
    # In the middle of an epoch: what the epoch before saved is kept.
    with pytest.raises(CancelledError):
        train(task(digits), LoopSettings(EPOCHS, clip_norm=1.0), place, Recorder(stop_at_step=4 * len(whole.batches) + 3))
    resumed, recorder = task(digits), Recorder()
    found = train(resumed, LoopSettings(EPOCHS, clip_norm=1.0), place, recorder)
    assert [record.epoch for record in recorder.records] == [5, 6]
    assert recorder.lines == ["Going on after epoch 4."]
    assert found.seconds_before > 0
    assert curve(found) == curve(expected)
    for one, other in ((resumed.model, whole.model), (resumed.objective, whole.objective)):
        for name, value in one.state_dict().items():
            assert torch.equal(value, other.state_dict()[name])


def test_a_finished_training_is_resumed_without_another_step(digits: tuple[Shuffled, Batch], tmp_path: Path) -> None:
    place = Checkpoints(tmp_path, {}, resume=True)
    first, again = task(digits, 1), task(digits, 1)
    train(first, LoopSettings(1), place)
    recorder = Recorder()
    train(again, LoopSettings(1), place, recorder)
    assert not recorder.steps
    assert torch.equal(again.model[0].weight, first.model[0].weight)  # type: ignore[index, arg-type]


def test_the_checkpoint_of_another_training_is_refused(digits: tuple[Shuffled, Batch], tmp_path: Path) -> None:
    train(task(digits, 1), LoopSettings(1), Checkpoints(tmp_path, {"rate": 0.05}))
    with pytest.raises(CheckpointError, match="other settings or other data"):
        train(task(digits, 1), LoopSettings(1), Checkpoints(tmp_path, {"rate": 0.06}, resume=True))
    other = task(digits, 1)
    changed = Task(nn.Linear(64, 32), other.objective, other.batches, other.optimizer, other.scheduler)
    with pytest.raises(CheckpointError, match="another network"):
        train(changed, LoopSettings(1), Checkpoints(tmp_path, {"rate": 0.05}, resume=True))


def test_without_resume_a_training_begins_anew(digits: tuple[Shuffled, Batch], tmp_path: Path) -> None:
    train(task(digits, 1), LoopSettings(1), Checkpoints(tmp_path, {"seed": 1}))
    recorder = Recorder()
    train(task(digits, 1), LoopSettings(1), Checkpoints(tmp_path, {"seed": 2}), recorder)
    assert [record.epoch for record in recorder.records] == [1]
    found = read(tmp_path)
    assert found is not None and found[0].context == {"seed": 2}


def test_it_stops_when_nothing_is_gained_any_more(digits: tuple[Shuffled, Batch]) -> None:
    qualities = iter([0.5, 0.6, 0.6, 0.55, 0.9])
    made = task(digits)
    still = Task(made.model, made.objective, made.batches, made.optimizer, made.scheduler, lambda: Validation(next(qualities)))
    recorder = Recorder()
    result = train(still, LoopSettings(EPOCHS, patience=2), observer=recorder)
    assert (len(result.history), result.best_epoch) == (4, 2)
    assert recorder.lines == ["Stopped early: no progress since epoch 2."]


def test_it_stops_at_its_target(digits: tuple[Shuffled, Batch]) -> None:
    result = train(task(digits), LoopSettings(EPOCHS, target=0.3))
    assert len(result.history) < EPOCHS


def test_without_validation_the_last_epoch_is_the_best(digits: tuple[Shuffled, Batch]) -> None:
    made = task(digits, 2)
    result = train(Task(made.model, made.objective, made.batches, made.optimizer, made.scheduler), LoopSettings(2, patience=1))
    assert (len(result.history), result.best_epoch) == (2, 2)
    assert isnan(result.history[0].validation_loss)


def test_a_loss_that_runs_away_ends_the_training(digits: tuple[Shuffled, Batch]) -> None:
    made = task(digits)
    ruined = Shuffled(torch.full_like(made.batches.inputs, torch.inf), made.batches.labels)  # type: ignore[attr-defined]
    with pytest.raises(TrainingError, match="not a number any more"):
        train(Task(made.model, made.objective, ruined, made.optimizer, made.scheduler), LoopSettings(1))
    assert not made.model.training


def test_training_leaves_the_random_numbers_of_others_alone(digits: tuple[Shuffled, Batch]) -> None:
    made = task(digits, 1)
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    train(made, LoopSettings(1))
    assert torch.rand(1) == expected


def test_the_norm_of_a_gradient_is_clipped(digits: tuple[Shuffled, Batch]) -> None:
    made = task(digits, 1)
    train(made, LoopSettings(1, clip_norm=1e-3))
    gradients = [parameter.grad for group in made.optimizer.param_groups for parameter in group["params"]]
    assert torch.stack([gradient.norm() for gradient in gradients]).norm() <= 1e-3 * 1.001


def test_mixed_precision_learns_too(digits: tuple[Shuffled, Batch]) -> None:
    result = train(task(digits), LoopSettings(EPOCHS, precision="bfloat16"))
    assert result.history[-1].metrics["validation_accuracy"] > 0.9


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_half_precision_on_a_gpu_learns_and_resumes(digits: tuple[Shuffled, Batch], tmp_path: Path) -> None:
    where = torch.device("cuda")
    moved = Shuffled(digits[0].inputs.to(where), digits[0].labels.to(where)), (digits[1][0].to(where), digits[1][1].to(where))

    def on_gpu() -> Task[Batch]:
        made = task(moved)
        made.model.to(where)
        made.objective.to(where)
        return made

    settings = LoopSettings(EPOCHS, clip_norm=1.0, precision="float16")
    place = Checkpoints(tmp_path, {}, resume=True)
    with pytest.raises(CancelledError):
        train(on_gpu(), settings, place, Recorder(stop_after=3))
    found = read(tmp_path)
    assert found is not None and found[0].scaler["scale"] > 0
    result = train(on_gpu(), settings, place)
    assert len(result.history) == EPOCHS
    assert result.history[-1].metrics["validation_accuracy"] > 0.9


@given(steps=st.integers(1, 500), warmup=st.floats(0, 0.99))
def test_a_rate_rises_to_its_peak_and_falls_to_a_hundredth(steps: int, warmup: float) -> None:
    optimizer = torch.optim.SGD([{"params": [nn.Parameter(torch.zeros(1))]}], lr=2.0)
    schedule = warmup_cosine(optimizer, steps, warmup)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    peak = rates.index(max(rates))
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)
    assert max(rates) <= 2.0
    assert optimizer.param_groups[0]["lr"] >= 2.0 * LAST_SHARE - 1e-9
