"""The course's experiments, run one after the other."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np

from training.course.data.choice import Source, Stored
from training.course.data.library import list_data_sets
from training.course.data.loading import load_split
from training.course.data.pictures import Split
from training.course.experiments.keeping import keep_outcome
from training.course.experiments.recipe import ExperimentNetwork, Recipe
from training.course.experiments.record import Record
from training.course.experiments.training import run_experiment
from training.course.results.experiments import COURSE, CourseExperiment, Data
from training.errors import DataError
from training.loop.observer import NullObserver, Observer


@dataclass(frozen=True)
class CourseResult:
    """What an experiment of the course gave, the mean of its runs.

    Attributes:
        experiment: its key.
        parameters: weights and biases.
        train_accuracy, test_accuracy: 0 to 1.
        seconds: of one training.
        ids: of the experiments kept.
    """

    experiment: str
    parameters: int
    train_accuracy: float
    test_accuracy: float
    seconds: float
    ids: tuple[str, ...]


def result_of(experiment: str, records: Collection[Record]) -> CourseResult:
    """The mean of an experiment's runs, at least one."""
    return CourseResult(
        experiment=experiment,
        parameters=next(iter(records)).parameters,
        train_accuracy=float(np.mean([record.train_accuracy for record in records])),
        test_accuracy=float(np.mean([record.test_accuracy for record in records])),
        seconds=float(np.mean([record.seconds for record in records])),
        ids=tuple(record.id for record in records),
    )


def results_there(kept: Collection[Record]) -> dict[str, CourseResult]:
    """The course's experiments whose runs are all in the store, by key; the newest where there are several."""
    found = {}
    for key, experiment in COURSE.items():
        runs = {record.recipe.training.seed: record for record in reversed(list(kept)) if _is_of(record, experiment)}
        if len(runs) == experiment.seeds:
            found[key] = result_of(key, [runs[seed] for seed in sorted(runs)])
    return found


def _is_of(record: Record, experiment: CourseExperiment) -> bool:
    """Whether an experiment was made by a recipe of the course, wherever its pictures came from."""
    network = record.recipe.network
    before = network.experiment if isinstance(network, ExperimentNetwork) else None
    if (before is None) is not (experiment.before is None) or record.made_by != "trained":
        return False
    like = experiment.recipe(record.recipe.data.source, record.recipe.training.seed, before)
    return record.recipe == like and _named(record.data) == experiment.data


def stored_sources(storage: Path) -> dict[Data, Source]:
    """The course's data sets that are in the storage folder, imported or downloaded under their usual titles."""
    kept = {_named(data_set.title): data_set.key for data_set in list_data_sets(storage)}
    return {name: Stored(key=kept[name]) for name in get_args(Data) if name in kept}


def _named(title: str) -> str:
    """`CIFAR-10` as `cifar10`."""
    return title.casefold().replace("-", "")


def check_known(names: Collection[str]) -> None:
    """Raises DataError for a name that is no experiment of the course; says which there are."""
    if unknown := [name for name in names if name not in COURSE]:
        listed = ", ".join(key for key, experiment in COURSE.items() if experiment.listed)
        raise DataError(f"The course has no experiment {', '.join(unknown)}. It has: {listed}.")


class Course:
    """Runs experiments of the course and keeps them in the store.

    Args:
        sources: where the pictures of each data set are.
        storage: the storage folder.
        observer: follows the training that is going on; each begins at step 0 again.
        kept: experiments of earlier runs that need not be run again.
    """

    def __init__(
        self,
        sources: Mapping[Data, Source],
        storage: Path,
        observer: Observer = NullObserver(),  # noqa: B008  # it has no state
        kept: Collection[Record] = (),
    ) -> None:
        self._sources = sources
        self._storage = storage
        self._observer = observer
        self._kept = list(kept)
        self._read: tuple[Recipe, Split] | None = None

    def run(self, names: Collection[str]) -> Iterator[CourseResult]:
        """Run some experiments, in the order of the course; each result comes when it is there.

        Raises:
            DataError: there is no such experiment, or no pictures for one.
            RecognitionError: as `run_experiment` and `keep_outcome`.
        """
        check_known(names)
        wanted = [COURSE[key] for key in COURSE if key in names]
        for experiment in wanted:
            self._source(experiment)
        for experiment in wanted:
            yield result_of(experiment.key, self._run(experiment))

    def _run(self, experiment: CourseExperiment) -> list[Record]:
        before = self._run(COURSE[experiment.before])[0].id if experiment.before else None
        recipes = [experiment.recipe(self._source(experiment), seed, before) for seed in range(experiment.seeds)]
        return [self._record(experiment, recipe) for recipe in recipes]

    def _record(self, experiment: CourseExperiment, recipe: Recipe) -> Record:
        for record in self._kept:
            if record.recipe == recipe:
                return record
        seed = f", run {recipe.training.seed + 1} of {experiment.seeds}" if experiment.seeds > 1 else ""
        self._observer.log(f"{experiment.title}{seed}.")
        split = self._split(recipe)
        outcome = run_experiment(recipe, split, self._storage, observer=self._observer)
        record = keep_outcome(self._storage, recipe, split, outcome, name=f"{experiment.key}{seed}")
        self._kept.append(record)
        return record

    def _split(self, recipe: Recipe) -> Split:
        """Pictures stay in memory while the next experiment uses the same ones."""
        if self._read is None or self._read[0].data != recipe.data or self._read[0].split != recipe.split:
            self._read = None
            self._read = recipe, load_split(recipe.data, recipe.split, self._storage)
        return self._read[1]

    def _source(self, experiment: CourseExperiment) -> Source:
        source = self._sources.get(experiment.data)
        if source is None:
            raise DataError(
                f"{experiment.key} needs the pictures of {experiment.data}: name their folder or zip, or download them."
            )
        return source
