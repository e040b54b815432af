"""Curves for TensorBoard, and several who listen to one training."""

from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from recognition.errors import CancelledError
from tests.training.made import record
from training.loop.observer import EpochRecord, NullObserver, Observers
from training.loop.tensorboard import TensorBoard


def test_a_resumed_training_adds_to_its_curves(tmp_path: Path) -> None:
    for epochs in ((1, 2), (3,)):
        with TensorBoard(tmp_path) as curves:
            for epoch in epochs:
                curves.epoch(record(epoch, loss=0.5**epoch))
    found = EventAccumulator(str(tmp_path)).Reload()
    assert [(event.step, event.value) for event in found.Scalars("loss/train")] == [(1, 0.5), (2, 0.25), (3, 0.125)]
    assert {"metrics/train_accuracy", "learning rate"} <= set(found.Tags()["scalars"])


def test_curves_that_can_t_be_written_end_no_training(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with TensorBoard(tmp_path / "file") as curves:
        curves.epoch(record(1))


def test_all_who_listen_hear_everything_in_order_and_any_of_them_may_stop_it() -> None:
    heard: list[object] = []

    class Ear(NullObserver):
        def __init__(self, name: str) -> None:
            self.name = name

        def log(self, text: str) -> None:
            heard.append((self.name, text))

        def step(self, done: int, total: int, seconds_left: float) -> None:
            heard.append((self.name, done))

        def epoch(self, record: EpochRecord) -> None:
            heard.append((self.name, record.epoch))
            raise CancelledError("enough")

    both = Observers(Ear("left"), Ear("right"))
    both.log("hello")
    both.step(1, 2, 3.0)
    with pytest.raises(CancelledError):
        both.epoch(record(1))
    assert heard == [("left", "hello"), ("right", "hello"), ("left", 1), ("right", 1), ("left", 1)]
