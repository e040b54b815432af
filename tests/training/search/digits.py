"""A training of a tenth of a second to search over: a softmax classifier of handwritten digits.

With `hold` it waits in an epoch while there is a file `hold` in a folder, so that a test decides what happens when.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn

from training.course.experiments.recipe import PerceptronNetwork, Recipe, TrainingChoice
from training.errors import TrainingError
from training.loop.objective import Classification, measure
from training.loop.train import LoopSettings, Task, Validation, train
from training.search.settings import Budget, ExperimentBase, StudySettings
from training.search.space import RealRange, Space, Values
from training.search.subject import Report

EPOCHS = 9

RATE = Space(dimensions={"training.rate": RealRange(low=1e-3, high=1.0, log=True)})


def study_settings(**changes: object) -> StudySettings:
    """A search for the best rate in six trials of nine epochs, unless changed."""
    recipe = Recipe(network=PerceptronNetwork(), training=TrainingChoice(epochs=EPOCHS))
    plain = StudySettings(base=ExperimentBase(recipe=recipe), space=RATE, budget=Budget(trials=6))
    return StudySettings.model_validate(dict(plain) | changes)


class HalfSet:
    """Half of the digits in one batch, to learn from (0) or to validate by (1)."""

    def __init__(self, half: int) -> None:
        pictures, labels = load_digits(return_X_y=True)
        self.batch = torch.from_numpy(pictures[half::2]).float() / 16, torch.from_numpy(labels[half::2])

    def __len__(self) -> int:
        return 1

    def epoch(self, number: int) -> Iterator[tuple[Tensor, Tensor]]:
        yield self.batch


@dataclass(frozen=True)
class Digits:
    """A `Subject`.

    Attributes:
        hold: folder of the file `hold`.
        limit: rate above which it fails.
        data: see `Subject`.
    """

    hold: Path | None = None
    limit: float = 10.0
    data: str = "digits"

    def train(self, values: Values, report: Callable[[int, float], None], folder: Path) -> float:
        rate = float(values["training.rate"])
        if rate > self.limit:
            raise TrainingError("The loss is not a number any more.")

        def reported(epoch: int, quality: float) -> None:
            report(epoch, quality)
            while self.hold is not None and (self.hold / "hold").exists():
                time.sleep(0.02)

        torch.manual_seed(0)
        model, held_back = nn.Linear(64, 10), HalfSet(1)

        def validate() -> Validation:
            means = measure(model, Classification(), held_back.epoch(0))
            return Validation(means.metrics["accuracy"], means.loss, means.metrics)

        task = Task(model, Classification(), HalfSet(0), torch.optim.SGD(model.parameters(), rate), validate=validate)
        result = train(task, LoopSettings(epochs=EPOCHS), None, Report(reported, "validation_accuracy"))
        return max(record.metrics["validation_accuracy"] for record in result.history)
