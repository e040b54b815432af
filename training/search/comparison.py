"""Random search against Hyperband at the same budget: epochs of training in total, the same seeds, the same data."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from training.course.data.choice import DataChoice
from training.course.data.pictures import Split, SplitSettings
from training.course.experiments.recipe import Recipe, StackNetwork, TrainingChoice
from training.course.experiments.training import run_experiment
from training.course.presets import PRESETS
from training.errors import SearchError
from training.search.experiments import COMPARABLE, ExperimentSubject, with_values
from training.search.ledger import Ledger
from training.search.settings import Budget, ExperimentBase, Rule, Stopping, StudySettings
from training.search.space import Choice, RealRange, Space
from training.search.study import create_study, study_folder
from training.search.trials import best_of
from training.search.worker import work

METHODS: Final[dict[str, Rule]] = {"random search": "none", "Hyperband": "hyperband"}
"""Both propose at random, the same settings in the same order; they differ in how long they train them."""

SPACE = Space(
    dimensions={
        "training.rate": RealRange(low=5e-5, high=5.0, log=True),
        "training.batch": Choice(values=(16, 32, 64, 128)),
        "training.optimiser": Choice(values=("momentum", "adam")),
        "training.weight_decay": RealRange(low=1e-6, high=1e-2, log=True),
        "dropout": RealRange(low=0.0, high=0.7),
    }
)
"""What both search: rates as far apart as in Li et al. (2018), of which most are too small or too large."""


@dataclass(frozen=True)
class Compared:
    """What one method found with one seed.

    Attributes:
        configurations: that were tried.
        epochs: that all of them were trained for together.
        validation_accuracy: of the best, which the search went by, 0 to 1.
        test_accuracy: of a network trained anew with the best settings, which no search ever saw, 0 to 1.
        seconds: that the trials took.
    """

    method: str
    seed: int
    configurations: int
    epochs: int
    validation_accuracy: float
    test_accuracy: float
    seconds: float


def small_recipe(data: DataChoice, epochs: int) -> Recipe:
    """Two convolutions of half the usual width, trained in seconds; a third of the pictures judges them, because a search goes
    by small differences."""
    stack = StackNetwork(stack=PRESETS["two-convolutions"].stack, preset="two-convolutions")
    training = TrainingChoice(epochs=epochs, schedule=COMPARABLE)
    recipe = Recipe(data=data, split=SplitSettings(validation=0.33), network=stack, training=training)
    return with_values(recipe, {"filters": 0.5, "units": 0.5})


def compare(
    recipe: Recipe,
    split: Split,
    storage: Path,
    *,
    epochs: int,
    seeds: Sequence[int],
) -> Iterator[Compared]:
    """Search with every method and seed, one after the other in this process.

    Args:
        recipe: with the settings that aren't searched, and the epochs of a whole training.
        split: its pictures.
        storage: where pretrained networks are; nothing is kept there.
        epochs: of each search in total.
        seeds: of the proposals and of the trainings.

    Raises:
        SearchError: no trial of a search came to its end.
        TrainingError: as `run_experiment`.
    """
    for seed in seeds:
        seeded = recipe.model_copy(update={"training": recipe.training.model_copy(update={"seed": seed})})
        for method, rule in METHODS.items():
            settings = StudySettings(
                base=ExperimentBase(recipe=seeded),
                space=SPACE,
                stopping=Stopping(rule=rule),
                budget=Budget(epochs=epochs),
                seed=seed,
            )
            with tempfile.TemporaryDirectory() as folder:
                study = create_study(Path(folder), method, settings)
                ledger = Ledger(study_folder(Path(folder), study.id), settings)
                work(ledger, ExperimentSubject.of(seeded, split, storage), Path(folder) / "work")
                trials = ledger.trials()
            best = best_of(trials)
            if best is None or best.result is None:
                raise SearchError(f"No trial came to its end in {epochs} epochs. Allow more.")
            outcome = run_experiment(with_values(seeded, best.values), split, storage)
            yield Compared(
                method=method,
                seed=seed,
                configurations=len(trials),
                epochs=sum(trial.epochs for trial in trials),
                validation_accuracy=best.result,
                test_accuracy=outcome.test_accuracy,
                seconds=sum(trial.seconds for trial in trials),
            )
