"""`python -m training course`: the results that the course reports, made again."""

from pathlib import Path
from typing import Annotated, get_args

import typer
from rich.console import Console
from rich.table import Table

from recognition.console import AsJson, Storage, counter, messages, print_json, report_errors
from recognition.settings import load_settings
from training.commands.bar import TrainingBar
from training.course.data.choice import Folder, Source
from training.course.results.experiments import COURSE, Data
from training.course.results.running import Course, CourseResult, stored_sources

LISTED = [key for key, experiment in COURSE.items() if experiment.listed]


def course_command(
    data: Annotated[
        list[str] | None,
        typer.Option(
            help="Where the pictures of mnist and of cifar10 are: a folder or zip of one folder a class. Repeatable. Without "
            "it, data sets imported or downloaded under these names are used.",
            metavar="NAME=PATH",
        ),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(help=f"Run only this: {', '.join(LISTED)}. Repeatable.", metavar="NAME")
    ] = None,
    storage: Storage = None,
    as_json: AsJson = False,
) -> None:
    """Make the results that the course reports again. Every network is kept as an experiment."""
    named = _sources(data or [])
    with report_errors():
        place = load_settings(**({} if storage is None else {"storage": storage})).storage
        sources = stored_sources(place) | named
        results = []
        with counter("Training") as count:
            for result in Course(sources, place, TrainingBar(count, ("validation_accuracy", "right"))).run(only or LISTED):
                results.append(result)
                messages.print(f"{result.experiment}: {result.test_accuracy:.2%} of the test pictures", markup=False)
    if as_json:
        print_json([_row(result) for result in results])
    else:
        Console().print(_table(results))


def _sources(pairs: list[str]) -> dict[Data, Source]:
    found: dict[Data, Source] = {}
    for pair in pairs:
        name, _, path = pair.partition("=")
        known = next((known for known in get_args(Data) if known == name), None)
        if known is None or not path:
            raise typer.BadParameter(f"--data {pair}: say mnist=PATH or cifar10=PATH")
        found[known] = Folder(path=Path(path))
    return found


def _row(result: CourseResult) -> dict[str, object]:
    return {
        "experiment": result.experiment,
        "parameters": result.parameters,
        "train_accuracy": result.train_accuracy,
        "test_accuracy": result.test_accuracy,
        "seconds": result.seconds,
    }


def _table(results: list[CourseResult]) -> Table:
    table = Table("Experiment", "Parameters", "Course", "Training", "Test", "Seconds")
    for result in results:
        experiment = COURSE[result.experiment]
        runs = f" (mean of {experiment.seeds})" if experiment.seeds > 1 else ""
        table.add_row(
            f"{experiment.key}\n{experiment.title}{runs}",
            f"{result.parameters:,}",
            experiment.course,
            f"{result.train_accuracy:.3f}",
            f"{result.test_accuracy:.3f}",
            f"{result.seconds:.0f}",
        )
    return table
