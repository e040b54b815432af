"""`python -m training experiment`: experiments of the course from this terminal."""

from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from recognition.console import AsJson, Storage, counter, messages, open_services, print_json, report_errors
from recognition.settings import load_settings
from training.commands.bar import TrainingBar
from training.commands.following import STOPPED, follow
from training.commands.recipes import network_of, source_of
from training.course.data.choice import DataChoice
from training.course.experiments.recipe import (
    Optimiser,
    Recipe,
    TrainingChoice,
)
from training.course.experiments.record import Record
from training.course.experiments.store import delete_experiment, find_experiment, list_experiments, read_experiment
from training.course.presets import PRESETS
from training.errors import TrainingError
from training.jobs import board_of

app = typer.Typer(help="Train networks on labelled pictures; list, repeat and delete experiments.", no_args_is_help=True)

Named = Annotated[str, typer.Argument(help="Id or name of an experiment.", metavar="EXPERIMENT")]


@app.command("run")
def run_command(
    data: Annotated[
        str, typer.Option(help="digits, faces, the key of a data set kept, or the path of a folder or zip.", metavar="DATA")
    ] = "digits",
    network: Annotated[
        str,
        typer.Option(
            help=f"perceptron, {', '.join(PRESETS)}, or the key of a pretrained network such as dlib or resnet50.",
            metavar="NETWORK",
        ),
    ] = "one-convolution-pool",
    scope: Annotated[str, typer.Option(help="Of a pretrained network: head, last, all or scratch.")] = "head",
    side: Annotated[int | None, typer.Option(help="Side that pictures are resized to, in pixels.")] = None,
    limit: Annotated[int | None, typer.Option(help="Training pictures a class, at most.")] = None,
    optimiser: Annotated[Optimiser | None, typer.Option(help=", ".join(get_args(Optimiser)))] = None,
    rate: Annotated[float | None, typer.Option(help="Learning rate.")] = None,
    batch: Annotated[int | None, typer.Option(help="Pictures a step.")] = None,
    epochs: Annotated[int | None, typer.Option(help="Rounds over the pictures.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of all random numbers; the same seed gives the same network.")] = None,
    recipe: Annotated[
        Path | None, typer.Option(help="A recipe as JSON, in place of all the above.", exists=True, dir_okay=False)
    ] = None,
    name: Annotated[str | None, typer.Option(help="What to call it.")] = None,
    storage: Storage = None,
    as_json: AsJson = False,
) -> None:
    """Train a network and keep it as an experiment."""
    given = {"optimiser": optimiser, "rate": rate, "batch": batch, "epochs": epochs, "seed": seed}
    try:
        if recipe is not None:
            chosen = Recipe.model_validate_json(recipe.read_bytes())
        else:
            chosen = Recipe(
                data=DataChoice(source=source_of(data), limit=limit, side=side),
                network=network_of(network, scope),
                training=TrainingChoice(**_without_none(given)),
            )
    except ValidationError as error:
        first = error.errors()[0]
        raise typer.BadParameter(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    _run(chosen, name, storage, as_json)


@app.command("repeat")
def repeat_command(experiment: Named, storage: Storage = None, as_json: AsJson = False) -> None:
    """Run an experiment again from its record alone."""
    with report_errors():
        record = find_experiment(_storage(storage), experiment)
    _run(record.recipe, record.name, storage, as_json)


@app.command("list")
def list_command(storage: Storage = None, as_json: AsJson = False) -> None:
    """List the experiments kept, newest first."""
    with report_errors():
        records = list_experiments(_storage(storage))
    if as_json:
        print_json([_row(record) for record in records])
        return
    table = Table("Id", "Name", "Parameters", "Training", "Validation", "Test", "Seconds")
    for record in records:
        accuracies = (record.train_accuracy, record.validation_accuracy, record.test_accuracy)
        table.add_row(
            record.id, record.name, f"{record.parameters:,}", *(f"{one:.3f}" for one in accuracies), f"{record.seconds:.0f}"
        )
    Console().print(table)


@app.command("show")
def show_command(experiment: Named, storage: Storage = None) -> None:
    """Print all that is kept of an experiment beside its weights, as JSON."""
    with report_errors():
        print_json(find_experiment(_storage(storage), experiment).model_dump(mode="json"))


@app.command("delete")
def delete_command(experiment: Named, storage: Storage = None) -> None:
    """Delete an experiment and its network."""
    with report_errors():
        place = _storage(storage)
        record = find_experiment(place, experiment)
        delete_experiment(place, record.id)
    messages.print(f"Deleted {record.name}.", markup=False)


def _run(recipe: Recipe, name: str | None, storage: Path | None, as_json: bool) -> None:
    with open_services(storage) as services:
        board = board_of(services)
        job_id = board.start(recipe, name)
        try:
            with counter("Training") as count:
                follow(board, job_id, TrainingBar(count, ("validation_accuracy", "right")))
        except KeyboardInterrupt as error:
            board.cancel(job_id)
            messages.print("Stopped.")
            raise typer.Exit(STOPPED) from error
        job = board.get(job_id)
        if job.model is None:
            raise TrainingError(job.error or "The training was stopped.")
        record = read_experiment(services.settings.storage, job.model)
    if as_json:
        print_json(_row(record))
    else:
        out = Console()
        out.print(f"{record.id}  {record.name}", markup=False, soft_wrap=True)
        out.print(
            f"{record.parameters:,} parameters; right: training {record.train_accuracy:.1%}, validation "
            f"{record.validation_accuracy:.1%}, test {record.test_accuracy:.1%}; {record.seconds:.0f} s"
        )


def _row(record: Record) -> dict[str, object]:
    return {
        "id": record.id,
        "name": record.name,
        "parameters": record.parameters,
        "train_accuracy": record.train_accuracy,
        "validation_accuracy": record.validation_accuracy,
        "test_accuracy": record.test_accuracy,
        "seconds": record.seconds,
    }


def _storage(storage: Path | None) -> Path:
    return load_settings(**({} if storage is None else {"storage": storage})).storage


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
